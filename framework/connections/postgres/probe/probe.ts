import type { Json } from '../../../lib/json.ts'
import type { Probe } from '../../../model/observation.ts'
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { Stream } from '../../../model/stream.ts'
import { probeProblem } from '../problems.ts'
import type { Source } from '../source/source.ts'
import { openStreamTables } from '../source/stream-tables.ts'
import { readCursorRows } from './cursor-rows.ts'
import { recordedPosition } from './position.ts'
import {
  compareCursorRows,
  compareRowVersions,
  probeCatalog,
  probeWithoutOpening,
} from './probe-rules.ts'
import { readRowVersions } from './row-versions.ts'

export interface ProbeRequest {
  readonly stream: Stream
  readonly recorded: Json
}

export interface Probed {
  readonly probe: Probe
  readonly position: Json
}

/**
 * Probes whether each stream changed since its recorded position, by asset. Opens the source only if
 * needed. `schema` is that of streams without a namespace. Problems: those of `openStreamTables` and
 * `selectColumns`.
 */
export async function probeStreams(
  source: Source,
  requests: readonly ProbeRequest[],
  schema: string,
): Promise<Result<ReadonlyMap<string, Probed>>> {
  const recordedStreams = requests.map(({ stream, recorded }) => ({
    stream,
    position: recordedPosition(recorded),
  }))
  const peek = await source.peek()
  const early = recordedStreams.map(({ position }) => probeWithoutOpening(position, peek))
  if (early.every((probe) => probe !== null)) {
    return ok(
      new Map(
        recordedStreams.map(({ stream, position }, index) => [
          stream.asset,
          { probe: early[index]!, position },
        ]),
      ),
    )
  }
  const streams = recordedStreams.map(({ stream }) => stream)
  const opened = await openStreamTables(source, streams, schema)
  if (!opened.ok) return opened
  const { snapshot, tables } = opened.value
  try {
    const results = recordedStreams.map(({ position }, index) =>
      probeCatalog(tables[index]!, position, snapshot),
    )
    const refused = results.flatMap((one) => (one.is === 'refused' ? one.problems : []))
    if (refused.length > 0) return fail(...refused)
    const undecided = results.flatMap((one) => (one.is === 'undecided' ? [one.table] : []))
    const versions = (await readRowVersions(snapshot.lead, undecided)).values()
    const probed = new Map<string, Probed>()
    for (const [index, { stream, position }] of recordedStreams.entries()) {
      const one = results[index]!
      if (one.is === 'refused') continue
      const probe =
        one.is === 'answered'
          ? one.probe
          : one.is === 'undecided'
            ? compareRowVersions(stream.stream, one.recorded, versions.next().value!)
            : compareCursorRows(
                tables[index]!,
                one.recorded,
                await readCursorRows(snapshot.lead, one.rows, one.recorded),
              )
      const isProved = probe.answer === 'unchanged' && position !== null
      probed.set(stream.asset, {
        probe,
        position: isProved ? { ...position, server: snapshot.server } : position,
      })
    }
    return ok(probed)
  } catch (error) {
    return fail(probeProblem(error, source.sourceName))
  } finally {
    await snapshot.close()
  }
}
