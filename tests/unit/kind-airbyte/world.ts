import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json } from '../../../framework/lib/json.ts'
import type { Asset } from '../../../framework/model/asset.ts'
import type { Definition } from '../../../framework/model/definition.ts'
import { fail, ok, type Problem, type Result } from '../../../framework/model/problem.ts'
import type { Materialization } from '../../../framework/model/record.ts'
import type { BatchStep } from '../../../framework/ports/batch.ts'
import type {
  Arrival,
  Loader,
  LoadRequest,
  Syncer,
  SyncRequest,
} from '../../../framework/ports/connection.ts'
import type { ObserveRequest } from '../../../framework/ports/kind.ts'
import type { Site } from '../../../framework/ports/site.ts'
import type { Inspected, Session, Warehouse } from '../../../framework/ports/warehouse.ts'
import { plainAsset } from '../../rig/asset.ts'

export function rawAsset(name: string, spec: Readonly<Record<string, Json>> = {}): Asset {
  return plainAsset(name, {
    kind: 'airbyte',
    spec: { connection: 'shop', stream: name.replace(/^raw_/, ''), ...spec },
    file: 'assets/raw.yaml',
  })
}

export interface FakeWarehouse extends Warehouse {
  /** What each relation is, by name: the content of a table, or null for a view. */
  readonly tables: Map<string, string | null>
  /** Relations whose fingerprint fails. */
  readonly broken: Set<string>
  readonly fingerprinted: string[]
  /** Change tokens, by relation. */
  readonly tokens: Map<string, string>
  onFingerprint: () => unknown
  opened: number
  open_: number
  token: string | null
  refuses: Problem | null
  whyUnseen: (relation: string) => string | null
}

export function fakeWarehouse(): FakeWarehouse {
  const inspected = (relation: string, content: string | null): Inspected => ({
    kind: content === null ? 'view' : 'table',
    columns: [],
    shape: { relation, columns: 'columns' },
    installed: content === null ? 'definition' : null,
    ...(warehouse.tokens.has(relation) ? { token: warehouse.tokens.get(relation)! } : {}),
  })
  const session = {
    async inspect(relations: readonly string[]) {
      return new Map(
        relations.flatMap((one) => {
          const content = warehouse.tables.get(one)
          return content === undefined ? [] : [[one, inspected(one, content)] as const]
        }),
      )
    },
    async fingerprint(relation: string, wanted?: { readonly token?: true }) {
      warehouse.fingerprinted.push(relation)
      warehouse.onFingerprint()
      if (warehouse.broken.has(relation)) return fail({ code: 'broken', message: 'it fails' })
      const version = `c:fake:${warehouse.tables.get(relation)}`
      const token = wanted?.token ? `written ${warehouse.tables.get(relation)}` : null
      return ok({ version, shape: { relation, columns: 'columns' }, rows: 3, bytes: 1, token })
    },
    async close() {
      warehouse.open_--
    },
  } as unknown as Session
  const warehouse: FakeWarehouse = {
    type: 'fake',
    resource: null,
    dbt: { env: {}, keys: {} },
    tables: new Map(),
    broken: new Set(),
    fingerprinted: [],
    tokens: new Map(),
    onFingerprint: () => {},
    opened: 0,
    open_: 0,
    token: null,
    refuses: null,
    changeToken: async () => warehouse.token,
    whyUnseen: () => null,
    async open() {
      if (warehouse.refuses !== null) return fail(warehouse.refuses)
      warehouse.opened++
      warehouse.open_++
      return ok(session)
    },
    lend: () => Promise.reject(new Error('not in this test')),
  }
  return warehouse
}

export interface FakeConnection extends Loader {
  /** The answers of probes, by asset. Default: `unchanged`. */
  readonly says: Map<string, Problem | 'moved'>
  readonly probed: string[][]
  readonly loads: LoadRequest[]
  onLoad: (request: LoadRequest) => Promise<void>
}

export function fakeConnection(): FakeConnection {
  const connection: FakeConnection = {
    type: 'fake',
    together: false,
    says: new Map(),
    probed: [],
    loads: [],
    admin: null,
    onLoad: async ({ streams, report }) => {
      for (const { step } of streams) await report({ step: 'cancelled', name: step.name })
    },
    async probe(requests) {
      connection.probed.push(requests.map(({ stream }) => stream.asset))
      const said = requests.map(({ stream }) => connection.says.get(stream.asset))
      const problems = said.filter((one): one is Problem => typeof one === 'object')
      if (problems.length > 0) return fail(...problems)
      return ok(
        new Map(
          requests.map(({ stream, recorded }, index) => [
            stream.asset,
            said[index] === 'moved'
              ? { probe: { answer: 'moved', message: 'it moved' }, position: recorded }
              : { probe: { answer: 'unchanged' }, position: { now: 2 } },
          ]),
        ),
      )
    },
    async load(request) {
      connection.loads.push(request)
      await connection.onLoad(request)
    },
    close: async () => {},
  }
  return connection
}

export interface FakeSyncer extends Syncer {
  readonly syncs: SyncRequest[]
  onSync: (request: SyncRequest) => Promise<ReadonlyMap<string, Arrival>>
}

export function fakeSyncer(): FakeSyncer {
  const syncer: FakeSyncer = {
    type: 'fake',
    together: true,
    syncs: [],
    admin: null,
    onSync: async () => new Map(),
    probe: async () => ({ probes: new Map(), problems: [] }),
    async sync(request) {
      syncer.syncs.push(request)
      return syncer.onSync(request)
    },
    close: async () => {},
  }
  return syncer
}

export interface FakeSite extends Site {
  readonly fakes: {
    readonly warehouse: FakeWarehouse
    /** The default connection. */
    readonly shop: FakeConnection
    readonly connections: Map<string, Result<FakeConnection | FakeSyncer>>
  }
}

export function fakeSite(settings: Readonly<Record<string, Json>> = {}): FakeSite {
  const warehouse = fakeWarehouse()
  const shop = fakeConnection()
  const connections: FakeSite['fakes']['connections'] = new Map([['shop', ok(shop)]])
  const home = mkdtempSync(join(tmpdir(), 'assets-kind-'))
  const at = { file: 'assets.yaml', path: [] }
  return {
    root: home,
    home,
    project: null as never,
    target: {
      name: 'local',
      warehouse: null,
      connections: { shop: { type: 'fake', settings, at } },
      state: { type: 'fake', settings: {}, at },
      confirm: false,
      secrets: [],
    },
    env: {},
    shell: {},
    clock: () => 1_000,
    signal: new AbortController().signal,
    notice: () => {},
    warehouse: async () => ok(warehouse),
    fileFormat: () => {
      throw new Error('no file format is used here')
    },
    pythonLibrary: async () => null,
    publisher: () => Promise.reject(new Error('nothing is published here')),
    connection: async ({ spec }) =>
      connections.get(String(spec.connection)) ??
      fail({ code: 'none', message: 'no such connection' }),
    fakes: { warehouse, shop, connections },
  }
}

export const recordWith = (
  dataVersion: string | null,
  source: Json = { now: 1 },
  token: string | null = null,
): Materialization => ({ dataVersion, source, token }) as Materialization

export function observing(
  asset: Asset,
  definition: Definition,
  record: Materialization | null,
  warehouseToken: string | null = null,
): ObserveRequest {
  return { asset, definition, record, lastObserved: null, warehouseToken, sparing: false }
}

export function stepFor(asset: Asset): BatchStep {
  const subject = { is: 'asset', asset, record: null, inputs: new Map() } as unknown
  return {
    name: asset.name,
    action: 'build',
    full: true,
    reasons: [],
    after: [],
    subject: subject as BatchStep['subject'],
  }
}
