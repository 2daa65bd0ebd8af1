import { formatDuration } from '../../lib/duration.ts'
import type { Json } from '../../lib/json.ts'
import type { Probe } from '../../model/observation.ts'
import type { Stream } from '../../model/stream.ts'
import type { StreamProbes } from '../../ports/connection.ts'
import { compareSetup } from './compare-setup.ts'
import type { AirbyteContext } from './context.ts'
import { type AirbyteJob, jobState, loadsRecords, mayRun, parseRecordedJob } from './job.ts'

/**
 * Probes streams by Airbyte's jobs: whether a job newer than the recorded one runs or has loaded them. Also
 * compares each stream's setup in Airbyte with its asset.
 */
export async function probeStreams(
  { api, notice, clock }: Pick<AirbyteContext, 'api' | 'notice' | 'clock'>,
  requests: readonly { readonly stream: Stream; readonly recorded: Json }[],
): Promise<StreamProbes> {
  const { settings } = api
  const [setup, jobs] = await Promise.all([api.setup(), api.jobs()])
  if (!setup.ok) return { probes: new Map(), problems: setup.problems }
  if (!jobs.ok) return { probes: new Map(), problems: jobs.problems }
  const streams = requests.map(({ stream }) => stream)
  const { problems, warnings } = compareSetup(streams, setup.value, settings)
  for (const warning of warnings) notice(warning)
  if (setup.value.status !== 'active') {
    notice(`connection ${settings.name} is ${setup.value.status} in Airbyte, so it loads nothing`)
  }
  const probes = requests.map(({ stream, recorded }) => {
    const probe = probeOf(jobs.value, recorded, settings.adopt, clock())
    return [stream.asset, probe] as const
  })
  return { probes: new Map(probes), problems }
}

/** The probe of a stream by the jobs newer than its recorded one. `jobs` are newest first. Pure. */
export function probeOf(
  jobs: readonly AirbyteJob[],
  recorded: Json,
  adopt: boolean,
  now: number,
): Probe {
  const last = parseRecordedJob(recorded)
  if (last === null) return { answer: 'not_asked' }
  const [newest] = jobs.filter((job) => job.id > last.job)
  if (newest === undefined) return { answer: 'not_asked' }
  const { startedAt } = newest
  const isPast = startedAt !== null && startedAt <= now
  const ago = isPast ? `, started ${formatDuration(now - startedAt)} ago` : ''
  if (mayRun(newest)) {
    return { answer: 'moved', message: `Airbyte job ${newest.id} is loading it${ago}` }
  }
  // A failed job may have written rows. If it did, the table's own version shows it.
  return adopt && loadsRecords(newest) && jobState(newest) === 'succeeded'
    ? { answer: 'moved', message: `Airbyte job ${newest.id} has loaded it${ago}` }
    : { answer: 'not_asked' }
}
