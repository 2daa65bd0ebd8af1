/** The rows of a file as texts, as a CSV file has them: `true`, `2026-03-01`, `12.50`. null is NULL. */
export interface TextTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}
