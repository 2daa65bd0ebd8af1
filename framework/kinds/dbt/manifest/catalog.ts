import { join } from 'node:path/posix'
import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { CodePart, Definition, Form } from '../../../model/definition.ts'
import type { Words } from '../../../model/words.ts'
import {
  type Code,
  CodeReader,
  type CodeSource,
  distinct,
  versionOf,
} from '../code-version/code-reader.ts'
import { Macros } from '../code-version/macros.ts'
import { seedTemplate, templateOf } from '../code-version/template.ts'
import type {
  HookFacts,
  ManifestFacts,
  NodeFacts,
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
  /** `schema.name` in lower case; null for an ephemeral. */
  readonly relation: string | null
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
}

/** What the catalog is made from, besides the manifest. */
export interface CatalogContext {
  /** The dbt project's folder, relative to the project root. */
  readonly projectDir: string
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

  const codes = new Map<string, Code>()
  const nodes = facts.nodes.map((node): CatalogNode => {
    const file = pathOf(node.package, node.file)
    const own = reader.read(nodeSource(node, file, facts, context))
    const code = withParts(own, node.resource === 'seed' ? profile : [...profile, ...hooks])
    codes.set(node.id, code)
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
      relation: form === 'ephemeral' ? null : `${node.schema}.${node.alias}`.toLowerCase(),
      parents: node.parents,
      ...fieldsOf(code),
      data: code.data,
      ...(node.words === null ? {} : { words: node.words }),
    }
  })
  const tests = facts.tests.map((test): CatalogTest => {
    const file = pathOf(test.package, test.file)
    const severity = String(test.config.severity).toLowerCase() === 'warn' ? 'warn' : 'error'
    const code = withParts(reader.read(testSource(test, file)), [...profile, ...hooks])
    const { id, name, parents } = test
    return { id, name, file, severity, parents, ...fieldsOf(code), codeOnly: false }
  })
  const unitTests = facts.unit_tests.map((test): CatalogTest => {
    const file = pathOf(test.package, test.file)
    const { id, name, parents } = test
    const code = unitTestCode(test, file, codes)
    return { id, name, file, severity: 'error', parents, ...fieldsOf(code), codeOnly: true }
  })
  const sources = facts.sources.map(({ id, name, file, schema, identifier }) => ({
    id,
    name,
    file: join(context.projectDir, file),
    relation: `${schema}.${identifier}`.toLowerCase(),
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
  const { package: owner, config, strings, macros, strategies, entry } = node
  const common = { file, package: owner, config, strings, macros, strategies, entry }
  const extraParts = [
    ...(node.columns.length === 0 ? [] : [contractPart(node, file)]),
    ...eventTimeParts(node, facts),
  ]
  const materialization = facts.materializations[String(config.materialized)] ?? null
  if (node.template === null) {
    const template = seedTemplate(context.contentOf(file))
    return { ...common, extraParts, label: 'rows', template, materialization: null }
  }
  const template = templateOf(node.template)
  return { ...common, extraParts, label: node.resource, template, materialization }
}

function contractPart(node: NodeFacts, file: string): CodePart {
  return { label: 'contract', version: hash(stableJson(node.columns)), file }
}

/** dbt filters the inputs of a microbatch model by their `event_time`. */
function eventTimeParts(node: NodeFacts, facts: ManifestFacts): readonly CodePart[] {
  if (node.config.incremental_strategy !== 'microbatch') return []
  return [...facts.nodes, ...facts.sources].flatMap(({ id, name, config }) => {
    const time = node.parents.includes(id) ? config.event_time : undefined
    return time == null ? [] : [{ label: `event_time of ${name}`, version: hash(String(time)) }]
  })
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

function formOf(node: NodeFacts): CatalogNode['form'] {
  if (node.resource !== 'model') return 'stored'
  const materialized = node.config.materialized
  return materialized === 'view' || materialized === 'ephemeral' ? materialized : 'stored'
}

function accumulatesOf(node: NodeFacts): CatalogNode['accumulates'] {
  if (node.resource === 'snapshot') return 'snapshot'
  return node.config.materialized === 'incremental' ? 'incremental' : 'no'
}
