import type { KindName } from '../model/asset.ts'
import type { Problem, Result } from '../model/problem.ts'
import type { AdapterSettings } from '../model/project.ts'
import type { Connection } from '../ports/connection.ts'
import type { Declaration } from '../ports/declaration.ts'
import type { Examine, ExamineTools } from '../ports/health.ts'
import type { Kind } from '../ports/kind.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { Clock, Site } from '../ports/site.ts'
import type { CopyState, State } from '../ports/state.ts'
import type { Warehouse } from '../ports/warehouse.ts'
import type { Stream } from '../report/console.ts'
import type { Ask } from './person.ts'

type MaybePromise<T> = T | Promise<T>

/** One adapter: what its YAML may say, and how it is made. Each part is imported on first use. */
export interface Adapter<T> {
  readonly declaration: () => Promise<Declaration>
  readonly create: () => Promise<(settings: AdapterSettings, site: Site) => MaybePromise<Result<T>>>
  /** Tells people which one it is, where the name of a target may not tell enough. Connects to nothing. */
  readonly destination?: () => Promise<(settings: AdapterSettings, site: Site) => string | null>
  /** Looks at itself, for `doctor`. */
  readonly health: () => Promise<Examine>
}

/** Every adapter there is, by the name that YAML gives it. The composition root fills it in. */
export interface Registries {
  readonly kinds: Readonly<
    Record<
      KindName,
      {
        readonly declaration: () => Promise<Declaration>
        readonly create: () => Promise<() => Kind>
        /** Absent for a kind that builds with no tools of its own. */
        readonly health?: () => Promise<ExamineTools>
      }
    >
  >
  readonly warehouses: Readonly<Record<string, Adapter<Warehouse>>>
  readonly connections: Readonly<Record<string, Adapter<Connection>>>
  readonly states: Readonly<Record<string, Adapter<State>>>
  readonly copyState: () => Promise<CopyState>
  /** Where `${secret:…}` is looked up; opened when a setting that is used names one. */
  readonly secrets: (env: Context['env']) => Promise<Secrets>
}

/** What a command line finds around it. Everything that tests want to own is here. */
export interface Context {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Stream
  readonly stderr: Stream
  readonly clock: Clock
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Calls back once after some milliseconds; the answer cancels it. */
  readonly later: (milliseconds: number, call: () => void) => () => void
  readonly random: () => number
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** The person at the terminal, looked for once there is something to ask; null where nobody sits there. */
  readonly person?: () => Promise<Ask | null>
  readonly registries: Registries
}

/** The exit code for problems of a command: wrong usage or configuration, or a failure. */
export function exitCodeFor(problems: readonly Problem[]): number {
  return problems.some(({ mistake }) => mistake === true) ? EXIT.usage : EXIT.failed
}

/** Exit codes that scripts rely on (README, "Exit codes"). */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  busy: 3,
  notFresh: 4,
  /** As a shell tells of Ctrl-C: whoever says no at a question stops the command too. */
  interrupted: 130,
} as const
