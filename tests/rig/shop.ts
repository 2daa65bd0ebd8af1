import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createKind } from '../../framework/kinds/dbt/index.ts'
import type { Asset } from '../../framework/model/asset.ts'
import type { Check, Definition } from '../../framework/model/definition.ts'
import { ok } from '../../framework/model/problem.ts'
import { AssetTable } from '../../framework/model/tables/asset-table.ts'
import type { BatchStep, SideWrite, StepReport } from '../../framework/ports/batch.ts'
import type { Defined, Kind } from '../../framework/ports/kind.ts'
import type { Site } from '../../framework/ports/site.ts'
import type { Warehouse } from '../../framework/ports/warehouse.ts'
import { create } from '../../framework/warehouses/duckdb/index.ts'
import { plainAsset } from './asset.ts'
import { dbtSettings } from './dbt-settings.ts'

/** A small dbt project with one node of each type that builds treat differently. */
export const SHOP: Readonly<Record<string, string>> = {
  'dbt/dbt_project.yml': `name: shop
version: 1.0.0
config-version: 2
profile: shop
vars: {cutoff: 3, colour: red}
models: {shop: {+materialized: table}}
`,
  'dbt/profiles.yml': `shop:
  target: local
  outputs:
    local:
      type: duckdb
      path: "{{ env_var('DBT_DUCKDB_PATH', 'elsewhere.duckdb') }}"
      threads: 4
      settings: {TimeZone: UTC}
`,
  'dbt/macros/cents.sql': `{% macro cents(c) %}{{ return(adapter.dispatch('cents')(c)) }}{% endmacro %}
{% macro default__cents(c) %} cast({{ c }} as decimal(18, 2)) {% endmacro %}
{% macro snowflake__cents(c) %} {{ c }}::number(18, 2) {% endmacro %}
`,
  'dbt/models/schema.yml': `version: 2
sources: [{name: shop, schema: raw, tables: [{name: orders}]}]
models:
  - name: stg_orders
    columns: [{name: id, data_tests: [unique, not_null]}]
  - name: by_customer
    columns:
      - name: customer
        data_tests:
          - not_null
          - relationships:
              arguments: {to: ref('countries'), field: customer}
              config: {severity: warn}
unit_tests:
  - name: sums
    model: by_customer
    given:
      - input: ref('big')
        format: sql
        rows: select 'a' as customer, 1 as amount union all select 'a', 2
    expect: {rows: [{customer: a, total: 3}]}
`,
  'dbt/models/stg_orders.sql': `{{ config(materialized='view') }}
select id, customer, {{ cents('amount') }} as amount from {{ source('shop', 'orders') }}
`,
  'dbt/models/big.sql': `{{ config(materialized='ephemeral') }}
select * from {{ ref('stg_orders') }} where amount > {{ var('cutoff') }}
`,
  'dbt/models/by_customer.sql': `select customer, sum(amount) as total from {{ ref('big') }} group by 1
`,
  'dbt/models/journal.sql': `{{ config(materialized='incremental', unique_key='id') }}
select * from {{ ref('stg_orders') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
`,
  'dbt/models/joined.sql': `select * from {{ ref('by_customer') }} left join {{ ref('countries') }} using (customer)
`,
  'dbt/seeds/countries.csv': `customer,country
a,AT
b,BE
`,
  'dbt/snapshots/history.yml': `snapshots:
  - name: history
    relation: ref('stg_orders')
    config: {strategy: check, unique_key: id, check_cols: all}
`,
  'dbt/tests/positive.sql': `select * from {{ ref('journal') }} where amount < 0
`,
}

/** The assets of the project in YAML: name to deps. */
export const SHOP_ASSETS: Readonly<Record<string, readonly string[]>> = {
  stg_orders: ['raw_orders'],
  big: ['stg_orders'],
  by_customer: ['big'],
  journal: ['stg_orders'],
  joined: ['by_customer', 'countries'],
  countries: [],
  history: ['stg_orders'],
}

const AT = { file: 'assets.yaml', path: [] }

/** One project folder, in which commands use the kind one after the other. */
export class Shop {
  readonly root: string
  readonly notices: string[] = []
  readonly #env: Record<string, string>
  readonly #kinds: Kind[] = []
  #interrupt = new AbortController()

  constructor(python: string, env: Record<string, string> = {}) {
    this.root = mkdtempSync(join(tmpdir(), 'assets-dbt-'))
    const { PATH = '', HOME = '' } = process.env
    this.#env = { PATH, HOME, ASSETS_PYTHON_ENV: python, ...env }
    mkdirSync(join(this.root, 'dbt'))
    this.reset()
  }

  write(file: string, text: string): this {
    const path = join(this.root, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return this
  }

  remove(file: string): this {
    rmSync(join(this.root, file))
    return this
  }

  /** Restores the original files of the project and empties the warehouse. */
  reset(more: Readonly<Record<string, string>> = {}): this {
    for (const name of readdirSync(join(this.root, 'dbt'))) {
      rmSync(join(this.root, 'dbt', name), { recursive: true })
    }
    for (const end of ['', '.wal']) {
      rmSync(join(this.root, `.assets/shop.duckdb${end}`), { force: true })
    }
    for (const [file, text] of Object.entries({ ...SHOP, ...more })) this.write(file, text)
    this.notices.length = 0
    return this
  }

  /** A new command, with a new kind and a new site. */
  command(
    deps: Readonly<Record<string, readonly string[]>> = SHOP_ASSETS,
    more: { env?: Record<string, string>; specs?: Record<string, Asset['spec']> } = {},
  ): Command {
    this.#interrupt = new AbortController()
    const raw = plainAsset('raw_orders', { kind: 'external', spec: { relation: 'raw.orders' } })
    const assets = Object.entries(deps).map(([name, names]) =>
      plainAsset(name, { deps: names, spec: more.specs?.[name] ?? {} }),
    )
    const site = this.#site([raw, ...assets], { ...this.#env, ...more.env })
    const kind = createKind()
    this.#kinds.push(kind)
    return new Command(kind, site, assets)
  }

  /** The first Ctrl-C for the last command. */
  interrupt(): void {
    this.#interrupt.abort()
  }

  /** Fills the raw table from a query. */
  async load(query: string): Promise<void> {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    mkdirSync(join(this.root, '.assets'), { recursive: true })
    const instance = await DuckDBInstance.create(join(this.root, '.assets/shop.duckdb'))
    const connection = await instance.connect()
    await connection.run('create schema if not exists raw')
    await connection.run(`create or replace table raw.orders as ${query}`)
    connection.closeSync()
    instance.closeSync()
  }

  async close(): Promise<void> {
    for (const kind of this.#kinds) await kind.close()
    rmSync(this.root, { recursive: true, force: true })
  }

  #site(assets: readonly Asset[], env: Record<string, string>): Site {
    const target = {
      name: 'local',
      warehouse: { type: 'duckdb', settings: { path: '.assets/shop.duckdb' }, at: AT },
      connections: {},
      state: { type: 'sqlite', settings: {}, at: AT },
      confirm: false,
      secrets: ['s3cret-word'],
    }
    let warehouse: Warehouse | null = null
    const site: Site = {
      root: this.root,
      home: join(this.root, '.assets'),
      project: {
        name: 'shop',
        defaultTarget: 'local',
        targets: { local: target },
        assets: AssetTable.of(assets),
        jobs: {},
        pools: {},
        selectors: {},
        policies: [],
        dbt: dbtSettings('dbt'),
        files: ['assets.yaml'],
      },
      target,
      env,
      shell: env,
      clock: Date.now,
      signal: this.#interrupt.signal,
      warehouse: async () => {
        if (warehouse === null) {
          const made = create(target.warehouse, site)
          if (!made.ok) return made
          warehouse = made.value
        }
        return ok(warehouse)
      },
      connection: () => Promise.reject(new Error('a shop has no connection')),
      publisher: () => Promise.reject(new Error('a shop publishes nothing')),
      fileFormat: () => {
        throw new Error('no file format is used here')
      },
      pythonLibrary: async () => null,
      notice: (message) => this.notices.push(message),
    }
    return site
  }
}

/** One command's use of the kind. */
export class Command {
  readonly kind: Kind
  readonly site: Site
  readonly assets: readonly Asset[]
  /** What the last call wrote besides its steps. */
  readonly sideWrites: SideWrite[] = []
  /** What the last batch waited for, in order. */
  readonly waits: (string | null)[] = []
  /** The phases that the steps of the last batch reported: `fact: hashing`. */
  readonly progress: string[] = []
  /** The checks that gate an asset, by its name. */
  gates: Readonly<Record<string, readonly string[]>> = {}
  #defined: Defined | null = null

  constructor(kind: Kind, site: Site, assets: readonly Asset[]) {
    this.kind = kind
    this.site = site
    this.assets = assets
  }

  /** Definitions, including slow ones. `needed` is what they required. */
  async define(): Promise<Defined & { readonly needed: 'nothing' | 'parse' | 'environment' }> {
    const first = await this.kind.define(this.assets, this.site)
    const needed = first.later?.needs ?? 'nothing'
    this.#defined = first.later === null ? first : await first.later.define()
    return { ...this.#defined, needed }
  }

  definition(name: string): Definition {
    const found = this.#defined?.definitions.get(name)
    if (found === undefined) throw new Error(`${name} has no definition`)
    return found
  }

  check(name: string): Check {
    const found = this.#defined?.checks.find((check) => check.name === name)
    if (found === undefined) throw new Error(`no check is named ${name}`)
    return found
  }

  /** Builds assets and runs checks by name, in one batch; `!name` builds in full. */
  async run(
    names: readonly string[],
    onReport: (report: StepReport) => Promise<void> | void = () => {},
  ): Promise<readonly StepReport[]> {
    const reports: StepReport[] = []
    this.sideWrites.length = 0
    this.waits.length = 0
    this.progress.length = 0
    const steps = names.map((name) => this.#step(name, names))
    await this.kind.run(
      {
        run: 7,
        number: 1,
        steps,
        signal: this.site.signal,
        onSideWrite: (write) => this.sideWrites.push(write),
        onWait: (message) => this.waits.push(message),
      },
      async (report) => {
        // The process that builds it, which is another one each time.
        if (report.step === 'reference') return
        if (report.step === 'progress') {
          this.progress.push(`${report.name}: ${report.phase}`)
          return
        }
        reports.push(report)
        await onReport(report)
      },
      this.site,
    )
    return reports
  }

  /** `after`: its direct inputs in the batch, and the checks of them that `gates` names. */
  #step(name: string, batch: readonly string[]): BatchStep {
    const full = name.startsWith('!')
    const plain = full ? name.slice(1) : name
    const asset = this.assets.find((candidate) => candidate.name === plain)
    const reads = asset?.deps ?? this.check(plain).reads
    const gates = this.gates[plain] ?? []
    const after = [...reads, ...gates].filter((one) => batch.includes(one))
    const common = { name: plain, full, reasons: [], after }
    if (asset === undefined) {
      return { ...common, action: 'check', subject: { is: 'check', check: this.check(plain) } }
    }
    const definition = this.definition(plain)
    const subject = {
      is: 'asset',
      asset,
      definition,
      record: null,
      inputs: new Map(),
      inputsCommitted: null,
      unfinished: null,
      freshSince: null,
    } as const
    return { ...common, action: 'build', subject }
  }
}

/** The outcome of each step, by name. */
export function endings(reports: readonly StepReport[]): Readonly<Record<string, string>> {
  const ends: Record<string, string> = {}
  for (const report of reports) {
    if (report.step === 'started') continue
    const end = report.step === 'checked' ? report.result : report.step
    ends[report.name] = report.name in ends ? `${ends[report.name]} and ${end}` : end
  }
  return ends
}
