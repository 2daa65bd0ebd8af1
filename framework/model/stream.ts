/** One stream of a connection, as its asset declares it. */
export interface Stream {
  readonly asset: string
  /** The table or view in the source. */
  readonly stream: string
  /** Schema in the source; null for the connection's default. */
  readonly namespace: string | null
  readonly sync: 'full_refresh' | 'incremental_append' | 'incremental_dedup'
  readonly primaryKey: readonly string[]
  readonly cursor: string | null
  /** Only these columns, or null for all. */
  readonly columns: readonly string[] | null
  readonly exclude: readonly string[]
  /** `schema.table` in the warehouse. */
  readonly relation: string
}
