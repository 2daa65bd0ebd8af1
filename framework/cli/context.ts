import type { KindName } from '../model/asset.ts'
import type { Problem, Result } from '../model/problem.ts'
import type { AdapterSettings, Project } from '../model/project.ts'
import type { Connection } from '../ports/connection.ts'
import type { Declaration } from '../ports/declaration.ts'
import type { FileFormat } from '../ports/file-format.ts'
import type { Examine, ExamineTools } from '../ports/health.ts'
import type { FindLibrary, Kind } from '../ports/kind.ts'
import type { Publisher } from '../ports/publisher.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { Clock, Site } from '../ports/site.ts'
import type { SqlParser } from '../ports/sql.ts'
import type { State } from '../ports/state.ts'
import type { StateTools } from '../ports/state-tools.ts'
import type { TextTable } from '../ports/text-table.ts'
import type { FromDbt, Warehouse } from '../ports/warehouse.ts'
import type { Stream } from '../report/console.ts'
import type { Ask } from './person.ts'

type MaybePromise<T> = T | Promise<T>

/** One adapter: its YAML settings and how it is created. Each part is imported on first use. */
export interface Adapter<T> {
  readonly declaration: () => Promise<Declaration>
  readonly create: () => Promise<(settings: AdapterSettings, site: Site) => MaybePromise<Result<T>>>
  /** How a warehouse takes its settings from dbt's profile; absent for other adapters. */
  readonly fromDbt?: () => Promise<FromDbt>
  /** Describes the adapter for people, such as a Snowflake account and database. Connects to nothing. */
  readonly destination?: () => Promise<(settings: AdapterSettings, site: Site) => string | null>
  /** Whether it is a file of this machine that exists, so that opening it makes nothing; absent for servers. */
  readonly isAtHand?: () => Promise<(settings: AdapterSettings, site: Site) => boolean>
  /** A text that changes whenever what it holds does, without opening it; null if that can't be told. */
  readonly changeToken?: () => Promise<(settings: AdapterSettings, site: Site) => string | null>
  /** Of a damaged state in a file: renames it, so that the next opening makes a new one. Returns the new name. */
  readonly setAside?: () => Promise<(settings: AdapterSettings, site: Site) => string>
  /** Examines the adapter, for `doctor`. */
  readonly health: () => Promise<Examine>
}

/** Every adapter, by its `type` or `kind` in YAML. The composition root fills it in. */
export interface Registries {
  readonly kinds: Readonly<
    Record<
      KindName,
      {
        readonly declaration: () => Promise<Declaration>
        readonly create: () => Promise<() => Kind>
        /** Whether a project has assets of this kind that no YAML declares. */
        readonly finds?: (project: Project) => boolean
        /** Examines the kind's tools; absent for a kind without tools. */
        readonly health?: () => Promise<ExamineTools>
        /** Finds a library in the kind's Python; absent for a kind without one. */
        readonly library?: () => Promise<FindLibrary>
      }
    >
  >
  readonly warehouses: Readonly<Record<string, Adapter<Warehouse>>>
  readonly connections: Readonly<Record<string, Adapter<Connection>>>
  /** Connections that load no table: what the results are shown in. In YAML they stand beside those that do. */
  readonly publishers: Readonly<Record<string, Adapter<Publisher>>>
  readonly states: Readonly<Record<string, Adapter<State>>>
  /** Formats of files that no warehouse writes, by the extension of their files. */
  readonly formats: Readonly<Record<string, () => Promise<(site: Site) => FileFormat>>>
  readonly stateTools: () => Promise<StateTools>
  /** Created when columns are compared. */
  readonly sqlParser: () => Promise<SqlParser>
  /** All rows of a Parquet file. Rejects with a reader's error. */
  readonly readParquet: (file: string) => Promise<TextTable>
  /** The store that `${secret:…}` reads; opened when a setting in use needs it. */
  readonly secrets: (env: Context['env']) => Promise<Secrets>
}

/** The environment of a command line: everything that tests replace. */
export interface Context {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The value of `--vars`; absent if it is not given. */
  readonly vars?: string
  /** As in `LoadOptions`; absent for no. */
  readonly isShared?: boolean
  readonly stdout: Stream
  readonly stderr: Stream
  /** As `Outlet.failure` of stdout; absent if it can't fail. */
  readonly stdoutFailure?: () => Promise<string | null>
  readonly clock: Clock
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Calls back once after some milliseconds; the returned function cancels it. */
  readonly later: (milliseconds: number, call: () => void) => () => void
  /** Milliseconds after which slow work is told on stderr; absent for a second. */
  readonly slowAfter?: number
  readonly random: () => number
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** Asks the person at the terminal; null without a terminal. Called when there is a question. */
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
  /** The code of shells for a program whose reader went away. */
  unread: 141,
  /** The code of shells for Ctrl-C. Also used when the answer to a question is no. */
  interrupted: 130,
} as const
