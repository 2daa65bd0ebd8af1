import type { Loader } from '../../../framework/ports/connection.ts'
import type { Reader, Scene } from './scene.ts'

/** What happens to a server, or to the embedded source, besides SQL. */
export type Event =
  /** It ends without a checkpoint, and recovers. */
  | 'crash'
  /** It ends cleanly, and starts again. */
  | 'restart'
  /** Its data is copied, for `restore` and `fail over`. */
  | 'base copy'
  /** It is replaced by its base copy, on the same timeline. */
  | 'restore'
  /** It is replaced by its base copy, on a timeline of its own. */
  | 'fail over'
  /** The standby stops to replay the log, or goes on. */
  | 'lag'
  | 'catch up'
  /** The standby becomes a server of its own. */
  | 'promote'

/** A source that a sequence of random operations is played on. */
export interface Place {
  /** As the option `--place` names it: `server`, `standby` or `embedded`. */
  readonly name: string
  /** The major version of PostgreSQL. */
  readonly version: number
  readonly events: readonly Event[]
  /** Whether sessions can be open side by side. */
  readonly hasSessions: boolean
  /** Makes an empty database and plays the setup of scenes. */
  begin(scenes: readonly Scene[]): Promise<void>
  /** Runs SQL in a session. Returns the error's message if the server refuses it; else null. */
  run(session: number, sql: string): Promise<string | null>
  /** Whether there is a base copy. */
  readonly hasCopy: boolean
  happen(event: Event): Promise<void>
  /** Ends transactions that lock tables against readers, and waits until a standby has replayed the log. */
  settle(): Promise<void>
  /** The connection under test. */
  loader(reader: Reader): Loader
  /**
   * The rows of each query as texts, read without the loader; the error's message for a query that is
   * refused.
   */
  read(reader: Reader, queries: readonly string[]): Promise<readonly (Rows | string)[]>
  /** Ends what `begin` made. */
  end(): Promise<void>
  close(): Promise<void>
}

export type Rows = readonly (readonly (string | null)[])[]
