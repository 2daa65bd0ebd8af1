import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileToken } from '../../lib/file-token.ts'
import type { Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Clock } from '../../ports/site.ts'
import type { State } from '../../ports/state.ts'
import { attempt } from '../database.ts'
import { localProcesses, type Processes } from '../lease-owner.ts'
import { migrate } from '../migrations.ts'
import { stateOver } from '../sql-state.ts'
import { openDatabase } from './database.ts'
import { isLogEmpty } from './write-ahead-log.ts'

export const DEFAULT_PATH = '.assets/state.sqlite'

/**
 * The state in one SQLite file, which is created at the first use. Problems: `state-unwritable`, `state-not-a-file`,
 * `state-corrupted`, `state-newer`, `state-locked`, `disk-full`, `sqlite-unavailable`.
 */
export function create(
  settings: AdapterSettings,
  site: { readonly root: string; readonly clock: Clock; readonly processes?: Processes },
): Promise<Result<State>> {
  const file = fileOf(settings, site)
  return attempt(async () => {
    const database = await openDatabase(file)
    try {
      await migrate(database, file)
    } catch (error) {
      await database.close()
      throw error
    }
    const processes = site.processes ?? localProcesses()
    return stateOver({ database, clock: site.clock, processes })
  })
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

function fileOf({ settings: { path } }: AdapterSettings, { root }: { readonly root: string }) {
  return resolve(root, typeof path === 'string' ? path : DEFAULT_PATH)
}
