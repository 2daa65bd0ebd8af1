/** A span of a text file. Lines and columns count from 1; the end is exclusive. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine?: number
  readonly endColumn?: number
}

/**
 * A file and the path of keys that leads to a value in it:
 * `{file: 'assets/marts.yaml', path: ['assets', 'fact_payment', 'deps', 2]}`.
 * `config/locate.ts` turns it into a `Location` when a problem is shown (decisions/0001).
 */
export interface Pointer {
  readonly file: string
  readonly path: readonly (string | number)[]
  /** Point at the key instead of its value. */
  readonly key?: true
}
