import type { LoggedEvent, Progress, Watched } from '../ports/state.ts'
import type { Transaction } from './database.ts'

// What happened in a run, for those who watch it: one row for each write, with all events since the one before. It decides
// nothing, and no row has a checksum.

/** The runs of a target of which events are kept. Of older ones, the steps tell what happened. */
const KEPT_RUNS = 50

type EventRow = readonly [seq: number, body: string]
type ProgressRow = readonly [at: number, body: string]
/** An event in a row: its time and its JSON. The first one has the number of the row. */
type Entry = readonly [at: number, text: string]

/** Adds the next events of a run. */
export async function logEvents(
  tx: Transaction,
  target: string,
  run: number,
  events: readonly LoggedEvent[],
): Promise<void> {
  const [first] = events
  if (first === undefined) return
  const body = JSON.stringify(events.map(({ at, text }): Entry => [at, text]))
  await tx.run('insert into run_events (target, run, seq, body) values (?, ?, ?, ?)', [
    target,
    run,
    first.seq,
    body,
  ])
}

/** Replaces what was known of how far a run is. */
export async function noteProgress(
  tx: Transaction,
  target: string,
  run: number,
  { at, text }: Progress,
): Promise<void> {
  await tx.run(
    `insert into run_progress (target, run, at, body) values (?, ?, ?, ?)
     on conflict (target) do update set run = excluded.run, at = excluded.at, body = excluded.body`,
    [target, run, Math.round(at), text],
  )
}

/** As `StateReader.watch`. A row that can't be read is left out. */
export async function readEvents(tx: Transaction, run: number, after: number): Promise<Watched> {
  // The row that holds the first wanted event may begin before it.
  const rows = await tx.all<EventRow>(
    `select seq, body from run_events where run = ? and seq >=
       (select coalesce(max(seq), 0) from run_events where run = ? and seq <= ?) order by seq`,
    [run, run, after + 1],
  )
  const events = rows
    .flatMap(([first, body]) =>
      entriesOf(body).map(([at, text], k): LoggedEvent => ({ seq: first + k, at, text })),
    )
    .filter(({ seq }) => seq > after)
  const [row] = await tx.all<ProgressRow>('select at, body from run_progress where run = ?', [run])
  return { events, progress: row === undefined ? null : { at: row[0], text: row[1] } }
}

function entriesOf(body: string): readonly Entry[] {
  try {
    return JSON.parse(body) as readonly Entry[]
  } catch {
    return []
  }
}

/** At the end of a run: deletes how far it is, and the events of old runs. */
export async function pruneEvents(tx: Transaction, target: string): Promise<void> {
  await tx.run('delete from run_progress where target = ?', [target])
  await tx.run(
    `delete from run_events where target = ? and run <
       (select coalesce(min(id), 0) from (select id from runs where target = ? order by id desc limit ${KEPT_RUNS}) as kept)`,
    [target, target],
  )
}
