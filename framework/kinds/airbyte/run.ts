import { makeScratch, removeScratch } from '../../lib/scratch.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Connection } from '../../ports/connection.ts'
import type { Batch, BatchStep, Defining, Product, Report } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import type { Session } from '../../ports/warehouse.ts'
import { wantedOf } from '../relation.ts'
import { located } from './located.ts'
import { byConnection, streamOf } from './stream.ts'

interface StreamStep extends Defining {
  readonly step: BatchStep
}

/** Loads the streams of a batch, connection by connection, and reports every step. */
export async function loadBatch(batch: Batch, report: Report, site: Site): Promise<void> {
  const steps = batch.steps.flatMap((step): readonly StreamStep[] =>
    step.subject.is === 'asset' ? [{ ...step.subject, step }] : [],
  )
  const byName = new Map(steps.map((step) => [step.step.name, step]))
  const session = await openSession(site, batch.signal)
  const locating: Report = async (one) => {
    const about = byName.get(one.name)
    if (one.step === 'failed') {
      return report({ ...one, problem: located(one.problem, about?.asset) })
    }
    if (one.step !== 'built' || about === undefined || !session.ok) return report(one)
    return report({ ...one, product: await withToken(one.product, about, session.value) })
  }
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

/** What a connection says of a load, and whether anybody will have written to the table after it. */
async function withToken(product: Product, about: Defining, session: Session): Promise<Product> {
  const { relation } = about.definition
  const wanted = wantedOf(about, true)
  if (relation === null || wanted.token === undefined) return product
  const found = await session.fingerprint(relation, wanted)
  return found.ok ? { ...product, token: found.value.token } : product
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
