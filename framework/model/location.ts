/** A span of a text file. Lines and columns count from 1; the end is exclusive. */
export interface Location {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine?: number
  readonly endColumn?: number
}

/**
 * Where in a YAML file something was declared, as keys instead of a position:
 * `{file: 'assets/marts.yaml', path: ['assets', 'fact_payment', 'deps', 2]}`.
 * A pointer costs nothing to keep in a compiled project; `config/locate.ts` turns it into a
 * `Place` when a problem has to be shown (decision 0001).
 */
export interface Pointer {
  readonly file: string
  readonly path: readonly (string | number)[]
  /** Point at the key itself rather than at its value. */
  readonly key?: true
}
