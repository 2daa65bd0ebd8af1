/** What the owner asks of the worker that runs PGlite; one at a time, each is answered. */
export type Order =
  /** Makes a database in a new folder and leaves it closed. */
  | {
      readonly order: 'make'
      readonly folder: string
      readonly settings: Readonly<Record<string, string>>
      readonly scripts: readonly Script[]
    }
  /** Opens a database and serves it on a Unix socket. */
  | { readonly order: 'serve'; readonly folder: string; readonly socket: string }
  | { readonly order: 'stop' }

export interface Script {
  readonly file: string
  readonly sql: string
}

export type Answer =
  | { readonly answer: 'done'; readonly snapshot: string }
  | { readonly answer: 'failed'; readonly failure: Failure }

export interface Failure {
  readonly message: string
  /** The script that failed and where, counted in characters from 1. */
  readonly file: string | null
  readonly position: number | null
}
