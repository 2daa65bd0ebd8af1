export interface UiOptions {
  readonly port: number | null
  readonly open: boolean
  readonly export: string | null
  readonly host: string | null
  readonly target: string | null
  /** A question of a page's server, of which this process prints the answer. */
  readonly read: string | null
}
