import type { Asset } from '../model/asset.ts'
import type { Result } from '../model/problem.ts'
import type { Project, ResolvedTarget } from '../model/project.ts'
import type { Connection } from './connection.ts'
import type { FileFormat } from './file-format.ts'
import type { Publisher } from './publisher.ts'
import type { Warehouse } from './warehouse.ts'

/** Milliseconds since the epoch; injected, so that tests own time. */
export type Clock = () => number

/**
 * The project, one resolved target and its adapters, as one command uses them. `warehouse()` and
 * `connection()` create their adapters on first use.
 */
export interface Site {
  /** Absolute path of the project root. */
  readonly root: string
  /** Absolute path of `.assets/`. */
  readonly home: string
  readonly project: Project
  readonly target: ResolvedTarget
  /** The environment of the command line, with the variables of `.env`. */
  readonly env: Environment
  /** The environment without `.env`: what programs get, with the variables that they are given by name. */
  readonly shell: Environment
  readonly clock: Clock
  /** Aborted by the first Ctrl-C: cancel the external work of this command and return. */
  readonly signal: AbortSignal
  warehouse(): Promise<Result<Warehouse>>
  connection(asset: Asset): Promise<Result<Connection>>
  /** The service of the connection `name`, for an asset that names it. Created on first use. */
  publisher(name: string, asset: Asset): Promise<Result<Publisher>>
  /** The format of files such as `.hyper` that no warehouse writes. Created on first use. */
  fileFormat(name: string): Promise<FileFormat>
  /** The library of this name in the Python that dbt runs with; null if there is none yet. */
  pythonLibrary(name: string): Promise<PythonLibrary | null>
  /** Prints one line to stderr about slow work outside the steps. */
  notice(message: string): void
}

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A library that is installed for a Python. */
export interface PythonLibrary {
  /** Absolute path of the interpreter. */
  readonly python: string
  /** `1.5.6` */
  readonly version: string
}
