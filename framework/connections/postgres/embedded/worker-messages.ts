/** A request to the worker thread that runs PGlite. Requests are sent one at a time; each is answered. */
export type WorkerRequest =
  /** Creates a database in a new folder and closes it. */
  | {
      readonly request: 'create'
      readonly folder: string
      readonly settings: Readonly<Record<string, string>>
      readonly scripts: readonly InitScript[]
    }
  /** Opens a database and serves it on a Unix socket. */
  | { readonly request: 'serve'; readonly folder: string; readonly socket: string }
  | { readonly request: 'stop' }

export interface InitScript {
  readonly file: string
  readonly sql: string
}

export type WorkerAnswer =
  /** `snapshot`: the transactions that are committed now. */
  | { readonly answer: 'done'; readonly snapshot: string }
  | { readonly answer: 'failed'; readonly failure: WorkerFailure }

export interface WorkerFailure {
  readonly message: string
  /** The script that failed; null if none did. */
  readonly file: string | null
  /** The position in the script, counted in characters from 1. */
  readonly position: number | null
}
