import type { Asset } from '../model/asset.ts'
import type { Result } from '../model/problem.ts'
import type { Project, ResolvedTarget } from '../model/project.ts'
import type { Connection } from './connection.ts'
import type { Warehouse } from './warehouse.ts'

/** Milliseconds since the epoch; injected, so that tests own time. */
export type Clock = () => number

/**
 * Where a kind works: the project, one resolved target and what that target lends. One site serves
 * one command. Adapters behind `warehouse()` and `connection()` are made on first use.
 */
export interface Site {
  /** Absolute path of the project root. */
  readonly root: string
  /** Absolute path of `.assets/`, made on first use. */
  readonly home: string
  readonly project: Project
  readonly target: ResolvedTarget
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Aborted by the first Ctrl-C: cancel what is ours and return. */
  readonly signal: AbortSignal
  warehouse(): Promise<Result<Warehouse>>
  connection(asset: Asset): Promise<Result<Connection>>
  /** One line to stderr about something slow that is no step. */
  notice(message: string): void
}
