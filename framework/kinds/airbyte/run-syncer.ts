import { formatDuration } from '../../lib/duration.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { Stream } from '../../model/stream.ts'
import type { Product } from '../../ports/batch.ts'
import type { Arrival, Syncer, SyncRequest } from '../../ports/connection.ts'
import type { Inspected, Session, SyncRowCounts } from '../../ports/warehouse.ts'
import { fingerprintOptions } from '../observe-relations.ts'
import { withSession } from '../with-session.ts'
import type { BatchWork, ConnectionGroup, StreamStep } from './batch-work.ts'
import { type KeptVersion, keptVersion, mayKeepVersion } from './keep-version.ts'
import { streamOf } from './stream.ts'

interface StreamWork extends StreamStep {
  readonly stream: Stream
}

type Loaded = Extract<Arrival, { readonly is: 'loaded' }>

/**
 * Lets a service load streams, then measures the tables that it wrote. The warehouse stays closed during
 * the sync, because some warehouses can be open in only one process.
 */
export async function runSyncer(
  { connection, steps }: ConnectionGroup<Syncer>,
  work: BatchWork,
): Promise<void> {
  const members = steps.map((one) => ({ ...one, stream: streamOf(one.asset, work.site.target) }))
  const before = await inspectBefore(members, work)
  const { report, batch, site } = work
  const startedAt = site.clock()
  const arrivals = await connection.sync({
    streams: members,
    report,
    onWait: work.onWait,
    signal: batch.signal,
    countSyncRows: (relations, syncId) => countSyncRows(relations, syncId, work),
  })
  work.onWait(null)
  const loaded: (readonly [StreamWork, Loaded])[] = []
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
        // The connection has reported the step itself. If not, the run loop finds it without an outcome.
        break
    }
  }
  warnIfAlreadyStale(loaded, site.clock() - startedAt, work)
  if (loaded.length > 0) await reportLoaded(loaded, before, work)
}

/** Age counts from a sync's start, so a sync longer than `max_age` ends stale (SEMANTICS 12). */
function warnIfAlreadyStale(
  loaded: readonly (readonly [StreamWork, Loaded])[],
  took: number,
  { site }: BatchWork,
): void {
  for (const [{ asset, step }] of loaded) {
    const definition = step.subject.is === 'asset' ? step.subject.definition : null
    const freshness = asset.policy.freshness ?? definition?.freshness
    if (freshness === undefined || !('maxAge' in freshness) || took < freshness.maxAge) continue
    const times = `${formatDuration(took)}, longer than its max_age of ${formatDuration(freshness.maxAge)}`
    site.notice(`${asset.name} took ${times}, and is stale again: raise max_age, or use a cron`)
    return
  }
}

async function reportLoaded(
  loaded: readonly (readonly [StreamWork, Loaded])[],
  before: ReadonlyMap<string, Inspected>,
  work: BatchWork,
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
      const { name } = member.step
      const hashing = { phase: 'hashing', message: 'hashing its rows' } as const
      if (kept[at] === null) await work.report({ step: 'progress', name, ...hashing })
      const found = after.get(member.stream.relation)
      products.push(await productOf(member, arrival, kept[at]!, found, session))
    }
    // The token must be equal before and after the table was read (SEMANTICS 1).
    const isNoneRead = kept.every((one) => one !== null)
    const again = isNoneRead ? after : await session.inspect(relations)
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
  { step, stream, asset }: StreamWork,
  { source, reference }: Loaded,
  kept: KeptVersion | null,
  found: Inspected | undefined,
  session: Session,
): Promise<Result<Product>> {
  if (kept !== null) return ok({ ...kept, installed: null, source, reference })
  if (found === undefined || step.subject.is !== 'asset') {
    return fail({
      code: 'table-missing',
      message: `${asset.name}: the warehouse has no table ${stream.relation} after ${reference}`,
      hint: 'set target_schema and prefix of the connection to where Airbyte writes',
    })
  }
  const print = await session.fingerprint(
    stream.relation,
    fingerprintOptions(step.subject, found.kind === 'table'),
  )
  if (!print.ok) return print
  const token = print.value.token ?? found.token ?? null
  return ok({ ...print.value, token, installed: null, source, reference })
}

/** Reports an asset that was not loaded as built, with the values of its record. */
async function reportAsRecorded({ step }: StreamWork, { report }: BatchWork): Promise<void> {
  const record = step.subject.is === 'asset' ? step.subject.record : null
  if (record === null) throw new Error(`${step.name} is as recorded, but has no record`)
  const { dataVersion: version, startedAt } = record
  await report({ step: 'built', name: step.name, product: { ...record, version }, startedAt })
}

/** Inspects the tables whose version the sync may keep. Empty if the warehouse can't be opened. */
async function inspectBefore(
  members: readonly StreamWork[],
  work: BatchWork,
): Promise<ReadonlyMap<string, Inspected>> {
  const relations = members.filter(mayKeepVersion).map(({ stream }) => stream.relation)
  if (relations.length === 0) return new Map()
  const found = await inSession(work, (session) => session.inspect(relations))
  return found.ok ? found.value : new Map()
}

async function countSyncRows(
  relations: readonly string[],
  syncId: number,
  work: BatchWork,
): ReturnType<SyncRequest['countSyncRows']> {
  return inSession(work, async (session) => {
    const found = new Map<string, SyncRowCounts>()
    for (const relation of (await session.inspect(relations)).keys()) {
      const counts = await session.countSyncRows(relation, syncId)
      if (counts.ok) found.set(relation, counts.value)
    }
    return found
  })
}

async function inSession<T>(
  { site, batch }: BatchWork,
  use: (session: Session) => Promise<T>,
): Promise<Result<T>> {
  const warehouse = await site.warehouse()
  return warehouse.ok ? withSession(warehouse.value, use, batch.signal) : warehouse
}
