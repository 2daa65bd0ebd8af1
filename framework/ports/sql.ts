import type { ParseSql } from '../model/columns.ts'

/** A parser of SQL, which holds memory until it is closed. */
export interface SqlParser {
  readonly parse: ParseSql
  close(): void
}
