import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Column, ColumnFacts, ColumnSource } from '../../model/columns.ts'
import type { Definition } from '../../model/definition.ts'
import { plainSql, type TableName } from './plain-sql.ts'

/** What dbt's project declares of columns. */
export interface DeclaredColumns {
  /** The columns of an enforced contract, by dbt's unique_id. */
  readonly contracts: ReadonlyMap<string, readonly Column[]>
  /** The relation of each source, by `source.table`. */
  readonly sources: ReadonlyMap<string, string>
}

/**
 * What the files of dbt's nodes say of columns: a contract; the head of a seed; the query of a model whose Jinja only
 * names tables. Of a name that could mean two nodes, nothing is said.
 */
export function columnsInFiles(
  root: string,
  definitions: ReadonlyMap<string, Definition>,
  { contracts, sources }: DeclaredColumns,
): ReadonlyMap<string, ColumnFacts> {
  const assets = new NamedAssets(definitions, sources)
  const facts = new Map<string, ColumnFacts>()
  for (const { asset, kind, build } of definitions.values()) {
    if (kind !== 'dbt') continue
    const { node, file } = build as { readonly node: string; readonly file: string }
    const path = join(root, file)
    const text = existsSync(path) ? readFileSync(path, 'utf8') : null
    const contract = contracts.get(node)
    const source =
      contract !== undefined
        ? ({ is: 'list', columns: contract } as const)
        : text === null
          ? null
          : sourceOf(node, file, text, (name) => assets.of(name))
    const isRead = text !== null && !node.startsWith('seed.')
    facts.set(asset, { source, text: isRead ? { file, text } : null })
  }
  return facts
}

function sourceOf(
  node: string,
  file: string,
  text: string,
  assetOf: (name: TableName) => string | null,
): ColumnSource | null {
  if (node.startsWith('seed.')) {
    const columns = headOf(text)
    return columns === null ? null : { is: 'list', columns }
  }
  const isQuery = /^(?:model|snapshot)\./.test(node) && file.endsWith('.sql')
  // A file can hold several snapshots.
  const isOne = (text.match(/\{%-?\s*snapshot\b/g) ?? []).length < 2
  const plain = isQuery && isOne ? plainSql(text) : null
  if (plain === null) return null
  const tables = Object.fromEntries(
    [...plain.tables].flatMap(([name, table]) => {
      const asset = assetOf(table)
      return asset === null ? [] : [[name, asset]]
    }),
  )
  return { is: 'query', sql: plain.sql, tables }
}

/** The columns in the first line of a CSV file with commas; null for any other form. */
function headOf(text: string): readonly Column[] | null {
  const line = text.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0] ?? ''
  const names = line.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
  const isPlain = names.every((name) => /^\w[\w $-]*$/.test(name))
  return isPlain ? names.map((name) => ({ name, type: null })) : null
}

/** The assets behind the names in `ref` and `source`. */
class NamedAssets {
  /** By name, and by `package.name`; null for a name of two nodes. */
  readonly #byName = new Map<string, string | null>()
  readonly #byRelation = new Map<string, string>()
  readonly #sources: DeclaredColumns['sources']

  constructor(definitions: ReadonlyMap<string, Definition>, sources: DeclaredColumns['sources']) {
    this.#sources = sources
    for (const { asset, kind, relation, build } of definitions.values()) {
      if (relation !== null) this.#byRelation.set(relation.toLowerCase(), asset)
      if (kind !== 'dbt') continue
      const [, owner, ...names] = (build as { readonly node: string }).node.split('.')
      // Of a model with versions, the bare name means the latest one.
      const [name] = names
      for (const key of [name!, `${owner}.${name}`]) {
        this.#byName.set(key, names.length > 1 || this.#byName.has(key) ? null : asset)
      }
    }
  }

  of(table: TableName): string | null {
    if (table.is === 'ref') return this.#byName.get(table.name) ?? null
    const relation = this.#sources.get(table.name)
    return relation === undefined ? null : (this.#byRelation.get(relation.toLowerCase()) ?? null)
  }
}
