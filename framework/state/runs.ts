import type { RunOutcome } from '../model/event.ts'
import type { RunDetail, RunSavings, RunSummary, StepSummary } from '../model/run.ts'
import { NO_OUTCOMES, type OutcomeName } from '../model/step.ts'
import type { PastStep } from '../ports/state.ts'
import type { Row, Transaction } from './database.ts'
import { decoded, opened, sealedColumns } from './sealed-rows.ts'
import { isTime, withTimes } from './times.ts'

export type RunRow = readonly [
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
  const steps = await tx.all(
    `select ${sealedColumns('steps')} from steps where run = ? order by finished_at, name`,
    [id],
  )
  return {
    ...(await summary(tx, row, await liveOf(row[1]))),
    steps: steps.map((row) => stepOf(tx, row)),
  }
}

/** The last steps of an asset or check, newest first, each with its run. */
export async function readSteps(
  tx: Transaction,
  target: string,
  name: string,
  limit: number,
): Promise<readonly PastStep[]> {
  const rows = await tx.all(
    `select ${sealedColumns('steps')} from steps
     where name = ? and run in (select id from runs where target = ?) order by run desc limit ?`,
    [name, target, limit],
  )
  return rows.map((row) => ({ run: Number(row[0]), step: stepOf(tx, row) }))
}

type StepRow = readonly [run: number, name: string, at: number, outcome: string, body: string]

/** The summary of a step in a row of `steps`. Throws `state-corrupted`. */
export function stepOf(tx: Transaction, row: Row): StepSummary {
  const [run, name, , , body] = opened<StepRow>(tx, 'steps', row)
  return decoded(tx, `${run} ${name} in table steps`, body, (text) =>
    withTimes(JSON.parse(text) as StepSummary, ['startedAt', 'finishedAt']),
  )
}

/** Throws `state-corrupted` for a row that was not written by this program. */
export async function summary(
  tx: Transaction,
  row: RunRow,
  live: number | null,
): Promise<RunSummary> {
  const place = `run ${row[0]} in table runs`
  if (!isTime(row[4]) || !(row[5] === null || isTime(row[5]))) {
    throw tx.damaged(place, 'its time is not a time that a date has')
  }
  if (row[6] !== null && !OUTCOMES.has(row[6])) throw tx.damaged(place, `it ended as ${row[6]}`)
  const [run, target, command, job, startedAt, finishedAt, outcome, counts, balance] = row
  return {
    run,
    target,
    command,
    job,
    startedAt,
    finishedAt,
    outcome: outcome ?? (run === live ? 'running' : 'interrupted'),
    counts: counts === null ? await countSteps(tx, run) : decoded(tx, place, counts, decodeCounts),
    savings: balance === null ? null : decoded(tx, place, balance, decodeSavings),
  }
}

// The rows of `runs` have no checksum. They decide nothing, but what is shown of them has its form.

function decodeCounts(text: string): RunSummary['counts'] {
  const counts = JSON.parse(text) as RunSummary['counts']
  for (const [outcome, count] of Object.entries(counts)) {
    if (!(outcome in NO_OUTCOMES) || !Number.isFinite(count)) throw new TypeError(text)
  }
  return counts
}

function decodeSavings(text: string): RunSavings {
  const savings = JSON.parse(text) as RunSavings
  for (const share of ['worked', 'fresh', 'unchanged', 'released'] as const) {
    const { steps, seconds, untimed } = savings[share]
    if ([steps, seconds, untimed].some((number) => !Number.isFinite(number))) {
      throw new TypeError(text)
    }
  }
  return savings
}

/** The outcomes so far of a run that has not ended. */
async function countSteps(tx: Transaction, run: number): Promise<RunSummary['counts']> {
  const rows = await tx.all<[OutcomeName, number]>(
    'select outcome, count(*) from steps where run = ? group by outcome',
    [run],
  )
  return Object.fromEntries(rows)
}

/** Seconds that each asset and check took in its last run. A damaged one counts as unknown: it decides nothing. */
export async function readDurations(
  tx: Transaction,
  target: string,
): Promise<ReadonlyMap<string, number>> {
  const sql = 'select name, seconds from durations where target = ?'
  const rows = await tx.all<[string, number]>(sql, [target])
  return new Map(rows.filter(([, seconds]) => Number.isFinite(seconds) && seconds >= 0))
}
