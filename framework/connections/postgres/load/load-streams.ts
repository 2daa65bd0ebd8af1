import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import type { BatchStep } from '../../../ports/batch.ts'
import type { LoadRequest } from '../../../ports/connection.ts'
import type { Clock } from '../../../ports/site.ts'
import type { Fingerprint, TableLoad } from '../../../ports/warehouse.ts'
import { readCursorRows } from '../probe/cursor-rows.ts'
import { type Position, recordedPosition, type ServerPosition } from '../probe/position.ts'
import { readProblem, rowsLost } from '../problems.ts'
import { type Snapshot, withSavepoint } from '../source/snapshot.ts'
import type { Source } from '../source/source.ts'
import { openStreamTables, type StreamTable } from '../source/stream-tables.ts'
import { LoadProgress } from './load-progress.ts'
import { readStreams } from './read-streams.ts'
import { continuePlan, type PlannedStream, planStream, type StreamPlan } from './stream-plan.ts'
import type { StreamReading } from './stream-reading.ts'

export interface LoadOptions {
  /** Schema of streams without a namespace. */
  readonly schema: string
  readonly clock: Clock
}

/**
 * Loads streams from one snapshot. Reports every step: built, cancelled, or failed (source unreachable,
 * unknown stream or column, permission denied, connection lost, disk full).
 */
export async function loadStreams(
  source: Source,
  request: LoadRequest,
  options: LoadOptions,
): Promise<void> {
  request.onWait(`connecting to ${source.sourceName.address}`)
  const opened = await openStreamTables(
    source,
    request.streams.map(({ stream }) => stream),
    options.schema,
  )
  if (!opened.ok) {
    for (const { step } of request.streams) {
      await reportEnd(request, step.name, opened.problems)
    }
    return
  }
  const { snapshot, tables } = opened.value
  try {
    await loadSnapshot(source, snapshot, tables, request, options)
  } finally {
    await snapshot.close()
  }
}

async function loadSnapshot(
  source: Source,
  snapshot: Snapshot,
  tables: readonly StreamTable[],
  request: LoadRequest,
  options: LoadOptions,
): Promise<void> {
  const steps = new Map(request.streams.map(({ stream, step }) => [stream, step]))
  const plans = []
  for (const table of tables) {
    const step = steps.get(table.stream)!
    const planned = planStream(table, snapshot, recordedPositionOf(step), step.full)
    const plan = planned.ok
      ? await withCursorRows(source, snapshot, planned.value, request)
      : planned
    if (plan.ok) plans.push(plan.value)
    else await reportEnd(request, step.name, plan.problems)
  }
  // If a report throws, the sessions that still read are aborted.
  const stop = new AbortController()
  const signal = AbortSignal.any([request.signal, stop.signal])
  const { readings, end } = readStreams(source, snapshot, plans, request.scratch, signal)
  const extractedAt = options.clock()
  try {
    for (const reading of readings) {
      await loadStream(
        reading,
        steps.get(reading.plan.stream)!,
        snapshot.server,
        request,
        extractedAt,
      )
    }
  } catch (error) {
    stop.abort()
    throw error
  } finally {
    await end
  }
}

/** Decides whether a stream continues, by the rows that it has now. Problems: those of reading. */
async function withCursorRows(
  { sourceName, cancel }: Source,
  snapshot: Snapshot,
  { whole, recorded }: PlannedStream,
  { signal, onWait }: LoadRequest,
): Promise<Result<StreamPlan>> {
  const { rows, stream } = whole
  const { lead } = snapshot
  if (recorded === null || rows === null) return ok(whole)
  onWait(`looking for what is new in ${stream.stream}`)
  const stop = () => void cancel(lead)
  signal.addEventListener('abort', stop)
  try {
    const found = await withSavepoint(lead, () => readCursorRows(lead, rows, recorded.cursor))
    return ok(continuePlan(whole, recorded, found))
  } catch (error) {
    return fail(readProblem(error, sourceName, { asset: stream.asset, name: stream.stream }))
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Loads one stream while it is read, and reports its outcome. */
async function loadStream(
  reading: StreamReading,
  step: BatchStep,
  server: ServerPosition,
  request: LoadRequest,
  extractedAt: number,
): Promise<void> {
  const { report, signal } = request
  const { name } = step
  const { note, generation } = reading.plan
  if (signal.aborted) return report({ step: 'cancelled', name })
  request.onWait(null)
  await report({ step: 'started', name })
  if (note !== null) await report({ step: 'note', name, message: note })
  const generationId = generation ?? request.run
  const loaded = await loadTable(reading, step, request, { extractedAt, generationId })
  if (loaded.ok) {
    const { apart } = reading
    if (apart > 0) await report({ step: 'note', name, message: apartNote(reading, apart) })
    const source = positionOf(reading, server, generationId)
    const product = { ...loaded.value, installed: null, token: null, source, reference: null }
    return report({ step: 'built', name, product })
  }
  // Stops the sessions that still read the stream.
  reading.fail(loaded.problems[0]!)
  return reportEnd(request, name, [reading.failure!])
}

function apartNote({ plan: { stream } }: StreamReading, apart: number): string {
  const rows = apart === 1 ? '1 row has' : `${apart.toLocaleString('en-US')} rows have`
  return `${rows} a null, infinite or NaN ${stream.cursor}: when such a row changes, ${stream.stream} is read in full`
}

/** Reports a step that was not built: cancelled if the run is, else failed. */
function reportEnd(
  { report, signal }: LoadRequest,
  name: string,
  [problem, ...others]: readonly Problem[],
): Promise<void> {
  if (signal.aborted) return report({ step: 'cancelled', name })
  const detail =
    others.length === 0 ? {} : { detail: others.map(({ message }) => message).join('\n') }
  return report({ step: 'failed', name, problem: { ...problem!, asset: name, ...detail } })
}

async function loadTable(
  reading: StreamReading,
  step: BatchStep,
  { loader, run, report }: LoadRequest,
  stamp: Pick<TableLoad, 'extractedAt' | 'generationId'>,
): Promise<Result<Fingerprint>> {
  const { stream, query, mode } = reading.plan
  const { relation } = stream
  const { subject, name } = step
  const expected = expectedRows(reading, step)
  const progress = new LoadProgress(
    () => ({ read: reading.rowsRead, expected, isRead: reading.isRead }),
    (one) => report({ step: 'progress', name, ...one }),
  )
  progress.begin()
  const loading = loader.load({
    relation,
    columns: query.columns.map(({ name, type }) => ({ name, type })),
    spools: reading.spools(),
    mode,
    syncId: run,
    volatile: subject.is === 'asset' ? subject.asset.policy.volatileColumns : [],
    onStage: progress.onStage,
    ...stamp,
  })
  const loaded = await loading.finally(() => progress.end())
  if (!loaded.ok) return loaded
  if (loaded.value.loaded !== reading.rows) {
    return fail(rowsLost(name, relation, reading.rows, loaded.value.loaded))
  }
  return ok(loaded.value.fingerprint)
}

/**
 * How many rows a stream will give: as the source estimates the table, else as many as at the last load. null if it
 * continues from a cursor: no statistics tell what is new.
 */
function expectedRows({ plan }: StreamReading, { subject }: BatchStep): number | null {
  if (plan.query.since !== null) return null
  const before = subject.is === 'asset' ? subject.record?.rows : null
  return plan.table.estimatedRows ?? before ?? null
}

function positionOf(
  { plan, versions, cursor }: StreamReading,
  server: ServerPosition,
  generation: number,
): Position {
  const { identity } = plan.table
  const heaps = cursor === null ? null : plan.table.heaps
  return { server, identity, heaps, columns: plan.columnsHash, rows: versions, cursor, generation }
}

function recordedPositionOf({ subject }: BatchStep): Position | null {
  return subject.is === 'asset' ? recordedPosition(subject.record?.source ?? null) : null
}
