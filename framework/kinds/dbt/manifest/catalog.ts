import { join } from 'node:path/posix'
import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { CodePart, Definition, Form } from '../../../model/definition.ts'
import { type Code, CodeReader, type Origin, strings, versionOf } from '../code-version/code-reader.ts'
import { Macros } from '../code-version/macros.ts'
import { readPython, readTemplate, type Template } from '../code-version/template.ts'
import type { Facts, NodeFacts, TestFacts, UnitTestFacts } from './worker-manifest.ts'

/**
 * All that deciding and building needs of a dbt project, small enough to read at every start.
 * Parts stand once, because macros are shared; nodes and tests name them by index.
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
  /** Whether its bare name means it. */
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

/** Where a project's files are and what else its code depends on. */
export interface Surroundings {
  /** The dbt project's folder, relative to the project root. */
  readonly projectDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Hash of a file's content; the path is relative to the project root. */
  readonly contentOf: (file: string) => string
}

/** Works a parsed project down to its catalog. Pure but for `contentOf`, which reads seeds. */
export function catalogOf(facts: Facts, around: Surroundings): Catalog {
  const place = (packageName: string, file: string) =>
    join(around.projectDir, facts.packages[packageName]?.root ?? '', file)
  const reader = new CodeReader(facts, new Macros(facts, place), around.env)
  const parts: CodePart[] = []
  const indices = new Map<string, number>()
  const shared = (code: Code) => ({
    parts: code.parts.map((part) => {
      const key = stableJson([part.label, part.version, part.file ?? null])
      const index = indices.get(key) ?? parts.push(part) - 1
      indices.set(key, index)
      return index
    }),
    codeVersion: code.version,
    clock: code.clock,
  })

  const codes = new Map<string, Code>()
  const nodes = facts.nodes.map((node): CatalogNode => {
    const file = place(node.package, node.file)
    const code = reader.read(nodeOrigin(node, file, facts, around))
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
      ...shared(code),
    }
  })
  const tests = facts.tests.map((test): CatalogTest => {
    const file = place(test.package, test.file)
    const severity = String(test.config.severity).toLowerCase() === 'warn' ? 'warn' : 'error'
    const code = reader.read(testOrigin(test, file))
    const { id, name, parents } = test
    return { id, name, file, severity, parents, ...shared(code), codeOnly: false }
  })
  const unitTests = facts.unit_tests.map((test): CatalogTest => {
    const file = place(test.package, test.file)
    const { id, name, parents } = test
    const code = unitTestCode(test, file, codes)
    return { id, name, file, severity: 'error', parents, ...shared(code), codeOnly: true }
  })
  const sources = facts.sources.map(({ id, name, file, schema, identifier }) => ({
    id,
    name,
    file: join(around.projectDir, file),
    relation: `${schema}.${identifier}`.toLowerCase(),
  }))
  const disabled = facts.disabled.map(({ name, file }) => ({
    name,
    file: join(around.projectDir, file),
  }))
  return { parts, nodes, tests: [...tests, ...unitTests], sources, disabled }
}

function nodeOrigin(node: NodeFacts, file: string, facts: Facts, around: Surroundings): Origin {
  const materialized = facts.materializations[String(node.config.materialized)] ?? null
  const columns = node.columns.length === 0 ? [] : [contractPart(node, file)]
  const common = { file, package: node.package, config: node.config, more: columns }
  if (node.resource === 'seed') {
    return {
      ...common,
      label: 'rows',
      template: contentTemplate(around.contentOf(file)),
      macros: [],
    }
  }
  return {
    ...common,
    label: node.resource,
    template: node.language === 'python' ? readPython(node.code) : readTemplate(node.code),
    macros: materialized === null ? node.macros : [...node.macros, materialized],
  }
}

function contractPart(node: NodeFacts, file: string): CodePart {
  return { label: 'contract', version: hash(stableJson(node.columns)), file }
}

/** A seed is its rows: nothing in them is SQL. */
function contentTemplate(digest: string): Template {
  return { ...readTemplate(''), digest, exact: digest }
}

function testOrigin(test: TestFacts, file: string): Origin {
  const given = test.arguments === null ? [] : strings(test.arguments).map(readTemplate)
  return {
    label: 'test',
    file,
    package: test.package,
    template: joined([readTemplate(test.code), ...given]),
    macros: test.macros,
    config: test.config,
    more:
      test.arguments === null
        ? []
        : [{ label: 'arguments', version: hash(stableJson(test.arguments)), file }],
  }
}

function joined(templates: readonly Template[]): Template {
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

/** A unit test follows code: its own rows and the model that it tries, with all its ingredients. */
function unitTestCode(test: UnitTestFacts, file: string, codes: ReadonlyMap<string, Code>): Code {
  const tried = codes.get(test.parents[0] ?? '')
  const own = { label: 'unit test', version: hash(stableJson(test.definition)), file }
  const parts = [own, ...(tried?.parts ?? [])]
  return { parts, version: versionOf(parts), clock: false }
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
