import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileToken } from '../../lib/file-token.ts'
import { settingPathProblem } from '../../model/path-problem.ts'
import { fail, ProblemError, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Clock } from '../../ports/site.ts'
import type { State } from '../../ports/state.ts'
import { attempt, type Database } from '../database.ts'
import { localProcesses, type Processes } from '../lease-owner.ts'
import { migrate } from '../migrations.ts'
import { historyOf } from '../prune.ts'
import { stateOver } from '../sql-state.ts'
import { openDatabase } from './database.ts'
import { lossOf, noteLastRun } from './last-run.ts'
import { corrupted } from './problems.ts'
import { isLogEmpty } from './write-ahead-log.ts'

/** The smallest page of a SQLite database, in bytes. The first one holds its header. */
const HEADER = 512

export const DEFAULT_PATH = '.assets/state.sqlite'

/**
 * The state in one SQLite file, which is created at the first use. Problems: `state-unwritable`, `state-not-a-file`,
 * `state-corrupted`, `state-newer`, `state-locked`, `disk-full`, `sqlite-unavailable`, `invalid-path`.
 */
export function create(
  adapter: AdapterSettings,
  site: {
    readonly root: string
    readonly clock: Clock
    readonly processes?: Processes
    readonly notice?: (message: string) => void
  },
): Promise<Result<State>> {
  const invalid = settingPathProblem(adapter, 'path')
  if (invalid !== null) return Promise.resolve(fail(invalid))
  const file = fileOf(adapter, site)
  return attempt(async () => {
    refuseStump(file)
    const database = await openDatabase(file)
    try {
      await migrate(database, file)
      const loss = await lossOf(file, database)
      if (loss !== null) site.notice?.(loss)
    } catch (error) {
      await database.close()
      throw error
    }
    const processes = site.processes ?? localProcesses()
    const history = historyOf(adapter)
    const noted: Database = {
      transaction: (mode, use) => database.transaction(mode, use),
      async close() {
        await noteLastRun(file, database)
        await database.close()
      },
    }
    return stateOver({
      database: noted,
      clock: site.clock,
      processes,
      watches: new Map(),
      history,
    })
  })
}

/**
 * Throws `state-corrupted` for a file that is shorter than the header of a database. SQLite takes it for an empty one and
 * overwrites it. A file of no bytes is one that was created a moment ago, or lost (`lossOf`).
 */
function refuseStump(file: string): void {
  const size = sizeOf(file)
  if (size > 0 && size < HEADER) {
    throw new ProblemError(corrupted(file, `the file has ${size} of at least ${HEADER} bytes`))
  }
}

/** 0 for what can't be looked at: opening it says why. */
function sizeOf(file: string): number {
  try {
    return statSync(file).size
  } catch {
    return 0
  }
}

/** Whether the file exists. */
export function isAtHand(settings: AdapterSettings, site: { readonly root: string }): boolean {
  return existsSync(fileOf(settings, site))
}

/**
 * A text that is another one after every commit to the state; null if the times of its files prove nothing. A commit
 * writes to the write-ahead log, and the end of a command moves it into the main file. An empty log is as good as none:
 * opening a state leaves one.
 */
export function changeToken(
  settings: AdapterSettings,
  { root, clock }: { readonly root: string; readonly clock: Clock },
): string | null {
  const file = fileOf(settings, { root })
  const now = clock()
  const ofLog = isLogEmpty(file) ? 'empty' : fileToken(`${file}-wal`, now)
  const ofFile = fileToken(file, now)
  return ofFile === null || ofLog === null ? null : `${ofFile}, ${ofLog}`
}

/** Renames a damaged file, with its log, which would otherwise be taken for the log of the next one. */
export function setAside(
  settings: AdapterSettings,
  { root, clock }: { readonly root: string; readonly clock: Clock },
): string {
  const file = fileOf(settings, { root })
  const aside = `${file}.damaged-${new Date(clock()).toISOString().replaceAll(':', '-')}`
  for (const part of ['', '-wal']) {
    if (existsSync(file + part)) renameSync(file + part, aside + part)
  }
  rmSync(`${file}-shm`, { force: true })
  return aside
}

function fileOf({ settings: { path } }: AdapterSettings, { root }: { readonly root: string }) {
  return resolve(root, typeof path === 'string' ? path : DEFAULT_PATH)
}
