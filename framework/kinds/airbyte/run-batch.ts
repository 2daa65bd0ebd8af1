import type { Batch, Report } from '../../ports/batch.ts'
import type { Loader, Syncer } from '../../ports/connection.ts'
import type { Site } from '../../ports/site.ts'
import { loadGroups } from './run-loaders.ts'
import { located } from './locate-problem.ts'
import { byConnection } from './stream.ts'
import { syncGroup } from './run-syncer.ts'
import { failAll, type Group, type StreamStep, type Work } from './batch-work.ts'

/**
 * Brings the streams of a batch and reports every step. Services work for themselves, so they are asked
 * side by side, while what we load ourselves is loaded connection by connection.
 */
export async function loadBatch(batch: Batch, report: Report, site: Site): Promise<void> {
  const steps = batch.steps.flatMap((step): readonly StreamStep[] =>
    step.subject.is === 'asset' ? [{ asset: step.subject.asset, step }] : [],
  )
  const assets = new Map(steps.map(({ asset }) => [asset.name, asset]))
  const locating: Report = (one) =>
    report(
      one.step === 'failed' ? { ...one, problem: located(one.problem, assets.get(one.name)) } : one,
    )
  const work: Work = { batch, report: locating, site }
  const loaders: Group<Loader>[] = []
  const syncers: Group<Syncer>[] = []
  for (const group of byConnection(steps)) {
    const connection = await site.connection(group[0]!.asset)
    if (!connection.ok) await failAll(group, connection.problems, locating)
    else if (connection.value.together) syncers.push({ connection: connection.value, steps: group })
    else loaders.push({ connection: connection.value, steps: group })
  }
  await Promise.all([
    loadGroups(loaders, work),
    ...syncers.map((syncer) => syncGroup(syncer, work)),
  ])
}
