import type { Json } from '../../../framework/lib/json.ts'
import type { Asset, KindName } from '../../../framework/model/asset.ts'
import { fail, ok } from '../../../framework/model/problem.ts'
import type { Materialization } from '../../../framework/model/record.ts'
import { AssetTable } from '../../../framework/model/tables/asset-table.ts'
import type {
  Batch,
  BatchStep,
  Committed,
  DefinedAsset,
  StepReport,
  Unfinished,
} from '../../../framework/ports/batch.ts'
import type { FileFormat } from '../../../framework/ports/file-format.ts'
import type { Kind } from '../../../framework/ports/kind.ts'
import type { Publisher } from '../../../framework/ports/publisher.ts'
import type { PythonLibrary, Site } from '../../../framework/ports/site.ts'
import type { Warehouse } from '../../../framework/ports/warehouse.ts'
import { POLICY, plainAsset } from '../../rig/asset.ts'
import { dbtSettings } from '../../rig/dbt-settings.ts'

export interface SiteOptions {
  readonly root: string
  readonly assets?: readonly Asset[]
  readonly warehouse?: () => Warehouse
  readonly env?: Readonly<Record<string, string>>
  readonly secrets?: readonly string[]
  readonly signal?: AbortSignal
  readonly notice?: (message: string) => void
  readonly clock?: () => number
  /** The DuckDB of dbt's Python. */
  readonly library?: PythonLibrary
  /** What writes .hyper files. */
  readonly format?: FileFormat
  /** The service of every connection that publishes. */
  readonly publisher?: Publisher
  /** The connections of the target, by name, of type `tableau`. */
  readonly publishing?: readonly string[]
  /** The folder of the dbt project. */
  readonly projectDir?: string
  /** Settings of the target's state. */
  readonly state?: Readonly<Record<string, Json>>
}

/** A site for one adapter. Parts that are not given throw when they are used. */
export function siteOf(options: SiteOptions): Site {
  const at = { file: 'assets.yaml', path: [] }
  const none = { code: 'none' as const, message: 'this test has none' }
  return {
    root: options.root,
    home: `${options.root}/.assets`,
    project: {
      name: 'test',
      defaultTarget: 'local',
      targets: {},
      assets: AssetTable.of(options.assets ?? []),
      jobs: {},
      pools: {},
      selectors: {},
      policies: [],
      dbt: options.projectDir === undefined ? null : dbtSettings(options.projectDir),
      files: ['assets.yaml'],
    },
    target: {
      name: 'local',
      warehouse: null,
      connections: Object.fromEntries(
        (options.publishing ?? []).map((name) => [name, { type: 'tableau', settings: {}, at }]),
      ),
      state: { type: 'none', settings: options.state ?? {}, at },
      confirm: false,
      secrets: options.secrets ?? [],
    },
    env: { ...(options.env ?? { PATH: process.env.PATH ?? '' }) },
    shell: { ...(options.env ?? { PATH: process.env.PATH ?? '' }) },
    clock: options.clock ?? (() => 1_000),
    signal: options.signal ?? new AbortController().signal,
    warehouse: async () => (options.warehouse ? ok(options.warehouse()) : fail(none)),
    connection: async () => fail(none),
    publisher: async () => (options.publisher ? ok(options.publisher) : fail(none)),
    fileFormat: async () => {
      if (options.format === undefined) throw new Error('this test has no file format')
      return options.format
    },
    pythonLibrary: async () => options.library ?? null,
    notice: options.notice ?? (() => {}),
  }
}

export function assetOf(
  kind: KindName,
  name: string,
  spec: Asset['spec'],
  more: Partial<Pick<Asset, 'deps'>> & { readonly retries?: number } = {},
): Asset {
  const { deps = [], retries = null } = more
  return plainAsset(name, { kind, deps, spec, policy: { ...POLICY, retries } })
}

/** Defines one asset. Throws the problems of its definition. */
export async function definedBy(kind: Kind, asset: Asset, site: Site): Promise<DefinedAsset> {
  const { definitions, problems } = await kind.define([asset], site)
  const definition = definitions.get(asset.name)
  if (definition === undefined || problems.length > 0) throw new Error(JSON.stringify(problems))
  return { asset, definition }
}

/** Builds one asset like a run, and returns all its reports. */
export async function buildWith(
  kind: Kind,
  subject: DefinedAsset,
  site: Site,
  more: {
    readonly relations?: Readonly<Record<string, string>>
    readonly record?: Materialization
    readonly unfinished?: Unfinished
    readonly inputsCommitted?: Committed
    readonly reasons?: BatchStep['reasons']
    readonly onReport?: (report: StepReport) => void
  } = {},
): Promise<readonly StepReport[]> {
  const reports: StepReport[] = []
  const inputs = new Map(
    Object.entries(more.relations ?? {}).map(([name, relation]) => [
      name,
      { relation, columns: null },
    ]),
  )
  const batch: Batch = {
    run: 42,
    number: 1,
    signal: site.signal,
    onSideWrite: () => {},
    onWait: () => {},
    steps: [
      {
        name: subject.asset.name,
        action: 'build',
        full: true,
        reasons: more.reasons ?? [],
        after: [],
        subject: {
          is: 'asset',
          ...subject,
          record: more.record ?? null,
          inputs,
          inputsCommitted: more.inputsCommitted ?? null,
          unfinished: more.unfinished ?? null,
          freshSince: null,
        },
      },
    ],
  }
  const report = async (one: StepReport) => {
    reports.push(one)
    more.onReport?.(one)
  }
  await kind.run(batch, report, site)
  return reports
}
