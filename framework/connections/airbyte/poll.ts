import { formatDuration } from '../../lib/duration.ts'
import type { Json } from '../../lib/json.ts'
import type { Probe } from '../../model/observation.ts'
import type { Stream } from '../../model/stream.ts'
import type { Polled } from '../../ports/connection.ts'
import { compare } from './compare-setup.ts'
import { brings, type Job, mayRun, originOf, standingOf } from './job.ts'
import type { Means } from './sync.ts'

/**
 * What Airbyte knows of streams: a job that runs, or one that somebody ran since the recorded one; and
 * whether each is set up as declared.
 */
export async function look(
  { api, notice, clock }: Pick<Means, 'api' | 'notice' | 'clock'>,
  requests: readonly { readonly stream: Stream; readonly recorded: Json }[],
): Promise<Polled> {
  const { settings } = api
  const [setup, jobs] = await Promise.all([api.setup(), api.jobs()])
  if (!setup.ok) return { probes: new Map(), problems: setup.problems }
  if (!jobs.ok) return { probes: new Map(), problems: jobs.problems }
  const streams = requests.map(({ stream }) => stream)
  const { problems, warnings } = compare(streams, setup.value, settings)
  for (const warning of warnings) notice(warning)
  if (setup.value.status !== 'active') {
    notice(`connection ${settings.name} is ${setup.value.status} in Airbyte: it loads nothing`)
  }
  const probes = requests.map(({ stream, recorded }) => {
    const probe = probeOf(jobs.value, recorded, settings.adopt, clock())
    return [stream.asset, probe] as const
  })
  return { probes: new Map(probes), problems }
}

/** What the jobs since the recorded one say of a stream. `jobs` newest first. Pure. */
export function probeOf(jobs: readonly Job[], recorded: Json, adopt: boolean, now: number): Probe {
  const origin = originOf(recorded)
  if (origin === null) return { answer: 'not_asked' }
  const [newest] = jobs.filter((job) => job.id > origin.job)
  if (newest === undefined) return { answer: 'not_asked' }
  const ago =
    newest.startedAt === null ? '' : `, begun ${formatDuration(now - newest.startedAt)} ago`
  if (mayRun(newest)) {
    return { answer: 'moved', message: `being loaded by Airbyte job ${newest.id}${ago}` }
  }
  // One that failed left what it left; if that is something, the table itself shows it.
  return adopt && brings(newest) && standingOf(newest) === 'succeeded'
    ? { answer: 'moved', message: `loaded since by Airbyte job ${newest.id}${ago}` }
    : { answer: 'not_asked' }
}
