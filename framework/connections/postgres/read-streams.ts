import { join } from 'node:path'
import { ProblemError } from '../../model/problem.ts'
import type { Client } from './client.ts'
import { CopyOut } from './copy-out.ts'
import { copyText } from './copy-text.ts'
import { pageRanges } from './page-ranges.ts'
import { isLost, readProblem } from './problems.ts'
import { Reading } from './reading.ts'
import { readLastCursor, readRowVersions } from './row-versions.ts'
import { guarded, type Snapshot } from './snapshot.ts'
import type { Source } from './source.ts'
import { SpoolWriter } from './spool-writer.ts'
import type { StreamPlan } from './stream-plan.ts'

/** Reads that are on their way; `end` resolves when no session runs any more. */
export interface ReadingStreams {
  readonly readings: readonly Reading[]
  readonly end: Promise<void>
}

interface Part {
  readonly reading: Reading
  readonly run: (client: Client) => Promise<void>
}

/**
 * Starts to read streams into spool files under `scratch`, in order, in one snapshot, over as many
 * sessions as the source allows; a large table is cut into page ranges that they share. A stream
 * that fails doesn't stop the others.
 */
export function readStreams(
  source: Source,
  snapshot: Snapshot,
  plans: readonly StreamPlan[],
  scratch: string,
  signal: AbortSignal,
): ReadingStreams {
  const parts: Part[] = []
  const readings = plans.map((plan, index) => {
    const copies = copyParts(plan, source, join(scratch, `${index}`))
    const runs = [...factParts(plan), ...copies]
    const reading = new Reading(plan, runs.length)
    parts.push(...runs.map((run) => ({ reading, run: run(reading) })))
    return reading
  })
  const sessions = Math.min(source.sessions, parts.length)
  const end = readParts(source, snapshot, parts, sessions, signal)
  return { readings, end }
}

type PartOf = (reading: Reading) => (client: Client) => Promise<void>

/** What is recorded of the stream goes first, so that it is known when the last row is loaded. */
function factParts({ stream, table, read }: StreamPlan): readonly PartOf[] {
  const parts: PartOf[] = []
  if (table.versioned) {
    parts.push((reading) => async (client) => {
      reading.versions = (await readRowVersions(client, [table]))[0] ?? null
    })
  }
  const { cursor } = stream
  if (cursor !== null && stream.sync !== 'full_refresh') {
    parts.push((reading) => async (client) => {
      reading.cursor = await readLastCursor(client, read.from, cursor)
    })
  }
  return parts
}

function copyParts(plan: StreamPlan, source: Source, path: string): readonly PartOf[] {
  return pageRanges(plan).map((pages, part) => (reading) => async (client) => {
    const writer = new SpoolWriter(
      (number) => `${path}-${part}-${number}.csv`,
      (spool) => reading.hand(spool),
    )
    const write = async (bytes: Uint8Array, wholeRows: boolean) => {
      try {
        await writer.write(bytes, wholeRows)
      } catch (error) {
        // Without this the server would go on sending what nobody can keep.
        void source.cancel(client)
        throw error
      }
    }
    try {
      const copy = new CopyOut(copyText({ ...plan.read, pages }), { write })
      client.query(copy)
      const rows = await copy.done
      await writer.finish()
      reading.rows += rows
    } finally {
      await writer.abandon()
    }
  })
}

async function readParts(
  source: Source,
  snapshot: Snapshot,
  parts: readonly Part[],
  sessions: number,
  signal: AbortSignal,
): Promise<void> {
  const queue = [...parts]
  const busy = new Set<Client>()
  const stop = () => {
    for (const client of busy) void source.cancel(client)
  }
  const work = async (client: Client) => {
    busy.add(client)
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
      const alive = await runPart(source, client, part, signal)
      if (!alive) break
    }
    busy.delete(client)
  }
  // The lead's own queries wait behind its COPY, so the others are let in first.
  const others = await Promise.allSettled(
    Array.from({ length: sessions - 1 }, () => snapshot.join()),
  )
  const clients = [snapshot.lead]
  for (const other of others) if (other.status === 'fulfilled') clients.push(other.value)
  signal.addEventListener('abort', stop)
  await Promise.all(clients.map(work))
  signal.removeEventListener('abort', stop)
  for (const { reading } of queue) {
    const { stream } = reading.plan
    const lost = new Error('Connection terminated before its turn')
    reading.fail(readProblem(lost, source.spoken, { asset: stream.asset, name: stream.stream }))
  }
}

/** False when the session can't be used any more. */
async function runPart(
  source: Source,
  client: Client,
  { reading, run }: Part,
  signal: AbortSignal,
): Promise<boolean> {
  const { stream } = reading.plan
  try {
    if (reading.failure === null) {
      if (signal.aborted) throw new ProblemError(cancelled(stream.asset))
      await guarded(client, () => run(client))
    }
    return true
  } catch (error) {
    const named = { asset: stream.asset, name: stream.stream }
    reading.fail(
      signal.aborted
        ? cancelled(stream.asset)
        : error instanceof ProblemError
          ? error.problems[0]!
          : readProblem(error, source.spoken, named),
    )
    return !isLost(error)
  } finally {
    reading.endPart()
  }
}

export const cancelled = (asset: string) => ({
  code: 'cancelled',
  message: `${asset}: the load was cancelled`,
  asset,
})
