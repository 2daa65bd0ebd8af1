import type { Json } from '../lib/json.ts'
import type { Column } from '../model/columns.ts'

/** The columns of a table by its name in a query; null: not known. */
export type ColumnsOfTable = (name: string) => readonly Column[] | null

type Tree = Readonly<Record<string, Json>>

/**
 * The columns that a query gives, from the tree of `ParseSql`; null if the query alone does not say for certain. A name
 * counts as written, and the type only of a cast. Pure.
 */
export function columnsOfQuery(node: Json, columnsOf: ColumnsOfTable): readonly Column[] | null {
  return new Scope(columnsOf).query(node)
}

/** The tables that a query can name. */
class Scope {
  readonly #outside: ColumnsOfTable
  readonly #ctes = new Map<string, readonly Column[] | null>()

  constructor(outside: ColumnsOfTable) {
    this.#outside = outside
  }

  query(json: Json): readonly Column[] | null {
    const node = treeOf(json)
    if (node === null) return null
    const scope = new Scope((name) => this.#table(name))
    for (const { key, value } of mapOf(node.cte_map)) {
      const { aliases, query } = value
      const found = scope.query(treeOf(query)?.node ?? null)
      scope.#ctes.set(key.toLowerCase(), renamed(found, listOf(aliases)))
    }
    switch (node.type) {
      case 'SELECT_NODE':
        return scope.#select(node)
      case 'SET_OPERATION_NODE': {
        // By name, each side can have columns that the other one lacks.
        if (node.setop_type === 'UNION_BY_NAME') return null
        return withoutTypes(scope.query(node.left ?? null))
      }
      default:
        return null
    }
  }

  #table(name: string): readonly Column[] | null {
    const own = this.#ctes.get(name.toLowerCase())
    return own === undefined ? this.#outside(name) : own
  }

  #select({ select_list: list, from_table: from }: Tree): readonly Column[] | null {
    const columns: Column[] = []
    for (const json of listOf(list)) {
      const item = treeOf(json)
      const found = item === null ? null : this.#item(item, treeOf(from))
      if (found === null) return null
      columns.push(...found)
    }
    // Two of a name: only a warehouse says what becomes of them, and USING makes one of two.
    const names = new Set(columns.map(({ name }) => name.toLowerCase()))
    return names.size === columns.length ? columns : null
  }

  #item(item: Tree, from: Tree | null): readonly Column[] | null {
    if (item.class === 'STAR') return this.#star(item, from)
    const alias = textOf(item.alias)
    const type = item.class === 'CAST' ? typeOf(item.cast_type) : null
    if (alias !== '') return [{ name: alias, type }]
    const inner = item.class === 'CAST' ? treeOf(item.child) : item
    const path = inner?.class === 'COLUMN_REF' ? listOf(inner.column_names) : []
    const name = textOf(path.at(-1))
    // `a.b.c` may be a field of a column. Of a cast without an alias, the name depends on the warehouse.
    return item.class !== 'COLUMN_REF' || path.length > 2 || name === '' ? null : [{ name, type }]
  }

  /** `*`, `t.*`, with `exclude` and `replace`. */
  #star(item: Tree, from: Tree | null): readonly Column[] | null {
    const isPlain =
      item.columns === false &&
      item.expr === null &&
      listOf(item.rename_list).length + listOf(item.qualified_exclude_list).length === 0
    const wanted = textOf(item.relation_name)
    const tables = isPlain && from !== null ? this.#tablesOf(from) : null
    const named = tables?.filter(({ name }) => wanted === '' || isSame(name, wanted)) ?? []
    if (named.length === 0 || (wanted !== '' && named.length > 1)) return null
    const left = new Set(listOf(item.exclude_list).map((name) => textOf(name).toLowerCase()))
    const replaced = new Set(
      mapOf({ map: item.replace_list ?? [] }).map(({ key }) => key.toLowerCase()),
    )
    const columns: Column[] = []
    for (const { columns: own } of named) {
      if (own === null) return null
      for (const { name, type } of own) {
        if (left.has(name.toLowerCase())) continue
        columns.push({ name, type: replaced.has(name.toLowerCase()) ? null : type })
      }
    }
    return columns
  }

  /** The tables of a FROM clause; null if one of them is something else. */
  #tablesOf(from: Tree): readonly FromTable[] | null {
    const alias = textOf(from.alias)
    switch (from.type) {
      case 'BASE_TABLE': {
        const name = textOf(from.table_name)
        const isPlain = textOf(from.schema_name) === '' && textOf(from.catalog_name) === ''
        const columns = renamed(isPlain ? this.#table(name) : null, listOf(from.column_name_alias))
        return [{ name: alias || name, columns }]
      }
      case 'SUBQUERY': {
        const found = this.query(treeOf(from.subquery)?.node ?? null)
        const columns = renamed(found, listOf(from.column_name_alias))
        return [{ name: alias, columns }]
      }
      case 'JOIN': {
        const [left, right] = [treeOf(from.left), treeOf(from.right)]
        // A semi join shows one side only.
        if (/SEMI|ANTI|MARK/.test(textOf(from.join_type))) return null
        const sides = [left && this.#tablesOf(left), right && this.#tablesOf(right)]
        if (sides.some((side) => side === null)) return null
        return sides.flatMap((side) => side ?? [])
      }
      default:
        return null
    }
  }
}

interface FromTable {
  readonly name: string
  readonly columns: readonly Column[] | null
}

/** `t(a, b)`: the first columns have other names. */
function renamed(
  columns: readonly Column[] | null,
  aliases: readonly Json[],
): readonly Column[] | null {
  if (columns === null || aliases.length === 0) return columns
  return columns.map((column, k) => ({ ...column, name: textOf(aliases[k]) || column.name }))
}

/** The types of a union follow from both sides. */
const withoutTypes = (columns: readonly Column[] | null) =>
  columns?.map(({ name }) => ({ name, type: null })) ?? null

/** `INTEGER`, `DECIMAL(10,2)`; null for a type with parts that are not read here. */
function typeOf(json: Json | undefined): string | null {
  const tree = treeOf(json ?? null)
  if (tree === null || typeof tree.id !== 'string') return null
  const info = treeOf(tree.type_info ?? null)
  if (info === null) return tree.id
  const { width, scale } = info
  return typeof width === 'number' && typeof scale === 'number'
    ? `${tree.id}(${width},${scale})`
    : null
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()
const textOf = (json: Json | undefined): string => (typeof json === 'string' ? json : '')
const listOf = (json: Json | undefined): readonly Json[] => (Array.isArray(json) ? json : [])
const treeOf = (json: Json | undefined): Tree | null =>
  typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Tree) : null

/** DuckDB's form of a map: `{map: [{key, value}]}`. */
function mapOf(json: Json | undefined): readonly { readonly key: string; readonly value: Tree }[] {
  return listOf(treeOf(json)?.map).map((entry) => {
    const { key, value } = treeOf(entry) ?? {}
    return { key: textOf(key), value: treeOf(value) ?? {} }
  })
}
