import type { SourceAdmin } from '../../../ports/connection.ts'
import type { ServerNow, ServerPosition } from '../probe/position.ts'
import type { SourceName } from '../problems.ts'
import type { Client } from './client.ts'

/** A PostgreSQL database to read from: on a server, or embedded in this process. */
export interface Source {
  readonly sourceName: SourceName
  /** The number of sessions that may read at once. */
  readonly sessions: number
  readonly admin: SourceAdmin | null
  /** What is known without opening the source. */
  peek(): Promise<Peek>
  /** Opens a session. Throws a `ProblemError`: unreachable, login rejected, locked by another process. */
  open(): Promise<Client>
  /** Identifies the database. */
  identify(client: Client): Promise<Identity>
  /** Cancels the running query of a session, if the source supports it. Never rejects. */
  cancel(client: Client): Promise<void>
  /** Reading has ended for now. The source may close so that other processes can open it. */
  rest(): Promise<void>
  close(): Promise<void>
}

/** A server, without its snapshot. */
export type Identity = Omit<ServerPosition, 'snapshot'> &
  Pick<ServerNow, 'lives'> & {
    /** It replays another server's log, and its snapshots leave out transactions that are in progress there. */
    readonly isStandby: boolean
  }

export type Peek =
  | { readonly state: 'closed'; readonly now: ServerNow }
  /** It does not exist yet. */
  | { readonly state: 'absent' }
  /** Nothing is known until it is opened. */
  | { readonly state: 'ask' }
