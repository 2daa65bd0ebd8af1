import { join } from 'node:path'
import { type Problem, ProblemError } from '../../../model/problem.ts'
import { isLost, readProblem } from '../problems.ts'
import type { Snapshot } from '../source/snapshot.ts'
import type { Source } from '../source/source.ts'
import { SessionReader } from './session-reader.ts'
import type { StreamPlan } from './stream-plan.ts'
import { type Part, Reading } from './stream-reading.ts'

/** Reads that are on their way; `end` resolves when no session runs any more. */
export interface ReadingStreams {
  readonly readings: readonly Reading[]
  readonly end: Promise<void>
}

/** Milliseconds. */
const CANCEL_AGAIN = 200

interface Turn {
  readonly reading: Reading
  readonly part: Part
}

/**
 * Starts to read streams into spool files under `scratch`, in order, in one snapshot, over as many
 * sessions as the source allows; they share the page ranges of a large table. A stream that fails
 * doesn't stop the others.
 */
export function readStreams(
  source: Source,
  snapshot: Snapshot,
  plans: readonly StreamPlan[],
  scratch: string,
  signal: AbortSignal,
): ReadingStreams {
  const readings = plans.map((plan) => new Reading(plan))
  const turns = readings.flatMap((reading) => reading.parts.map((part) => ({ reading, part })))
  return { readings, end: takeTurns(source, snapshot, turns, scratch, signal) }
}

async function takeTurns(
  source: Source,
  snapshot: Snapshot,
  turns: Turn[],
  scratch: string,
  signal: AbortSignal,
): Promise<void> {
  const readers = (await openSessions(source, snapshot, turns.length)).map(
    (client, index) => new SessionReader(client, source, join(scratch, `${index}`)),
  )
  const stopCancelling = cancelOnAbort(source, readers, signal)
  await Promise.all(readers.map((reader) => work(source, reader, turns, signal)))
  stopCancelling()
  // Every session was lost before these had their turn.
  for (const { reading } of turns) {
    reading.fail(problemOf(new Error('Connection terminated'), reading, source))
    reading.leave()
  }
}

/** Breaks off what runs once the signal is aborted. A cancel that comes between two queries is lost. */
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
    timer = setInterval(cancel, CANCEL_AGAIN)
  }
  if (signal.aborted) start()
  signal.addEventListener('abort', start)
  return () => {
    signal.removeEventListener('abort', start)
    clearInterval(timer)
  }
}

/** The lead's own queries wait behind its COPY, so the others are let in first. */
async function openSessions(source: Source, snapshot: Snapshot, turns: number) {
  const count = Math.min(source.sessions, turns) - 1
  const others = await Promise.allSettled(Array.from({ length: count }, () => snapshot.join()))
  // A server that has no room for more is read through fewer.
  const joined = others.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  return [snapshot.lead, ...joined]
}

async function work(
  source: Source,
  reader: SessionReader,
  turns: Turn[],
  signal: AbortSignal,
): Promise<void> {
  const fail = (reading: Reading, error: unknown) =>
    reading.fail(signal.aborted ? cancelled(reading) : problemOf(error, reading, source))
  let lost = false
  for (let turn = turns.shift(); turn !== undefined; turn = lost ? undefined : turns.shift()) {
    const { reading, part } = turn
    try {
      await reader.moveTo(reading, fail)
      if (signal.aborted) reading.fail(cancelled(reading))
      if (reading.failure === null) await reader.read(reading, part)
    } catch (error) {
      fail(reading, error)
      lost = isLost(error)
    } finally {
      reading.leave()
    }
  }
  await reader.moveTo(null, fail)
}

function problemOf(error: unknown, { plan }: Reading, source: Source): Problem {
  if (error instanceof ProblemError) return error.problems[0]!
  const { asset, stream } = plan.stream
  return readProblem(error, source.spoken, { asset, name: stream })
}

function cancelled({ plan }: Reading): Problem {
  const { asset } = plan.stream
  return { code: 'cancelled', message: `${asset}: the load was cancelled`, asset }
}
