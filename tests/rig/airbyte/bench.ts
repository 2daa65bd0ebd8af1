import { create } from '../../../framework/connections/airbyte/index.ts'
import type { Json } from '../../../framework/lib/json.ts'
import type { Asset } from '../../../framework/model/asset.ts'
import type { Definition } from '../../../framework/model/definition.ts'
import { ok } from '../../../framework/model/problem.ts'
import type { Materialization } from '../../../framework/model/record.ts'
import type { Stream } from '../../../framework/model/stream.ts'
import type { ReasonName } from '../../../framework/model/verdict.ts'
import type { BatchStep, StepReport, Unfinished } from '../../../framework/ports/batch.ts'
import type { Arrival, Syncer } from '../../../framework/ports/connection.ts'
import type { SyncRowCounts } from '../../../framework/ports/warehouse.ts'
import { siteOf } from '../../contract/suites/site.ts'
import { POLICY } from '../asset.ts'
import { stream } from '../load.ts'
import { CREDENTIALS, FakeAirbyte, type FakeLogin, type FakeStream } from './fake.ts'
import { CONNECTION_ID } from './jobs.ts'
import { VirtualTime } from './virtual-time.ts'

/** The step of a stream. */
export interface StepRequest {
  readonly reasons?: readonly ReasonName[]
  readonly full?: boolean
  /** The recorded job; left out for a stream that was never built. */
  readonly source?: Json
  readonly unfinished?: Unfinished | null
  readonly freshSince?: number
  readonly retries?: number
}

export interface SyncOutput {
  readonly arrivals: ReadonlyMap<string, Arrival>
  readonly reports: readonly StepReport[]
  /** What all streams waited for, in order. */
  readonly waits: readonly (string | null)[]
  /** The outcome of each stream: `payment: loaded 3`, `film: airbyte-sync-failed`. */
  readonly outcomes: readonly string[]
}

const MODES = {
  full_refresh: 'full_refresh_overwrite',
  incremental_append: 'incremental_append',
  incremental_dedup: 'incremental_deduped_history',
} as const

/** A fake Airbyte, the connection to it, and a virtual clock. */
export class AirbyteBench {
  readonly time: VirtualTime
  readonly fake: FakeAirbyte
  readonly connection: Syncer
  readonly notices: string[]
  readonly interrupt = new AbortController()
  /** The row counts of the warehouse, by relation. */
  readonly stamps = new Map<string, SyncRowCounts>()
  readonly streams: readonly Stream[]

  private constructor(
    parts: Pick<AirbyteBench, 'time' | 'fake' | 'connection' | 'notices' | 'streams'>,
  ) {
    this.time = parts.time
    this.fake = parts.fake
    this.connection = parts.connection
    this.notices = parts.notices
    this.streams = parts.streams
  }

  static async open(
    streams: readonly Stream[] = [dedup('payment'), dedup('film')],
    settings: Readonly<Record<string, Json>> = {},
    login: FakeLogin = 'application',
  ): Promise<AirbyteBench> {
    const time = new VirtualTime()
    const fake = await FakeAirbyte.start(streams.map(fakeStreamOf), time)
    fake.login = login
    const notices: string[] = []
    const connection = connect(fake, time, { ...loginSettings(login), ...settings }, notices)
    return new AirbyteBench({ time, fake, connection, notices, streams })
  }

  /** A new connection, as in another process: it does not know the jobs of the first one. */
  again(): Syncer {
    return connect(this.fake, this.time, loginSettings(this.fake.login), this.notices)
  }

  async sync(
    wishes: Readonly<Record<string, StepRequest>> = {},
    more: {
      readonly connection?: Syncer
      readonly onReport?: (report: StepReport) => unknown
    } = {},
  ): Promise<SyncOutput> {
    const reports: StepReport[] = []
    const waits: (string | null)[] = []
    const brought = await (more.connection ?? this.connection).sync({
      streams: this.streams.map((one) => ({
        stream: one,
        step: stepOf(one, wishes[one.stream] ?? wishes.all ?? {}, this.time.now),
      })),
      signal: this.interrupt.signal,
      countSyncRows: async (relations) =>
        ok(new Map([...this.stamps].filter(([relation]) => relations.includes(relation)))),
      onWait: (message) => void waits.push(message),
      report: async (one) => {
        reports.push(one)
        await more.onReport?.(one)
      },
    })
    const arrivals = new Map(brought)
    for (const one of reports) {
      if (one.step === 'failed') arrivals.set(one.name, { is: 'failed', problem: one.problem })
    }
    return {
      arrivals,
      reports,
      waits,
      outcomes: [...arrivals].map(([name, one]) => `${name}: ${describeArrival(one)}`),
    }
  }

  /** Stops the fake. Throws if a request or response did not match Airbyte's documents. */
  async close(): Promise<void> {
    await this.fake.stop()
    if (this.fake.violations.length > 0) throw new Error(this.fake.violations.join('\n'))
  }
}

export function dedup(name: string): Stream {
  return stream(name, { sync: 'incremental_dedup', primaryKey: [`${name}_id`] })
}

export function fakeStreamOf({ stream: name, sync, primaryKey, cursor }: Stream): FakeStream {
  return {
    name,
    syncMode: MODES[sync],
    primaryKey: primaryKey.map((column) => [column]),
    ...(cursor === null ? {} : { cursorField: [cursor] }),
  }
}

function loginSettings(login: FakeLogin): Readonly<Record<string, Json>> {
  switch (login) {
    case 'application':
      return { client_id: CREDENTIALS.id, client_secret: CREDENTIALS.secret }
    case 'password':
      return { username: CREDENTIALS.user, password: CREDENTIALS.password }
    case 'token':
      return { token: CREDENTIALS.token }
    case 'nothing':
      return {}
  }
}

function connect(
  fake: FakeAirbyte,
  time: VirtualTime,
  settings: Readonly<Record<string, Json>>,
  notices: string[] = [],
): Syncer {
  const at = { file: 'assets.yaml', path: ['targets', 'prod', 'connections', 'shop'] }
  const adapter = {
    type: 'airbyte',
    at,
    settings: { url: fake.url, connection_id: CONNECTION_ID, ...settings },
  }
  const notice = (message: string) => notices.push(message)
  const site = { ...siteOf({ root: '/nowhere', notice }), clock: time.clock }
  const created = create(adapter, site, time)
  if (!created.ok) throw new Error(created.problems[0]?.message)
  return created.value
}

function stepOf(one: Stream, request: StepRequest, now: number): BatchStep {
  const record =
    request.source === undefined ? null : ({ source: request.source } as unknown as Materialization)
  return {
    name: one.asset,
    action: 'build',
    full: request.full ?? false,
    reasons: (request.reasons ?? ['missing']).map((reason) => ({ reason, message: reason })),
    after: [],
    subject: {
      is: 'asset',
      record,
      inputs: new Map(),
      inputsCommitted: null,
      unfinished: request.unfinished ?? null,
      freshSince: request.freshSince ?? now - 3_420_000,
      definition: null as unknown as Definition,
      asset: {
        name: one.asset,
        policy: { ...POLICY, retries: request.retries ?? null },
      } as unknown as Asset,
    },
  }
}

function describeArrival(arrival: Arrival): string {
  switch (arrival.is) {
    case 'loaded':
      return `loaded ${arrival.records ?? '?'}`
    case 'as_recorded':
      return 'as recorded'
    case 'failed':
      return arrival.problem.code
    case 'cancelled':
      return `cancelled${arrival.detail === '' ? '' : `: ${arrival.detail}`}`
  }
}
