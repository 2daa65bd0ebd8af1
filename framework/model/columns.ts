import type { Json } from '../lib/json.ts'

/** A column of an asset, as far as the files of a project say. */
export interface Column {
  readonly name: string
  /** null: the files do not say. */
  readonly type: string | null
}

/** A column that a project describes to people. It decides nothing, and it may not exist. */
export interface DocumentedColumn extends Column {
  /** Empty for none. */
  readonly description: string
}

/** Stands in a query for text that is not known: an expression, a table, or a part of a condition. */
export const HOLE = 'assets hole'

/** What says which columns an asset has, without a warehouse. */
export type ColumnSource =
  | { readonly is: 'list'; readonly columns: readonly Column[] }
  /** `tables`: the assets behind the names of tables in the query. A name that is not in it is not known. */
  | {
      readonly is: 'query'
      readonly sql: string
      readonly tables: Readonly<Record<string, string>>
    }

/** What the files of an asset say of columns. */
export interface ColumnFacts {
  /** null: they don't say which columns it has. */
  readonly source: ColumnSource | null
  /** The text that names the columns which it reads. The file is relative to the project root. */
  readonly text: { readonly file: string; readonly text: string } | null
}

/** Parses one SQL statement into a tree, as DuckDB's `json_serialize_sql` gives it; null if it can't. */
export type ParseSql = (sql: string) => Promise<Json | null>
