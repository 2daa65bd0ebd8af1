import { fail, ok, ProblemError, type Result } from '../../../model/problem.ts'
import type { Stream } from '../../../model/stream.ts'
import { probeProblem } from '../problems.ts'
import { readNames, readTables, type SourceTable } from './catalog.ts'
import type { Client } from './client.ts'
import { openSnapshot, type Snapshot } from './snapshot.ts'
import type { Source } from './source.ts'

/** What the source's catalog says of a stream. */
export interface StreamFacts {
  readonly stream: Stream
  readonly table: SourceTable | null
  readonly namespace: string
  /** What else there is in the schema; looked at only when there is no such table. */
  readonly names: readonly string[]
}

export interface OpenedFacts {
  readonly snapshot: Snapshot
  /** In the order of the streams. */
  readonly facts: readonly StreamFacts[]
}

/**
 * Opens a snapshot and reads the catalog for these streams; `schema` is that of streams that name
 * none. Problems: source unreachable, refused, lost.
 */
export async function openFacts(
  source: Source,
  streams: readonly Stream[],
  schema: string,
): Promise<Result<OpenedFacts>> {
  let snapshot: Snapshot | null = null
  try {
    snapshot = await openSnapshot(source)
    return ok({ snapshot, facts: await readFacts(snapshot.lead, streams, schema) })
  } catch (error) {
    await snapshot?.close()
    if (error instanceof ProblemError) return fail(...error.problems)
    return fail(probeProblem(error, source.spoken))
  }
}

async function readFacts(
  client: Client,
  streams: readonly Stream[],
  schema: string,
): Promise<readonly StreamFacts[]> {
  const wanted = streams.map((stream) => ({
    namespace: stream.namespace ?? schema,
    name: stream.stream,
  }))
  const tables = await readTables(client, wanted)
  const suggestions = new Map<string, readonly string[]>()
  const facts: StreamFacts[] = []
  for (const [index, stream] of streams.entries()) {
    const { namespace } = wanted[index]!
    const table = tables[index] ?? null
    if (table === null && !suggestions.has(namespace)) {
      suggestions.set(namespace, await readNames(client, namespace))
    }
    facts.push({ stream, table, namespace, names: suggestions.get(namespace) ?? [] })
  }
  return facts
}
