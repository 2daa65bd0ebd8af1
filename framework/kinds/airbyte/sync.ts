import { formatDuration } from '../../lib/duration.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { Stream } from '../../model/stream.ts'
import type { Product } from '../../ports/batch.ts'
import type { Arrival, Syncer, SyncRequest } from '../../ports/connection.ts'
import type { Inspected, Session, SyncRowCounts } from '../../ports/warehouse.ts'
import { wantedOf } from '../relation.ts'
import { withSession } from '../session.ts'
import { type Kept, keptVersion, mayKeep } from './keep.ts'
import { streamOf } from './stream.ts'
import type { Group, StreamStep, Work } from './work.ts'

interface Member extends StreamStep {
  readonly stream: Stream
}

type Loaded = Extract<Arrival, { readonly is: 'loaded' }>

/**
 * Has a service load streams, then looks at the tables it wrote. The warehouse is left alone meanwhile:
 * it may be one that a single process at a time can open.
 */
export async function syncGroup({ connection, steps }: Group<Syncer>, work: Work): Promise<void> {
  const members = steps.map((one) => ({ ...one, stream: streamOf(one.asset, work.site.target) }))
  const before = await inspectBefore(members, work)
  const { report, batch, site } = work
  const begunAt = site.clock()
  const arrivals = await connection.sync({
    streams: members,
    report,
    signal: batch.signal,
    countSyncRows: (relations, syncId) => stampsOf(relations, syncId, work),
  })
  const loaded: (readonly [Member, Loaded])[] = []
  for (const member of members) {
    const { step } = member
    const arrival = arrivals.get(step.name)
    switch (arrival?.is) {
      case 'loaded':
        loaded.push([member, arrival])
        break
      case 'as_recorded':
        await reportAsRecorded(member, work)
        break
      case 'failed':
        await report({ step: 'failed', name: step.name, problem: arrival.problem })
        break
      case 'cancelled':
        await report({ step: 'cancelled', name: step.name, detail: arrival.detail })
        break
      case undefined:
        // It was reported, or else the loop tells of a step without an outcome.
        break
    }
  }
  warnOfAge(loaded, site.clock() - begunAt, work)
  if (loaded.length > 0) await reportLoaded(loaded, before, work)
}

/** Age counts from a sync's start, so one that takes too long is too old when it ends (SEMANTICS 12). */
function warnOfAge(
  loaded: readonly (readonly [Member, Loaded])[],
  took: number,
  { site }: Work,
): void {
  for (const [{ asset, step }] of loaded) {
    const definition = step.subject.is === 'asset' ? step.subject.definition : null
    const freshness = asset.policy.freshness ?? definition?.freshness
    if (freshness === undefined || !('maxAge' in freshness) || took < freshness.maxAge) continue
    const times = `${formatDuration(took)}, and its max_age is ${formatDuration(freshness.maxAge)}`
    site.notice(
      `${asset.name} took ${times}: it is stale again already; raise max_age, or take a cron`,
    )
    return
  }
}

async function reportLoaded(
  loaded: readonly (readonly [Member, Loaded])[],
  before: ReadonlyMap<string, Inspected>,
  work: Work,
): Promise<void> {
  const measured = await inSession(work, async (session) => {
    const relations = loaded.map(([{ stream }]) => stream.relation)
    const after = await session.inspect(relations)
    const kept = loaded.map(([member, { records }]) => {
      const { relation } = member.stream
      return keptVersion(member, records, before.get(relation), after.get(relation))
    })
    const products: Result<Product>[] = []
    for (const [at, [member, arrival]] of loaded.entries()) {
      const there = after.get(member.stream.relation)
      products.push(await productOf(member, arrival, kept[at]!, there, session))
    }
    // A version is taken between two looks at the token (SEMANTICS 1); one that is kept is not taken.
    const isNoneTaken = kept.every((one) => one !== null)
    const again = isNoneTaken ? after : await session.inspect(relations)
    return products.map((product, at) => {
      const relation = relations[at]!
      const moved = after.get(relation)?.token !== again.get(relation)?.token
      return product.ok && moved ? ok({ ...product.value, version: null }) : product
    })
  })
  for (const [at, [{ step }, { startedAt }]] of loaded.entries()) {
    const product = measured.ok ? measured.value[at]! : measured
    if (product.ok) {
      await work.report({
        step: 'built',
        name: step.name,
        product: product.value,
        ...(startedAt === null ? {} : { startedAt }),
      })
    } else {
      const problem = { ...product.problems[0]!, asset: step.name }
      await work.report({ step: 'failed', name: step.name, problem })
    }
  }
}

async function productOf(
  { step, stream, asset }: Member,
  { source, reference }: Loaded,
  kept: Kept | null,
  there: Inspected | undefined,
  session: Session,
): Promise<Result<Product>> {
  if (kept !== null) return ok({ ...kept, installed: null, source, reference })
  if (there === undefined || step.subject.is !== 'asset') {
    return fail({
      code: 'table-missing',
      message: `${asset.name}: ${reference} was to fill ${stream.relation}, and there is no such table`,
      hint: 'set target_schema (and prefix) of the connection to where Airbyte writes',
    })
  }
  const print = await session.fingerprint(
    stream.relation,
    wantedOf(step.subject, there.kind === 'table'),
  )
  if (!print.ok) return print
  const token = print.value.token ?? there.token ?? null
  return ok({ ...print.value, token, installed: null, source, reference })
}

/** Nothing was done about it, so its record is written once more as it is. */
async function reportAsRecorded({ step }: Member, { report }: Work): Promise<void> {
  const record = step.subject.is === 'asset' ? step.subject.record : null
  if (record === null) throw new Error(`${step.name} has no record to be as`)
  const { dataVersion: version, startedAt } = record
  await report({ step: 'built', name: step.name, product: { ...record, version }, startedAt })
}

/** The tables whose version may outlive the sync; none where the warehouse can't be looked at. */
async function inspectBefore(
  members: readonly Member[],
  work: Work,
): Promise<ReadonlyMap<string, Inspected>> {
  const relations = members.filter(mayKeep).map(({ stream }) => stream.relation)
  if (relations.length === 0) return new Map()
  const found = await inSession(work, (session) => session.inspect(relations))
  return found.ok ? found.value : new Map()
}

async function stampsOf(
  relations: readonly string[],
  syncId: number,
  work: Work,
): ReturnType<SyncRequest['countSyncRows']> {
  return inSession(work, async (session) => {
    const found = new Map<string, SyncRowCounts>()
    for (const relation of (await session.inspect(relations)).keys()) {
      const stamps = await session.countSyncRows(relation, syncId)
      if (stamps.ok) found.set(relation, stamps.value)
    }
    return found
  })
}

async function inSession<T>(
  { site, batch }: Work,
  use: (session: Session) => Promise<T>,
): Promise<Result<T>> {
  const warehouse = await site.warehouse()
  return warehouse.ok ? withSession(warehouse.value, use, batch.signal) : warehouse
}
