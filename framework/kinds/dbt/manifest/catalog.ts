import { join } from 'node:path/posix'
import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { CodePart, Definition, Form } from '../../../model/definition.ts'
import { functionRelation } from '../../../model/function-relation.ts'
import {
  type Code,
  CodeReader,
  type CodeSource,
  strings,
  versionOf,
} from '../code-version/code-reader.ts'
import { Macros } from '../code-version/macros.ts'
import { readPython, readTemplate, type Template } from '../code-version/template.ts'
import { type Folders, pathInRoot } from './file-address.ts'
import { FileReads } from './file-reads.ts'
import type { ManifestFacts, NodeFacts, TestFacts, UnitTestFacts } from './worker-manifest.ts'

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
  const reader = new CodeReader(facts, new Macros(facts, pathOf), context.env)
  const reads = new FileReads(facts)
  const parts: CodePart[] = []
  const indices = new Map<string, number>()
  const fieldsOf = (code: Code) => ({
    parts: code.parts.map((part) => {
      const key = stableJson([part.label, part.version, part.file ?? null])
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
  const codes = new Map<string, Code>()
  const codeOf = (node: NodeFacts): Code => {
    const source = nodeSource(node, pathOf(node.package, node.file), facts, context)
    const code = codes.get(node.id) ?? withFunctions(source, node.parents)
    codes.set(node.id, code)
    return code
  }
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
    }
  })
  const tests = facts.tests.map((test): CatalogTest => {
    const file = pathOf(test.package, test.file)
    const severity = String(test.config.severity).toLowerCase() === 'warn' ? 'warn' : 'error'
    const code = withFunctions(testSource(test, file), test.parents)
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
  file: string,
  facts: ManifestFacts,
  context: CatalogContext,
): CodeSource {
  const materialized = facts.materializations[String(node.config.materialized)] ?? null
  const extraParts = [
    ...(node.columns.length === 0 ? [] : [contractPart(node, file)]),
    ...(node.location ? [{ label: 'location', version: hash(node.location), file }] : []),
    ...(node.signature === null
      ? []
      : [{ label: 'signature', version: hash(stableJson(node.signature)), file }]),
  ]
  const common = { file, package: node.package, config: node.config, extraParts }
  if (node.resource === 'seed') {
    return {
      ...common,
      label: 'rows',
      template: contentTemplate(context.contentOf(file)),
      macros: [],
    }
  }
  return {
    ...common,
    label: node.resource,
    template: dispatching(
      node.language === 'python' ? readPython(node.code) : readTemplate(node.code),
      node,
    ),
    macros: materialized === null ? node.macros : [...node.macros, materialized],
  }
}

function contractPart(node: NodeFacts, file: string): CodePart {
  return { label: 'contract', version: hash(stableJson(node.columns)), file }
}

/**
 * The materialization of functions dispatches a macro whose name it makes from the config:
 * `scalar_function_sql`. Source: `get_function_macro_name` of dbt-adapters.
 */
function dispatching(template: Template, { resource, config, language }: NodeFacts): Template {
  if (resource !== 'function') return template
  const macro = `${config.type ?? 'scalar'}_function_${language}`
  return { ...template, dispatched: new Set([...template.dispatched, macro]) }
}

/** A function as a part of the code of its callers. */
function functionPart(
  { name, package: packageName, file }: NodeFacts,
  code: Code,
  pathOf: (packageName: string, file: string) => string,
): CodePart {
  return { label: `function ${name}`, version: code.version, file: pathOf(packageName, file) }
}

/** The template of a seed. It is identified by its bytes, because its rows are not SQL. */
function contentTemplate(digest: string): Template {
  return { ...readTemplate(''), digest, exact: digest }
}

function testSource(test: TestFacts, file: string): CodeSource {
  const args = test.arguments === null ? [] : strings(test.arguments).map(readTemplate)
  return {
    label: 'test',
    file,
    package: test.package,
    template: merged([readTemplate(test.code), ...args]),
    macros: test.macros,
    config: test.config,
    extraParts:
      test.arguments === null
        ? []
        : [{ label: 'arguments', version: hash(stableJson(test.arguments)), file }],
  }
}

/** One template with the digest of the first and the names of all. */
function merged(templates: readonly Template[]): Template {
  return templates.reduce((a, b) => ({
    digest: a.digest,
    exact: a.exact,
    vars: new Set([...a.vars, ...b.vars]),
    envVars: new Set([...a.envVars, ...b.envVars]),
    dispatched: new Set([...a.dispatched, ...b.dispatched]),
    quotedCalls: new Set([...a.quotedCalls, ...b.quotedCalls]),
    clock: a.clock || b.clock,
  }))
}

/** The code of a unit test: its definition, and all parts of the model that it tests. */
function unitTestCode(test: UnitTestFacts, file: string, codes: ReadonlyMap<string, Code>): Code {
  const model = codes.get(test.parents[0] ?? '')
  const own = { label: 'unit test', version: hash(stableJson(test.definition)), file }
  const parts = [own, ...(model?.parts ?? [])]
  return { parts, version: versionOf(parts), clock: false }
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
