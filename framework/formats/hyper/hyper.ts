/** A running Hyper. */
export interface Hyper {
  /**
   * Runs one statement and returns its rows; every column is text. Rejects with a `HyperError`. Statements run one
   * after another.
   */
  run(sql: string): Promise<readonly (readonly (string | null)[])[]>
  /** Ends the program. Also called to interrupt a statement, which then rejects. */
  close(): Promise<void>
}
