import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CliProject } from '../../rig/cli.ts'
import { contentOf } from '../../rig/dbt/content.ts'
import { sharedPython } from '../../rig/python.ts'
import type { Random } from '../random.ts'
import { undisturbed } from './command.ts'
import type { KillPlace, KillProject } from './place.ts'

const SHOP: Readonly<Record<string, string>> = {
  'assets.yaml': `version: 1
project: kills
dbt: {project_dir: dbt}
default_target: local
targets: {local: {warehouse: {type: duckdb, path: .assets/warehouse.duckdb}}}
assets:
  report: {kind: extract, deps: [totals], to: extracts/report.csv, order_by: [day]}
`,
  'dbt/dbt_project.yml': 'name: shop\nprofile: shop\nmodels: {+materialized: table}\n',
  'dbt/profiles.yml': `shop:
  target: local
  outputs: {local: {type: duckdb, path: "{{ env_var('DBT_DUCKDB_PATH', 'elsewhere') }}", threads: 2}}
`,
  'dbt/seeds/orders.csv': rows(1, 40),
  'dbt/models/slow.sql':
    'select count(*) as n from range(3000) a, range(3000) b where (a.range * b.range) % 7 = 3',
  'dbt/models/kept.sql': `{{ config(materialized='incremental', unique_key='id') }}
select id, day, amount, (select n from {{ ref('slow') }}) as n from {{ ref('orders') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}`,
  'dbt/models/shown.sql': "{{ config(materialized='view') }} select * from {{ ref('kept') }}",
  'dbt/models/totals.sql':
    'select day, sum(amount) as amount, count(*) as orders from {{ ref("shown") }} group by day',
  'dbt/models/checks.yml': `models:
  - {name: kept, columns: [{name: id, data_tests: [unique, not_null]}]}
  - {name: totals, columns: [{name: day, data_tests: [unique]}]}
`,
}

function rows(from: number, to: number): string {
  const lines = Array.from({ length: to - from + 1 }, (_, i) => {
    const id = from + i
    return `${id},2026-01-${String((id % 28) + 1).padStart(2, '0')},${id % 13}`
  })
  return `id,day,amount\n${lines.join('\n')}\n`
}

/** A folder that is to be built, and what an undisturbed run makes of it. */
interface Template {
  readonly before: string
  readonly expected: unknown
}

/** Projects with dbt: from nothing, and with a change after a build. */
export class DbtPlace implements KillPlace {
  readonly name: string
  readonly span: number
  readonly #env: Readonly<Record<string, string>>
  readonly #templates: readonly Template[]

  private constructor(
    name: string,
    span: number,
    env: Readonly<Record<string, string>>,
    templates: readonly Template[],
  ) {
    this.name = name
    this.span = span
    this.#env = env
    this.#templates = templates
  }

  /** A small shop with an incremental model. */
  static async shop(): Promise<DbtPlace> {
    const env = { ASSETS_PYTHON_ENV: await sharedPython() }
    const root = mkdtempSync(join(tmpdir(), 'assets-kill-'))
    for (const [file, text] of Object.entries(SHOP)) write(root, file, text)
    const first = await templateOf(root, env)
    write(root, 'dbt/seeds/orders.csv', rows(1, 60))
    const more = await templateOf(root, env)
    rmSync(root, { recursive: true })
    return new DbtPlace('dbt', 5_000, env, [first, more])
  }

  /** The project of this repository, whose source exists already. */
  static async dvdRental(): Promise<DbtPlace> {
    const env = { ASSETS_PYTHON_ENV: await sharedPython() }
    const place = CliProject.dvdRental(env)
    await place.run('source', 'sql', 'select 1')
    const first = await templateOf(place.root, env)
    const { code, stderr } = await place.run(
      'source',
      'sql',
      'update payment set amount = amount + 1 where payment_id % 100 = 1',
    )
    if (code !== 0) throw new Error(stderr)
    const more = await templateOf(place.root, env)
    place.remove()
    return new DbtPlace('the DVD rental', 14_000, env, [first, more])
  }

  async begin(random: Random) {
    const { before, expected } = random.pick(this.#templates)!
    return { project: new DbtProject(before, this.#env), expected }
  }

  async end(project: KillProject): Promise<void> {
    rmSync(project.root, { recursive: true, force: true })
  }

  async close(): Promise<void> {
    for (const { before } of this.#templates) rmSync(before, { recursive: true, force: true })
  }
}

/** Builds the folder. The template is the folder before. */
async function templateOf(root: string, env: Readonly<Record<string, string>>): Promise<Template> {
  const before = mkdtempSync(join(tmpdir(), 'assets-kill-'))
  cpSync(root, before, { recursive: true })
  const project = new DbtProject(root, env, root)
  await undisturbed(project)
  return { before, expected: await project.content() }
}

class DbtProject implements KillProject {
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  readonly servers = {}
  readonly ofServer = []

  constructor(template: string, env: Readonly<Record<string, string>>, root: string | null = null) {
    this.root = root ?? mkdtempSync(join(tmpdir(), 'assets-kill-'))
    this.env = env
    if (root === null) cpSync(template, this.root, { recursive: true })
  }

  async content(): Promise<unknown> {
    const extracts = ['extracts', 'out'].map((name) => join(this.root, name))
    return {
      tables: await contentOf(join(this.root, '.assets/warehouse.duckdb')),
      files: extracts.flatMap((folder) => filesIn(folder)),
    }
  }

  async left(): Promise<readonly string[]> {
    return []
  }
}

function filesIn(folder: string): readonly (readonly [string, string])[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(folder.length), readFileSync(file).toString('base64')] as const)
  } catch {
    return []
  }
}

function write(root: string, file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
