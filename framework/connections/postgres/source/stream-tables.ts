import { fail, ok, ProblemError, type Result } from '../../../model/problem.ts'
import type { Stream } from '../../../model/stream.ts'
import { probeProblem } from '../problems.ts'
import { readNames, readTables, type SourceTable } from './catalog.ts'
import type { Client } from './client.ts'
import { openSnapshot, type Snapshot } from './snapshot.ts'
import type { Source } from './source.ts'

/** A stream and its table in the source's catalog. */
export interface StreamTable {
  readonly stream: Stream
  /** null if the source has no such table. */
  readonly table: SourceTable | null
  readonly namespace: string
  /** All tables of the schema, for suggestions. Empty if the table exists. */
  readonly names: readonly string[]
}

export interface OpenedStreamTables {
  readonly snapshot: Snapshot
  /** In the order of the streams. */
  readonly tables: readonly StreamTable[]
}

/**
 * Opens a snapshot and reads the tables of streams from its catalog. `schema` is that of streams without a
 * namespace. Problems: those of `Source.open`; the query of the catalog failed.
 */
export async function openStreamTables(
  source: Source,
  streams: readonly Stream[],
  schema: string,
): Promise<Result<OpenedStreamTables>> {
  let snapshot: Snapshot | null = null
  try {
    snapshot = await openSnapshot(source)
    return ok({ snapshot, tables: await readStreamTables(snapshot.lead, streams, schema) })
  } catch (error) {
    await snapshot?.close()
    if (error instanceof ProblemError) return fail(...error.problems)
    return fail(probeProblem(error, source.sourceName))
  }
}

async function readStreamTables(
  client: Client,
  streams: readonly Stream[],
  schema: string,
): Promise<readonly StreamTable[]> {
  const wanted = streams.map((stream) => ({
    namespace: stream.namespace ?? schema,
    name: stream.stream,
  }))
  const tables = await readTables(client, wanted)
  const suggestions = new Map<string, readonly string[]>()
  const streamTables: StreamTable[] = []
  for (const [index, stream] of streams.entries()) {
    const { namespace } = wanted[index]!
    const table = tables[index] ?? null
    if (table === null && !suggestions.has(namespace)) {
      suggestions.set(namespace, await readNames(client, namespace))
    }
    streamTables.push({ stream, table, namespace, names: suggestions.get(namespace) ?? [] })
  }
  return streamTables
}
