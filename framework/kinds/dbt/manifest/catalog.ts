import { join } from 'node:path/posix'
import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { CodePart, Definition, Form } from '../../../model/definition.ts'
import { functionRelation } from '../../../model/function-relation.ts'
import type { Words } from '../../../model/words.ts'
import { type Code, CodeReader, distinct, versionOf } from '../code-version/code-reader.ts'
import type { CodeSource } from '../code-version/code-source.ts'
import { Macros } from '../code-version/macros.ts'
import { seedTemplate, templateOf } from '../code-version/template.ts'
import { type Folders, pathInRoot } from './file-address.ts'
import { FileReads } from './file-reads.ts'
import type {
  HookFacts,
  ManifestFacts,
  NodeFacts,
  SourceFacts,
  TestFacts,
  UnitTestFacts,
} from './worker-manifest.ts'

/**
 * What decisions and builds need of a dbt project, small enough to read at every start. Nodes and tests
 * refer to their parts by index, because many share a macro.
 */
export interface Catalog {
  readonly parts: readonly CodePart[]
  readonly nodes: readonly CatalogNode[]
  readonly tests: readonly CatalogTest[]
  readonly sources: readonly CatalogSource[]
  readonly disabled: readonly { readonly name: string; readonly file: string }[]
}

export interface CatalogNode {
  /** dbt's unique_id. */
  readonly id: string
  readonly name: string
  readonly package: string
  readonly version: string | null
  /** Whether its bare name refers to this version. */
  readonly latest: boolean
  readonly file: string
  readonly form: Exclude<Form, 'external'>
  readonly accumulates: Definition['accumulates']
  /** `schema.name` in lower case, `schema.name()` of a function; null for an ephemeral. */
  readonly relation: string | null
  /**
   * The file, folder or URL that an external materialization writes; a path is relative to the project
   * root. Empty if it is not known, null for any other materialization.
   */
  readonly writes: string | null
  /** The files and patterns that its code names, relative to the project root; empty for a computed path. */
  readonly reads: readonly string[]
  readonly parents: readonly string[]
  readonly parts: readonly number[]
  readonly codeVersion: string
  readonly clock: boolean
  /** Whether its SQL is worked out from data. */
  readonly data: boolean
  readonly words?: Words
}

export interface CatalogTest {
  readonly id: string
  readonly name: string
  readonly file: string
  readonly severity: 'error' | 'warn'
  readonly parents: readonly string[]
  readonly parts: readonly number[]
  readonly codeVersion: string
  readonly clock: boolean
  readonly codeOnly: boolean
}

export interface CatalogSource {
  readonly id: string
  readonly name: string
  readonly file: string
  readonly relation: string
  /** The file, pattern or URL that holds its rows, relative to the project root; null if the relation does. */
  readonly path: string | null
}

/** What the catalog is made from, besides the manifest. */
export interface CatalogContext extends Folders {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Hash of a file's content. The path is relative to the project root. */
  readonly contentOf: (file: string) => string
}

/** Makes the catalog of a parsed project. Pure except for `contentOf`, which reads seeds. */
export function catalogOf(facts: ManifestFacts, context: CatalogContext): Catalog {
  const pathOf = (packageName: string, file: string) =>
    join(context.projectDir, facts.packages[packageName]?.root ?? '', file)
  const macros = new Macros(facts.macros, facts.project, pathOf)
  const reader = new CodeReader(facts, macros, context.env)
  const profile = Object.entries(facts.profile).map(([key, version]) => ({
    label: `profile ${key}`,
    version,
  }))
  const hooks = facts.hooks.flatMap((hook) => hookParts(hook, pathOf, reader))
  const parts: CodePart[] = []
  const indices = new Map<string, number>()
  const fieldsOf = (code: Code) => ({
    parts: code.parts.map((part) => {
      const key = stableJson([part.label, part.version, part.file ?? null, part.because ?? null])
      const index = indices.get(key) ?? parts.push(part) - 1
      indices.set(key, index)
      return index
    }),
    codeVersion: code.version,
    clock: code.clock,
  })

  // The code of a function is part of the code of its callers (SEMANTICS 31).
  const functions = new Map(
    facts.nodes.flatMap((node) => (node.resource === 'function' ? [[node.id, node]] : [])),
  )
  const withFunctions = (source: CodeSource, parents: readonly string[]): Code => {
    const called = parents.flatMap((id) => functions.get(id) ?? [])
    const callees = called.map((callee) => ({ callee, code: codeOf(callee) }))
    const extraParts = callees.map(({ callee, code }) => functionPart(callee, code, pathOf))
    const code = reader.read({ ...source, extraParts: [...source.extraParts, ...extraParts] })
    return { ...code, clock: code.clock || callees.some((callee) => callee.code.clock) }
  }
  const reads = new FileReads(facts)
  const codes = new Map<string, Code>()
  const codeOf = (node: NodeFacts): Code => {
    const known = codes.get(node.id)
    if (known !== undefined) return known
    const source = nodeSource(node, readable, pathOf(node.package, node.file), facts, context)
    const own = withFunctions(source, node.parents)
    const code = withParts(own, node.resource === 'seed' ? profile : [...profile, ...hooks])
    codes.set(node.id, code)
    return code
  }
  const readable = new Map([...facts.nodes, ...facts.sources].map((one) => [one.id, one]))
  const nodes = facts.nodes.map((node): CatalogNode => {
    const file = pathOf(node.package, node.file)
    const code = codeOf(node)
    const form = formOf(node)
    return {
      id: node.id,
      name: node.name,
      package: node.package,
      version: node.version === null ? null : String(node.version),
      latest: node.latest,
      file,
      form,
      accumulates: accumulatesOf(node),
      relation: form === 'ephemeral' ? null : relationOf(node),
      writes: node.location === null ? null : pathInRoot(node.location, context),
      reads: reads.of(node).map((path) => pathInRoot(path, context)),
      parents: node.parents,
      ...fieldsOf(code),
      data: code.data,
      ...(node.words === null ? {} : { words: node.words }),
    }
  })
  const tests = facts.tests.map((test): CatalogTest => {
    const file = pathOf(test.package, test.file)
    const severity = String(test.config.severity).toLowerCase() === 'warn' ? 'warn' : 'error'
    const code = withParts(withFunctions(testSource(test, file), test.parents), [
      ...profile,
      ...hooks,
    ])
    const { id, name, parents } = test
    return { id, name, file, severity, parents, ...fieldsOf(code), codeOnly: false }
  })
  const unitTests = facts.unit_tests.map((test): CatalogTest => {
    const file = pathOf(test.package, test.file)
    const { id, name, parents } = test
    const code = unitTestCode(test, file, codes)
    return { id, name, file, severity: 'error', parents, ...fieldsOf(code), codeOnly: true }
  })
  const sources = facts.sources.map(({ id, name, file, schema, identifier, location }) => ({
    id,
    name,
    file: join(context.projectDir, file),
    relation: `${schema}.${identifier}`.toLowerCase(),
    path: location === null ? null : pathInRoot(location, context),
  }))
  const disabled = facts.disabled.map(({ name, file }) => ({
    name,
    file: join(context.projectDir, file),
  }))
  return { parts, nodes, tests: [...tests, ...unitTests], sources, disabled }
}

function nodeSource(
  node: NodeFacts,
  readable: ReadonlyMap<string, NodeFacts | SourceFacts>,
  file: string,
  facts: ManifestFacts,
  context: CatalogContext,
): CodeSource {
  const { package: owner, config, strings, macros, strategies, entry } = node
  const read = node.parents.flatMap((id) => readable.get(id) ?? [])
  const common = { file, package: owner, config, strings, macros, strategies, entry }
  const extraParts = [
    ...(node.columns.length === 0 ? [] : [contractPart(node, file)]),
    ...(node.location ? [{ label: 'location', version: hash(node.location), file }] : []),
    ...(node.signature === null
      ? []
      : [{ label: 'signature', version: hash(stableJson(node.signature)), file }]),
    ...eventTimeParts(node, read),
    ...(node.relation_name === null ? [] : [quotingPart(node.relation_name)]),
  ]
  const relations = relationParts(node, read)
  const materialization = facts.materializations[String(config.materialized)] ?? null
  if (node.template === null) {
    const template = seedTemplate(context.contentOf(file))
    return { ...common, extraParts, relations, label: 'rows', template, materialization: null }
  }
  const template = templateOf(node.template)
  return { ...common, extraParts, relations, label: node.resource, template, materialization }
}

/** A function as a part of the code of its callers. */
function functionPart(
  { name, package: packageName, file }: NodeFacts,
  code: Code,
  pathOf: (packageName: string, file: string) => string,
): CodePart {
  return { label: `function ${name}`, version: code.version, file: pathOf(packageName, file) }
}

/** With other quotes, a relation of the same name is another relation in some warehouses. */
function quotingPart(relation: string): CodePart {
  return { label: 'quoting', version: hash(relation.replace(/[^".`[\]]+/g, '_')) }
}

function relationParts(
  node: NodeFacts,
  read: readonly (NodeFacts | SourceFacts)[],
): readonly CodePart[] {
  return [
    { label: 'this', version: hash(node.relation_name ?? '') },
    ...read.flatMap(({ name, relation_name: relation }) =>
      relation === null ? [] : [{ label: `relation of ${name}`, version: hash(relation) }],
    ),
  ]
}

function contractPart(node: NodeFacts, file: string): CodePart {
  return { label: 'contract', version: hash(stableJson(node.columns)), file }
}

/** dbt filters the inputs of a microbatch model by their `event_time`. */
function eventTimeParts(
  { config }: NodeFacts,
  read: readonly (NodeFacts | SourceFacts)[],
): readonly CodePart[] {
  if (config.incremental_strategy !== 'microbatch') return []
  return read.flatMap(({ name, config: { event_time: time } }) =>
    time == null ? [] : [{ label: `event_time of ${name}`, version: hash(String(time)) }],
  )
}

/**
 * The parts of an `on-run-start` statement. It may create functions, types or settings that any SQL can see
 * (SEMANTICS 32), so they are parts of all code.
 */
function hookParts(
  hook: HookFacts,
  pathOf: (packageName: string, file: string) => string,
  reader: CodeReader,
): readonly CodePart[] {
  if (hook.template === null) return []
  const { package: owner, config, strings, macros, strategies, entry, index } = hook
  const file = pathOf(owner, hook.file)
  const label = `on-run-start ${index + 1} of ${owner}`
  const { parts } = reader.read({
    file,
    package: owner,
    config,
    strings,
    macros,
    strategies,
    entry,
    label,
    template: templateOf(hook.template),
    materialization: null,
    extraParts: [],
    relations: [],
  })
  const isOwn = (part: CodePart) => part.label.startsWith('model.') || part.label === 'config'
  return parts.map((part) => (isOwn(part) ? { ...part, label: `${label}: ${part.label}` } : part))
}

function withParts(code: Code, more: readonly CodePart[]): Code {
  if (more.length === 0) return code
  const parts = distinct([...code.parts, ...more])
  return { ...code, parts, version: versionOf(parts) }
}

function testSource(test: TestFacts, file: string): CodeSource {
  const { package: owner, config, strings, macros, strategies, entry } = test
  const args = test.arguments
  return {
    label: 'test',
    file,
    package: owner,
    config,
    strings,
    macros,
    strategies,
    entry,
    template: templateOf(test.template!),
    materialization: null,
    relations: [],
    extraParts:
      args === null ? [] : [{ label: 'arguments', version: hash(stableJson(args)), file }],
  }
}

/** The code of a unit test: its definition, and all parts of the model that it tests. */
function unitTestCode(test: UnitTestFacts, file: string, codes: ReadonlyMap<string, Code>): Code {
  const model = codes.get(test.parents[0] ?? '')
  const own = { label: 'unit test', version: hash(stableJson(test.definition)), file }
  const parts = [own, ...(model?.parts ?? [])]
  return { parts, version: versionOf(parts), clock: false, data: false }
}

/** `schema.name`, with `()` if readers call it; the same as `relation_of` in worker_nodes.py. */
function relationOf(node: NodeFacts): string {
  const name = `${node.schema}.${node.alias}`.toLowerCase()
  return isCalled(node) ? functionRelation(name) : name
}

/** A function or a table function: like a view, it holds no data and shows what it reads. */
function isCalled({ config }: NodeFacts): boolean {
  return config.materialized === 'function' || config.materialized === 'table_function'
}

function formOf(node: NodeFacts): CatalogNode['form'] {
  if (isCalled(node)) return 'view'
  if (node.resource !== 'model') return 'stored'
  const materialized = node.config.materialized
  return materialized === 'view' || materialized === 'ephemeral' ? materialized : 'stored'
}

function accumulatesOf(node: NodeFacts): CatalogNode['accumulates'] {
  if (node.resource === 'snapshot') return 'snapshot'
  return node.config.materialized === 'incremental' ? 'incremental' : 'no'
}
