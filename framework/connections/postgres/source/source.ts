import type { SourceAdmin } from '../../../ports/connection.ts'
import type { ServerPosition } from '../probe/position.ts'
import type { Spoken } from '../problems.ts'
import type { Client } from './client.ts'

/** A PostgreSQL to read from: a server at a URL, or the embedded one. */
export interface Source {
  readonly spoken: Spoken
  /** Sessions that may read at once, in one snapshot. */
  readonly sessions: number
  readonly admin: SourceAdmin | null
  /** What can be said of it without opening it. */
  peek(): Promise<Peek>
  /** A session. Throws a `ProblemError`: unreachable, refused, locked by another process. */
  open(): Promise<Client>
  /** Which database this is. */
  identify(client: Client): Promise<Omit<ServerPosition, 'snapshot'>>
  /** Breaks off what a session runs now, as far as the source can. Never rejects. */
  cancel(client: Client): Promise<void>
  /** Nothing is to be read for a while: lets go of what other processes may want. */
  rest(): Promise<void>
  close(): Promise<void>
}

export type Peek =
  | { readonly state: 'closed'; readonly position: ServerPosition }
  /** It was never made, so nothing was loaded from it. */
  | { readonly state: 'absent' }
  /** It has to be opened to be asked. */
  | { readonly state: 'ask' }
