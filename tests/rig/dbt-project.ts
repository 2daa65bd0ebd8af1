import { openDuckdb, type Rows } from '../../framework/engines/duckdb/engine.ts'
import { InProcessProject } from './in-process.ts'

const FILES: Readonly<Record<string, string>> = {
  'assets.yaml': `version: 1
project: shop
dbt: {project_dir: dbt, models: declared}
default_target: local
include: [shop.yaml]
targets:
  local:
    warehouse: {type: duckdb, path: .assets/shop.duckdb}
`,
  'dbt/dbt_project.yml': `name: shop
version: 1.0.0
config-version: 2
profile: shop
models: {+materialized: table}
`,
  'dbt/profiles.yml': `shop:
  target: local
  outputs:
    local:
      type: duckdb
      path: "{{ env_var('DBT_DUCKDB_PATH', 'elsewhere.duckdb') }}"
      external_root: out
      threads: 2
`,
  'dbt/out/.keep': '',
}

/** A project with dbt's real adapter, in which commands run inside this process. */
export class DbtProject extends InProcessProject {
  /** `assets`: YAML under `assets:`, one line for each. `python`: of `sharedPython`. */
  constructor(python: string, assets: readonly string[], files: Readonly<Record<string, string>>) {
    const env = { HOME: process.env.HOME ?? '', ASSETS_PYTHON_ENV: python }
    super({ ...FILES, ...files }, env)
    this.declare(assets)
  }

  declare(assets: readonly string[]): void {
    this.write('shop.yaml', ['assets:', ...assets.map((line) => `  ${line}`), ''].join('\n'))
  }

  path(file: string): string {
    return `${this.root}/${file}`
  }

  /** The verdict of each asset, with the reasons of those that are stale: `stale code, data`. */
  async verdicts(options = ''): Promise<Readonly<Record<string, string>>> {
    const { assets } = (await this.json(`status --json ${options}`)) as {
      readonly assets: readonly {
        readonly name: string
        readonly verdict: string
        readonly reasons?: readonly { readonly reason: string }[]
      }[]
    }
    return Object.fromEntries(
      assets.map(({ name, verdict, reasons = [] }) => [
        name,
        [verdict, reasons.map(({ reason }) => reason).join(', ')].join(' ').trim(),
      ]),
    )
  }

  /** Runs statements on the warehouse and returns the rows of the last one. */
  async sql(...statements: readonly string[]): Promise<Rows> {
    const engine = await openDuckdb(this.path('.assets/shop.duckdb'))
    const connection = await engine.connect()
    try {
      let rows: Rows = []
      for (const statement of statements) rows = await connection.run(statement)
      return rows
    } finally {
      connection.close()
      engine.close()
    }
  }
}
