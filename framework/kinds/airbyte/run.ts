import { makeScratch, removeScratch } from '../../lib/scratch.ts'
import type { Asset } from '../../model/asset.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Connection } from '../../ports/connection.ts'
import type { Batch, BatchStep, Report } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import type { Session } from '../../ports/warehouse.ts'
import { located } from './located.ts'
import { byConnection, streamOf } from './stream.ts'

interface StreamStep {
  readonly asset: Asset
  readonly step: BatchStep
}

/** Loads the streams of a batch, connection by connection, and reports every step. */
export async function loadBatch(batch: Batch, report: Report, site: Site): Promise<void> {
  const steps = batch.steps.flatMap((step): readonly StreamStep[] =>
    step.subject.is === 'asset' ? [{ asset: step.subject.asset, step }] : [],
  )
  const assets = new Map(steps.map(({ asset }) => [asset.name, asset]))
  const locating: Report = (one) =>
    report(
      one.step === 'failed' ? { ...one, problem: located(one.problem, assets.get(one.name)) } : one,
    )
  const session = await openSession(site, batch.signal)
  if (!session.ok) return failAll(steps, session.problems, locating)
  try {
    for (const group of byConnection(steps)) {
      const connection = await site.connection(group[0]!.asset)
      if (connection.ok) {
        await loadGroup(connection.value, group, { batch, session: session.value, locating, site })
      } else {
        await failAll(group, connection.problems, locating)
      }
    }
  } finally {
    await session.value.close()
  }
}

interface Loading {
  readonly batch: Batch
  readonly session: Session
  readonly locating: Report
  readonly site: Site
}

async function loadGroup(
  connection: Connection,
  group: readonly StreamStep[],
  { batch, session, locating, site }: Loading,
): Promise<void> {
  const scratch = openScratch(site.home)
  if (!scratch.ok) return failAll(group, scratch.problems, locating)
  try {
    await connection.load({
      run: batch.run,
      streams: group.map(({ asset, step }) => ({ stream: streamOf(asset, site.target), step })),
      session,
      report: locating,
      signal: batch.signal,
      scratch: scratch.value,
    })
  } finally {
    removeScratch(scratch.value)
  }
}

async function openSession(site: Site, signal: AbortSignal): Promise<Result<Session>> {
  const warehouse = await site.warehouse()
  return warehouse.ok ? warehouse.value.open(signal) : warehouse
}

function openScratch(home: string): Result<string> {
  try {
    return ok(makeScratch(home))
  } catch (error) {
    return fail({
      code: 'scratch-unwritable',
      message: `no room for spool files under ${home}: ${(error as Error).message}`,
      hint: 'make the folder writable and see that the disk is not full',
    })
  }
}

async function failAll(
  steps: readonly StreamStep[],
  problems: readonly Problem[],
  report: Report,
): Promise<void> {
  for (const { step } of steps) {
    await report({
      step: 'failed',
      name: step.name,
      problem: { ...problems[0]!, asset: step.name },
    })
  }
}
