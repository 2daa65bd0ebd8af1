import type { Batch, Report } from '../../ports/batch.ts'
import type { Loader, Syncer } from '../../ports/connection.ts'
import type { Site } from '../../ports/site.ts'
import { type BatchWork, type ConnectionGroup, failAll, type StreamStep } from './batch-work.ts'
import { locateProblem } from './locate-problem.ts'
import { runLoaders } from './run-loaders.ts'
import { runSyncer } from './run-syncer.ts'
import { byConnection } from './stream.ts'
import { joinWaits } from './waits.ts'

/**
 * Loads the streams of a batch and reports every step. Services (syncers) run in parallel, because they
 * do the work elsewhere. Loaders run in this process, one after another.
 */
export async function runBatch(batch: Batch, report: Report, site: Site): Promise<void> {
  const steps = batch.steps.flatMap((step): readonly StreamStep[] =>
    step.subject.is === 'asset' ? [{ asset: step.subject.asset, step }] : [],
  )
  const assets = new Map(steps.map(({ asset }) => [asset.name, asset]))
  const locating: Report = (one) =>
    report(
      one.step === 'failed'
        ? { ...one, problem: locateProblem(one.problem, assets.get(one.name)) }
        : one,
    )
  const nextWait = joinWaits(batch.onWait)
  const workOf = (): BatchWork => ({ batch, report: locating, onWait: nextWait(), site })
  const loaders: ConnectionGroup<Loader>[] = []
  const syncers: ConnectionGroup<Syncer>[] = []
  for (const group of byConnection(steps)) {
    const connection = await site.connection(group[0]!.asset)
    if (!connection.ok) await failAll(group, connection.problems, locating)
    else if (connection.value.together) syncers.push({ connection: connection.value, steps: group })
    else loaders.push({ connection: connection.value, steps: group })
  }
  await Promise.all([
    runLoaders(loaders, workOf()),
    ...syncers.map((syncer) => runSyncer(syncer, workOf())),
  ])
}
