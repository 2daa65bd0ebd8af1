import { join } from 'node:path/posix'
import { hash } from '../../../lib/hash.ts'
import { type Json, stableJson } from '../../../lib/json.ts'
import type { Column } from '../../../model/columns.ts'
import type { CodePart, Definition, Form } from '../../../model/definition.ts'
import { functionRelation } from '../../../model/function-relation.ts'
import { relationText } from '../../../model/relation-name.ts'
import type { Words } from '../../../model/words.ts'
import type { Code } from '../code-version/code-reader.ts'
import { type CodeContext, ProjectCode } from '../code-version/project-code.ts'
import { freshnessCheckName } from '../source-freshness.ts'
import { type Folders, pathInRoot } from './file-address.ts'
import { FileReads } from './file-reads.ts'
import type { About, Elsewhere, ManifestFacts, NodeFacts, TestFacts } from './worker-manifest.ts'

/**
 * What decisions and builds need of a dbt project, small enough to read at every start. Nodes and tests
 * refer to their parts by index, because many share a macro.
 */
export interface Catalog {
  readonly parts: readonly CodePart[]
  readonly nodes: readonly CatalogNode[]
  readonly tests: readonly CatalogTest[]
  /** The freshness of sources, which dbt asks by their unique_ids. */
  readonly ages: readonly CatalogTest[]
  readonly sources: readonly CatalogSource[]
  readonly disabled: readonly { readonly name: string; readonly file: string }[]
  readonly elsewhere: Elsewhere | null
  /** The unique_ids that are assets and checks; null for all. */
  readonly selected: readonly string[] | null
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
  /**
   * `schema.name` in lower case, `schema.name()` of a function; null for an ephemeral. Before it the database, if
   * it is not the target's own.
   */
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
  /** The columns that a contract enforces. */
  readonly columns?: readonly Column[]
  readonly about: About
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
  readonly about: About
}

/** Only an enforced contract names all columns. Its constraints have no name of a column. */
function contractOf({ columns }: NodeFacts): Pick<CatalogNode, 'columns'> {
  const named = columns.flatMap((column): Column[] => {
    const { name, data_type: type } = column as { readonly name?: Json; readonly data_type?: Json }
    const isColumn = typeof name === 'string' && typeof type === 'string'
    return isColumn ? [{ name, type }] : []
  })
  return named.length === 0 ? {} : { columns: named }
}

/** What the catalog is made from, besides the manifest. */
export type CatalogContext = Folders & Omit<CodeContext, 'pathOf'>

/** Makes the catalog of a parsed project. Pure except for `contentOf`, which reads seeds. */
export function catalogOf(facts: ManifestFacts, context: CatalogContext): Catalog {
  const pathOf = (packageName: string, file: string) =>
    join(context.projectDir, facts.packages[packageName]?.root ?? '', file)
  const code = new ProjectCode(facts, { ...context, pathOf })
  const reads = new FileReads(facts)
  const parts: CodePart[] = []
  const indices = new Map<string, number>()
  const fieldsOf = ({ parts: own, version: codeVersion, clock }: Omit<Code, 'data'>) => ({
    parts: own.map((part) => {
      const key = stableJson([part.label, part.version, part.file ?? null, part.because ?? null])
      const index = indices.get(key) ?? parts.push(part) - 1
      indices.set(key, index)
      return index
    }),
    codeVersion,
    clock,
  })

  const nodes = facts.nodes.map((node): CatalogNode => {
    const { id, name, package: owner, version, latest, location, parents, words } = node
    const own = code.of(node)
    const form = formOf(node)
    return {
      id,
      name,
      package: owner,
      version: version === null ? null : String(version),
      latest,
      file: pathOf(owner, node.file),
      form,
      accumulates: accumulatesOf(node),
      relation: form === 'ephemeral' ? null : relationOf(node),
      writes: location === null ? null : pathInRoot(location, context),
      reads: reads.of(node).map((path) => pathInRoot(path, context)),
      parents,
      ...fieldsOf(own),
      data: own.data,
      ...(words === null ? {} : { words }),
      ...contractOf(node),
      about: node.about,
    }
  })
  const tests = facts.tests.map((test): CatalogTest => {
    const { id, name } = test
    const parents = attachedFirst(test)
    const severity = String(test.config.severity).toLowerCase() === 'warn' ? 'warn' : 'error'
    const file = pathOf(test.package, test.file)
    return { id, name, file, severity, parents, ...fieldsOf(code.ofTest(test)), codeOnly: false }
  })
  const unitTests = facts.unit_tests.map((test): CatalogTest => {
    const { id, name, parents } = test
    const file = pathOf(test.package, test.file)
    const own = fieldsOf(code.ofUnitTest(test))
    return { id, name, file, severity: 'error', parents, ...own, codeOnly: true }
  })
  const sources = facts.sources.map((source): CatalogSource => {
    const { id, name, file, database, schema, identifier, location, about } = source
    return {
      id,
      name,
      file: join(context.projectDir, file),
      relation: relationText({ database, schema, name: identifier }).toLowerCase(),
      path: location === null ? null : pathInRoot(location, context),
      about,
    }
  })
  const ages = facts.sources.flatMap((source): readonly CatalogTest[] => {
    const { id, name, file: inProject, freshness } = source
    if (freshness === null) return []
    const file = join(context.projectDir, inProject)
    const version = hash('source freshness', stableJson(freshness))
    const own = fieldsOf({ parts: [{ label: 'freshness', version, file }], version, clock: true })
    const severity = freshness.error ? 'error' : 'warn'
    const common = { id, name: freshnessCheckName(name), file, severity } as const
    return [{ ...common, parents: [id], ...own, codeOnly: false }]
  })
  const disabled = facts.disabled.map(({ name, file }) => ({
    name,
    file: join(context.projectDir, file),
  }))
  const { elsewhere, selected } = facts
  const all = [...tests, ...unitTests]
  return { parts, nodes, tests: all, ages, sources, disabled, elsewhere, selected }
}

/** Whether `select:` and `exclude:` of the project choose a node or a test, by unique_id. */
export function selectionOf({ selected }: Pick<Catalog, 'selected'>): (id: string) => boolean {
  if (selected === null) return () => true
  const ids = new Set(selected)
  return (id) => ids.has(id)
}

/** `schema.name`, with `()` if readers call it; the same as `relation_of` in worker_nodes.py. */
function relationOf(node: NodeFacts): string {
  const { database, schema, alias } = node
  const name = relationText({ database, schema, name: alias }).toLowerCase()
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

/** What a test reads, first the node that it is declared at: dbt lists the other side of a relationship first. */
function attachedFirst({ parents, attached }: TestFacts): readonly string[] {
  if (attached == null || !parents.includes(attached)) return parents
  return [attached, ...parents.filter((one) => one !== attached)]
}
