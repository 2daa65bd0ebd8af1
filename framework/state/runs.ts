import type { RunOutcome } from '../model/event.ts'
import type { RunDetail, RunSavings, RunSummary, StepSummary } from '../model/run.ts'
import type { OutcomeName } from '../model/step.ts'
import type { Transaction } from './database.ts'
import { decoded } from './sealed-rows.ts'

/** Runs kept per target. The newest is always kept, so run numbers are never reused. */
const KEPT_RUNS = 1_000

type RunRow = readonly [
  id: number,
  target: string,
  command: string,
  job: string | null,
  startedAt: number,
  finishedAt: number | null,
  outcome: RunOutcome | null,
  counts: string | null,
  balance: string | null,
]

const OUTCOMES: ReadonlySet<string> = new Set<RunOutcome>(['succeeded', 'failed', 'cancelled'])

const COLUMNS = 'id, target, command, job, started_at, finished_at, outcome, counts, balance'

/** The last runs of a target, newest first. `live` is the run that holds the lease, or null. */
export async function readRuns(
  tx: Transaction,
  target: string,
  limit: number,
  live: number | null,
): Promise<readonly RunSummary[]> {
  const rows = await tx.all<RunRow>(
    `select ${COLUMNS} from runs where target = ? order by id desc limit ?`,
    [target, limit],
  )
  const summaries: RunSummary[] = []
  for (const row of rows) summaries.push(await summary(tx, row, live))
  return summaries
}

/** One run with its steps, in the order of their ends. `liveOf` gives the live run of a target. */
export async function readRun(
  tx: Transaction,
  id: number,
  liveOf: (target: string) => Promise<number | null>,
): Promise<RunDetail | null> {
  const [row] = await tx.all<RunRow>(`select ${COLUMNS} from runs where id = ?`, [id])
  if (row === undefined) return null
  const steps = await tx.all<[string]>(
    'select body from steps where run = ? order by finished_at, name',
    [id],
  )
  return {
    ...(await summary(tx, row, await liveOf(row[1]))),
    steps: steps.map(([body]) => stepOf(tx, id, body)),
  }
}

/** The summary of a step in a row of `steps`. Throws `state-corrupted`. */
export function stepOf(tx: Transaction, run: number, body: string): StepSummary {
  return decoded(tx, `run ${run} in table steps`, body, (text) => JSON.parse(text) as StepSummary)
}

/** Throws `state-corrupted` for a row that was not written by this program. */
export async function summary(
  tx: Transaction,
  row: RunRow,
  live: number | null,
): Promise<RunSummary> {
  const place = `run ${row[0]} in table runs`
  if (typeof row[4] !== 'number') throw tx.damaged(place, 'its start is not a number')
  if (row[6] !== null && !OUTCOMES.has(row[6])) throw tx.damaged(place, `it ended as ${row[6]}`)
  const parse = <T>(text: string) => decoded(tx, place, text, (json) => JSON.parse(json) as T)
  const [run, target, command, job, startedAt, finishedAt, outcome, counts, balance] = row
  return {
    run,
    target,
    command,
    job,
    startedAt,
    finishedAt,
    outcome: outcome ?? (run === live ? 'running' : 'interrupted'),
    counts: counts === null ? await countSteps(tx, run) : parse(counts),
    savings: balance === null ? null : parse<RunSavings>(balance),
  }
}

/** The outcomes so far of a run that has not ended. */
async function countSteps(tx: Transaction, run: number): Promise<RunSummary['counts']> {
  const rows = await tx.all<[OutcomeName, number]>(
    'select outcome, count(*) from steps where run = ? group by outcome',
    [run],
  )
  return Object.fromEntries(rows)
}

/** Seconds that each asset and check took in its last run. */
export async function readDurations(
  tx: Transaction,
  target: string,
): Promise<ReadonlyMap<string, number>> {
  return new Map(
    await tx.all<[string, number]>('select name, seconds from durations where target = ?', [
      target,
    ]),
  )
}

export async function pruneRuns(tx: Transaction, target: string): Promise<void> {
  const [oldest] = await tx.all<[number]>(
    `select id from runs where target = ? order by id desc limit 1 offset ${KEPT_RUNS - 1}`,
    [target],
  )
  if (oldest === undefined) return
  const old = 'select id from runs where target = ? and id < ?'
  await tx.run(`delete from steps where run in (${old})`, [target, oldest[0]])
  await tx.run('delete from runs where target = ? and id < ?', [target, oldest[0]])
}
