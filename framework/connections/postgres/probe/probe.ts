import type { Json } from '../../../lib/json.ts'
import type { Probe } from '../../../model/observation.ts'
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { Stream } from '../../../model/stream.ts'
import { probeProblem } from '../problems.ts'
import type { Source } from '../source/source.ts'
import { openFacts } from '../source/stream-tables.ts'
import { recordedPosition } from './position.ts'
import { compareRows, glance, lookAt } from './probe-rules.ts'
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
 * Whether each stream moved since its recorded position, by asset; opens the source only when
 * glancing at it proves too little. `schema` is that of streams that name none.
 * Problems: source unreachable, refused, lost; unknown stream, key or cursor column missing.
 */
export async function probeStreams(
  source: Source,
  requests: readonly ProbeRequest[],
  schema: string,
): Promise<Result<ReadonlyMap<string, Probed>>> {
  const asked = requests.map(({ stream, recorded }) => ({
    stream,
    position: recordedPosition(recorded),
  }))
  const peek = await source.peek()
  const glances = asked.map(({ position }) => glance(position, peek))
  if (glances.every((probe) => probe !== null)) {
    return ok(
      new Map(
        asked.map(({ stream, position }, index) => [
          stream.asset,
          { probe: glances[index]!, position },
        ]),
      ),
    )
  }
  const streams = asked.map(({ stream }) => stream)
  const opened = await openFacts(source, streams, schema)
  if (!opened.ok) return opened
  const { snapshot, facts } = opened.value
  try {
    const looks = asked.map(({ position }, index) =>
      lookAt(facts[index]!, position, snapshot.server),
    )
    const refused = looks.flatMap((one) => (one.look === 'refused' ? one.problems : []))
    if (refused.length > 0) return fail(...refused)
    const counting = looks.flatMap((one) => (one.look === 'count' ? [one.rows] : []))
    const versions = (await readRowVersions(snapshot.lead, counting)).values()
    const probed = new Map<string, Probed>()
    for (const [index, { stream, position }] of asked.entries()) {
      const one = looks[index]!
      if (one.look === 'refused') continue
      const probe =
        one.look === 'answered'
          ? one.probe
          : compareRows(stream.stream, one.recorded, versions.next().value!)
      const proved = probe.answer === 'unchanged' && position !== null
      probed.set(stream.asset, {
        probe,
        position: proved ? { ...position, server: snapshot.server } : position,
      })
    }
    return ok(probed)
  } catch (error) {
    return fail(probeProblem(error, source.spoken))
  } finally {
    await snapshot.close()
  }
}
