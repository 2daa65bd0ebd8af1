import type { PageEvent } from './event-stream.ts'

/** Where the server gets what the page shows. */
export interface PageSource {
  /**
   * One document of the page as JSON: `overview`, `asset` NAME, `runs`, `run` NUMBER, `plan`, `answers`. null if there is
   * no such document. Throws an error whose message a person can read.
   */
  ask(what: string, name: string): Promise<string | null>
  /** What an open page missed since an event; null: it is new. */
  missed(since: string | null): Promise<readonly PageEvent[]>
}
