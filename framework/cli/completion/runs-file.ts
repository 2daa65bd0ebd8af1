import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sealed, unsealed, writeCacheFile } from '../../lib/cache-file.ts'
import { fileStats } from '../../lib/file-stats.ts'
import type { RunSummary } from '../../model/run.ts'
import type { Candidate } from './project-names.ts'

// The latest runs on a target, for the shell: opening the state would take longer than everything else.

/** How many runs are kept. */
export const KEPT_RUNS = 20

type KnownRun = Pick<RunSummary, 'run' | 'startedAt' | 'outcome' | 'command'>

const fileOf = (home: string, target: string) =>
  join(home, 'cache', `completion-runs-${target}.json`)

/** Keeps the latest runs. `runs`: newest first. */
export function keepRuns(home: string, target: string, runs: readonly KnownRun[]): void {
  const kept = runs
    .slice(0, KEPT_RUNS)
    .map(({ run, startedAt, outcome, command }) => ({ run, startedAt, outcome, command }))
  writeCacheFile(fileOf(home, target), sealed(JSON.stringify(kept)))
}

/** Adds a run that has ended. */
export function addRun(home: string, target: string, run: KnownRun): void {
  const others = readRuns(home, target).filter((one) => one.run !== run.run)
  keepRuns(
    home,
    target,
    [run, ...others].sort((a, b) => b.run - a.run),
  )
}

/** The latest runs as words, newest first. */
export function runWords(home: string, target: string): readonly Candidate[] {
  return readRuns(home, target).map(({ run, startedAt, outcome, command }) => ({
    word: String(run),
    about: `${minuteOf(startedAt)}  ${outcome}  ${command}`,
  }))
}

function readRuns(home: string, target: string): readonly KnownRun[] {
  try {
    const file = fileOf(home, target)
    // Reading a named pipe would wait for a writer.
    if (fileStats(file)?.isFile() !== true) return []
    const text = unsealed(readFileSync(file, 'utf8'))
    return text === null ? [] : JSON.parse(text)
  } catch {
    return []
  }
}

/** In local time. Intl would take longer than the rest of a completion. */
function minuteOf(at: number): string {
  const time = new Date(at)
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate()]
  const clock = [time.getHours(), time.getMinutes()]
  const two = (number: number) => String(number).padStart(2, '0')
  return `${day.map(two).join('-')} ${clock.map(two).join(':')}`
}
