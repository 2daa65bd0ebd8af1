import { join } from 'node:path'
import { type Problem, ProblemError } from '../../../model/problem.ts'
import { isConnectionLost, readProblem } from '../problems.ts'
import { type Client, endOf } from '../source/client.ts'
import type { Snapshot } from '../source/snapshot.ts'
import type { Source } from '../source/source.ts'
import { SessionReader } from './session-reader.ts'
import type { StreamPlan } from './stream-plan.ts'
import { type ReadPart, StreamReading } from './stream-reading.ts'

/** Streams that are being read. `end` resolves when all sessions are done. */
export interface ReadingStreams {
  readonly readings: readonly StreamReading[]
  readonly end: Promise<void>
}

/** Interval between cancel requests, in milliseconds. */
const CANCEL_INTERVAL = 200

interface ReadTask {
  readonly reading: StreamReading
  readonly part: ReadPart
}

/**
 * Starts to read streams of one snapshot into spool files below `scratch`, in order. As many sessions as
 * the source allows share the page ranges of large tables. A failed stream does not stop the others.
 */
export function readStreams(
  source: Source,
  snapshot: Snapshot,
  plans: readonly StreamPlan[],
  scratch: string,
  signal: AbortSignal,
): ReadingStreams {
  const readings = plans.map((plan) => new StreamReading(plan))
  const tasks = readings.flatMap((reading) => reading.parts.map((part) => ({ reading, part })))
  return { readings, end: runTasks(source, snapshot, tasks, scratch, signal) }
}

async function runTasks(
  source: Source,
  snapshot: Snapshot,
  tasks: ReadTask[],
  scratch: string,
  signal: AbortSignal,
): Promise<void> {
  let clients: readonly Client[]
  try {
    clients = await openSessions(source, snapshot, tasks.length)
  } catch (error) {
    for (const { reading } of tasks) {
      reading.fail(problemOf(error, reading, source))
      reading.endPart()
    }
    return
  }
  const readers = clients.map(
    (client, index) => new SessionReader(client, source, join(scratch, `${index}`)),
  )
  const stopCancelling = cancelOnAbort(source, readers, signal)
  await Promise.all(readers.map((reader) => runReader(source, reader, tasks, signal)))
  stopCancelling()
  // Tasks are left over only if every session was lost.
  for (const { reading } of tasks) {
    reading.fail(problemOf(new Error('Connection terminated'), reading, source))
    reading.endPart()
  }
}

/** Cancels running queries once the signal is aborted. Repeats, as a cancel between two queries is lost. */
function cancelOnAbort(
  source: Source,
  readers: readonly SessionReader[],
  signal: AbortSignal,
): () => void {
  let timer: NodeJS.Timeout | undefined
  const cancel = () => {
    for (const { client } of readers) void source.cancel(client)
  }
  const start = () => {
    cancel()
    timer = setInterval(cancel, CANCEL_INTERVAL)
  }
  if (signal.aborted) start()
  signal.addEventListener('abort', start)
  return () => {
    signal.removeEventListener('abort', start)
    clearInterval(timer)
  }
}

/**
 * Opens all sessions before any COPY starts, because the lead session exports the snapshot for others.
 * Throws a `ProblemError` if a pooler leads them to several servers.
 */
async function openSessions(
  source: Source,
  snapshot: Snapshot,
  tasks: number,
): Promise<readonly Client[]> {
  const count = Math.min(source.sessions, tasks) - 1
  const others = await Promise.allSettled(Array.from({ length: count }, () => snapshot.join()))
  for (const one of others) {
    if (one.status === 'rejected' && isPoolerProblem(one.reason)) throw one.reason
  }
  // A server at its connection limit is read with fewer sessions.
  const joined = others.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  return [snapshot.lead, ...joined]
}

async function runReader(
  source: Source,
  reader: SessionReader,
  tasks: ReadTask[],
  signal: AbortSignal,
): Promise<void> {
  const fail = (reading: StreamReading, error: unknown) =>
    reading.fail(signal.aborted ? cancelled(reading) : problemOf(error, reading, source))
  let lost = false
  for (let task = tasks.shift(); task !== undefined; task = lost ? undefined : tasks.shift()) {
    const { reading, part } = task
    try {
      await reader.switchTo(reading, fail)
      if (signal.aborted) reading.fail(cancelled(reading))
      if (reading.failure === null) await reader.read(reading, part)
    } catch (error) {
      lost = isConnectionLost(error)
      fail(reading, lost ? (endOf(reader.client) ?? error) : error)
    } finally {
      reading.endPart()
    }
  }
  await reader.switchTo(null, fail)
}

const isPoolerProblem = (error: unknown): boolean =>
  error instanceof ProblemError && error.problems[0]?.code === 'source-pooler'

function problemOf(error: unknown, { plan }: StreamReading, source: Source): Problem {
  if (error instanceof ProblemError) return error.problems[0]!
  const { asset, stream } = plan.stream
  return readProblem(error, source.sourceName, { asset, name: stream })
}

function cancelled({ plan }: StreamReading): Problem {
  const { asset } = plan.stream
  return { code: 'cancelled', message: `${asset}: the load was cancelled`, asset }
}
