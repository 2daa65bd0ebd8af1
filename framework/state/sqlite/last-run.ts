import { readFileSync, writeFileSync } from 'node:fs'
import type { Database } from '../database.ts'
import { isLogEmpty } from './write-ahead-log.ts'

// A file beside the state holds the number of its last run. An empty state beside it was lost: without that file,
// it would be a project in which nothing was ever built.

const fileOf = (state: string) => `${state}-last-run`

/** What to say of an empty state in whose place there was another one; null for any other state. */
export async function lossOf(state: string, database: Database): Promise<string | null> {
  const known = readLastRun(state)
  if (known === 0 || (await lastRun(database)) > 0) return null
  return `the state in ${state} was lost: it has no run, and the last run here was run ${known}; every asset counts as never built. Restore a backup with \`assets state restore FILE\`, or record what is there with \`assets materialize --adopt\``
}

/** Notes the last run of a state that was written to. Call it before the log is emptied. */
export async function noteLastRun(state: string, database: Database): Promise<void> {
  if (isLogEmpty(state)) return
  try {
    const run = await lastRun(database)
    if (run > 0 && run !== readLastRun(state)) writeFileSync(fileOf(state), `${run}\n`)
  } catch {
    // The note only warns. What is wrong with the state was reported by the command that used it.
  }
}

async function lastRun(database: Database): Promise<number> {
  const [row] = await database.transaction('read', (tx) =>
    tx.all<[number]>('select coalesce(max(id), 0) from runs'),
  )
  return row![0]
}

/** 0 without a note. */
function readLastRun(state: string): number {
  try {
    return Number.parseInt(readFileSync(fileOf(state), 'utf8'), 10) || 0
  } catch {
    return 0
  }
}
