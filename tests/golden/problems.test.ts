import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

interface Case {
  /** `assets.yaml`, below its first two lines. */
  readonly yaml: string
  readonly files?: Readonly<Record<string, string>>
  readonly folders?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The answer to every question at the terminal; without it there is no terminal. */
  readonly answers?: string
  /** The command lines to run. Only the last one is shown. */
  readonly lines: readonly string[]
  /** Codes of warnings, which JSON does not contain. */
  readonly warned?: readonly string[]
}

/** A dbt project that a command has to parse. */
const UNREAD = {
  'dbt/dbt_project.yml': 'name: shop\n',
  'dbt/profiles.yml': '',
  'dbt/requirements.txt': '',
}
const HEAD = 'version: 1\nproject: shop\n'
const DUCKDB = 'targets: {local: {warehouse: {type: duckdb, path: w.duckdb}}}\n'
const postgres = (settings: string) =>
  `targets:
  local:
    warehouse: {type: duckdb, path: w.duckdb}
    connections: {shop: {type: postgres${settings}}}
assets:
  raw_film: {kind: airbyte, connection: shop, stream: film}
`

const CASES: Readonly<Record<string, Case>> = {
  // What is named on the command line
  'unknown asset': {
    yaml: 'assets: {film: {kind: command, run: x}}\n',
    lines: ['why flim'],
  },
  'unknown target': {
    yaml: 'targets: {local: {}, prod: {}}\n',
    lines: ['status --target prd'],
  },
  'unset variable': {
    yaml: `targets: {local: {warehouse: {type: duckdb, path: "$` + '{WAREHOUSE}"}}}\n',
    lines: ['status'],
  },
  'unknown job': { yaml: 'jobs: {nightly: {select: "*"}}\n', lines: ['run weekly'] },
  'unknown run': { yaml: '', lines: ['runs 12'] },
  'unknown connection': {
    yaml: postgres(''),
    lines: ["source sql 'select 1' --connection shpo"],
  },
  'no embedded source': {
    yaml: postgres(', url: "postgres://localhost/shop"'),
    lines: ["source sql 'select 1'"],
  },
  'invalid date': { yaml: '', lines: ['savings --since lately'] },
  'no project': { yaml: '', lines: ['init sub', 'list film'] },
  'init in a file': { yaml: '', files: { sub: '' }, lines: ['init sub'] },
  '.assets is a file': { yaml: '', files: { '.assets': '' }, lines: ['status'] },

  'policies without meaning': {
    yaml: `assets:
  a: {kind: command, run: x, outputs: [a.csv], data_version: change_token, volatile_columns: [at]}
  b: {kind: command, run: x, outputs: [b.csv], data_version: derived, on_drift: adopt}
`,
    lines: ['plan'],
  },

  // The graph
  cycle: {
    yaml: `assets:
  a: {kind: command, run: x, deps: [c]}
  b: {kind: command, run: x, deps: [a]}
  c: {kind: command, run: x, deps: [b]}
`,
    lines: ['check'],
  },
  'two targets write the same file': {
    yaml: `targets: {local: {}, prod: {}}
assets:
  a: {kind: command, run: x, outputs: [out/x.csv]}
  b: {kind: command, run: x, outputs: ["out/{target}/y.csv"]}
  c: {kind: extract, query: select 1, to: c.csv}
`,
    lines: ['materialize'],
  },
  'two assets write the same file': {
    yaml: `assets:
  a: {kind: command, run: x, outputs: [out/x.csv]}
  b: {kind: command, run: y, outputs: [out/x.csv]}
`,
    lines: ['check'],
  },

  'invalid selections of jobs and selectors': {
    yaml: `assets: {film: {kind: command, run: x}}
jobs:
  nightly: {select: "film and", exclude: "tagg:x"}
  weekly: {select: "+flim"}
  daily: {select: "selector:broken"}
  hourly: {select: "state:stale tag:none"}
selectors:
  broken: {union: [film, {method: tag, value: 'a"b'}]}
  round: selector:round
`,
    lines: ['check'],
  },

  'policies with selections and pools that do not fit': {
    yaml: `assets: {film: {kind: command, run: x}}
policies:
  - {select: "state:stale", retries: 1}
  - {select: flim, retries: 1}
  - {select: "exposure:x", retries: 1}
`,
    lines: ['check'],
  },
  'an unknown pool of a policy': {
    yaml: `dbt: {project_dir: dbt, models: declared}
policies: [{select: film, pool: api}]
assets: {film: {kind: command, run: x}}
`,
    lines: ['check'],
  },
  '--vars that are no mapping': {
    yaml: 'dbt: {project_dir: dbt, models: declared}\nassets: {film: {kind: command, run: x}}\n',
    lines: ["check --vars 'start'", "check --vars '{start: '"],
  },

  // Kinds, before anything is built
  'missing code': {
    yaml: 'assets: {a: {kind: command, run: x, code: [a.py, "src/*.py"]}}\n',
    lines: ['check'],
  },
  'external without a relation or path': {
    yaml: 'assets: {a: {kind: external}}\n',
    lines: ['check'],
  },
  'stream without a key': {
    yaml: 'assets: {a: {kind: airbyte, connection: c, stream: s, sync: incremental_dedup}}\n',
    lines: ['check'],
  },
  'extracts without a query': {
    yaml: `assets:
  a: {kind: extract, to: a.txt, query: select 1}
  b: {kind: extract, to: b.csv, query: select 1, from: a}
  c: {kind: extract, to: c.csv}
  d: {kind: extract, to: d.csv, deps: [a], from: b}
  e: {kind: extract, to: e.csv, query: "select * from {a}"}
`,
    lines: ['check'],
  },
  'charts that can not be drawn': {
    yaml: `${DUCKDB}defaults: {kind: extract, query: select 1}
assets:
  a: {to: a.csv, chart: {type: pie, x: month, y: [], top: 0}}
  b: {to: b.csv, chart: {type: line, y: revenue, serie: store}}
  c: {to: c.csv, chart: {unit: {revenue: 3}, combine: median, max: -1}}
`,
    lines: ['check'],
  },
  'charts whose keys do not fit': {
    yaml: `${DUCKDB}defaults: {kind: extract, query: select 1}
assets:
  a: {to: a.csv, chart: {type: line, sort: day}}
  b: {to: b.csv, chart: {x: day, y: [revenue, payments], series: store}}
  c: {to: c.csv, chart: {type: number, y: revenue, partial: is_partial, max: {revenue: 3}}}
  d:
    to: d.csv
    columns: [month, revenue]
    chart:
      type: column
      x: mnth
      y: [revenue, payments]
      sort: revenu desc
      format: {Revenue: money}
`,
    lines: ['check'],
  },
  'extracts that can not be published': {
    yaml: `targets:
  local:
    warehouse: {type: duckdb, path: w.duckdb}
    connections:
      site: {type: tableau, url: "https://tableau.example.com", token_name: nightly, token: t}
      page: {type: tableau, url: "https://tableau.example.com/#/site/rental/home", token_name: nightly, token: t}
      source: {type: postgres, url: embedded}
assets:
  a: {kind: extract, to: a.csv, query: select 1, publish: {connection: site, project: Finance}}
  b: {kind: extract, to: "b.{format}", query: select 1, format: {locl: csv}}
  c: {kind: extract, to: c.hyper, query: select 1, publish: {connection: sites, project: Finance}}
  d: {kind: extract, to: d.hyper, query: select 1, publish: {connection: source, project: Finance}}
  e: {kind: extract, to: e.hyper, query: select 1, publish: {connection: page, project: Finance}}
  f: {kind: extract, to: f.hyper, query: select 1, publish: {connection: site, projekt: Finance}}
  g: {kind: tableau, connection: sites, refresh: {workbook: Overview}, deps: [a]}
  h: {kind: tableau, connection: site, refresh: {dashboard: Overview}}
`,
    lines: ['check'],
  },
  'publications that make no sense': {
    yaml: `targets:
  local:
    warehouse: {type: duckdb, path: w.duckdb}
    connections:
      site: {type: tableau, url: "https://tableau.example.com", token_name: nightly, token: t}
assets:
  i: {kind: tableau, connection: site, refresh: {workbook: Overview}}
  j: {kind: extract, to: j.hyper, query: select 1, publish: {connection: site, project: Finance}, on_drift: adopt}
  k: {kind: extract, to: k/j.hyper, query: select 1, publish: {connection: site, project: Finance}}
`,
    lines: ['check'],
  },
  'dbt assets without a dbt project': { yaml: 'assets: {a: {kind: dbt}}\n', lines: ['check'] },
  'missing dbt project': {
    yaml: 'dbt: {project_dir: dbt, models: declared}\nassets: {a: {kind: dbt}}\n',
    lines: ['check'],
  },
  'missing requirements file': {
    yaml: `dbt: {project_dir: dbt, models: declared, requirements: dbt/reqs.txt}\n${DUCKDB}assets: {a: {kind: dbt}}\n`,
    files: { 'dbt/dbt_project.yml': 'name: shop\n', 'dbt/profiles.yml': '' },
    lines: ['materialize'],
  },
  'dbt project without profiles.yml': {
    yaml: 'dbt: {project_dir: dbt}\nassets: {a: {kind: dbt}}\n',
    files: { 'dbt/dbt_project.yml': 'name: shop\nprofile: "shop" # mine\n' },
    env: { HOME: '/home/ann' },
    lines: ['check'],
  },
  'selection that needs an unread dbt project': {
    yaml: `dbt: {project_dir: dbt, models: declared}\n${DUCKDB}assets: {a: {kind: dbt}}\n`,
    files: UNREAD,
    lines: ['list source:shop'],
    warned: ['dbt-unread', 'selection-empty'],
  },
  'no Python': {
    yaml: `dbt: {project_dir: dbt, models: declared}\n${DUCKDB}assets: {a: {kind: dbt}}\n`,
    files: UNREAD,
    env: { PATH: '/nowhere' },
    lines: ['materialize'],
  },
  'missing Python environment': {
    yaml: `dbt: {project_dir: dbt, models: declared}\n${DUCKDB}assets: {a: {kind: dbt}}\n`,
    files: UNREAD,
    env: { ASSETS_PYTHON_ENV: '/nowhere' },
    lines: ['materialize'],
  },
  'named Python environment without the adapter': {
    yaml: `dbt: {project_dir: dbt, models: declared, python: .venv}\n${DUCKDB}assets: {a: {kind: dbt}}\n`,
    files: {
      ...UNREAD,
      '.venv/bin/python': '',
      '.venv/lib/python3.12/site-packages/dbt_core-1.11.16.dist-info/METADATA': '',
    },
    lines: ['materialize'],
  },
  'Python environment with an old dbt': {
    yaml: `dbt: {project_dir: dbt, models: declared}\n${DUCKDB}assets: {a: {kind: dbt}}\n`,
    files: {
      ...UNREAD,
      'dbt/.venv/bin/python': '',
      'dbt/.venv/lib/python3.12/site-packages/dbt_core-1.7.20.dist-info/METADATA': '',
      'dbt/.venv/lib/python3.12/site-packages/dbt_duckdb-1.7.5.dist-info/METADATA': '',
    },
    lines: ['materialize'],
  },
  'Python and requirements for dbt': {
    yaml: 'dbt: {project_dir: dbt, python: .venv, requirements: reqs.txt}\n',
    lines: ['check'],
  },
  'requirements of an unknown type of warehouse': {
    yaml: 'dbt: {project_dir: dbt, requirements: {duckbd: reqs.txt}}\n',
    lines: ['check'],
  },

  // Builds
  'declined confirmation': {
    yaml: `targets: {prod: {confirm: true}}
assets:
  a: {kind: command, run: x}
  b: {kind: command, run: x, deps: [a]}
`,
    answers: 'no',
    lines: ['materialize'],
  },
  'missing external file': {
    yaml: `assets:
  prices: {kind: external, path: data/prices.csv}
  report: {kind: command, run: x, deps: [prices]}
`,
    lines: ['materialize'],
  },
  'failing commands': {
    yaml: `assets:
  not_found: {kind: command, run: [no-such-program, x]}
  not_there: {kind: command, run: no-such-program x}
  refused: {kind: command, run: "echo it would not >&2; exit 4"}
  ended: {kind: command, run: "kill -9 $$"}
  slow: {kind: command, run: sleep 60, timeout: 30s}
  nothing: {kind: command, run: "true", outputs: [out/a.csv]}
  no_room: {kind: command, run: "true", outputs: [assets.yaml/a.csv]}
`,
    lines: ['materialize --threads 1'],
  },
  'failing extracts': {
    yaml: `${DUCKDB}assets:
  badly_put: {kind: extract, to: a.csv, query: "select * form t"}
  no_column: {kind: extract, to: b.csv, query: select 1 as x, columns: [y]}
  two_alike: {kind: extract, to: c.csv, query: "select 1 as x, 2 as X"}
  no_room: {kind: extract, to: assets.yaml/d.csv, query: select 1 as x}
  thing: {kind: command, run: "true"}
  no_table: {kind: extract, to: e.csv, deps: [thing]}
`,
    lines: ['materialize'],
  },
  'stream without a connection': {
    yaml: `${DUCKDB}assets: {raw_film: {kind: airbyte, connection: shop, stream: film}}\n`,
    lines: ['materialize'],
  },
  'extract without a warehouse': {
    yaml: 'targets: {local: {}}\nassets: {a: {kind: extract, to: a.csv, query: select 1}}\n',
    lines: ['materialize'],
  },
  'missing external relation': {
    yaml: `${DUCKDB}assets:
  a: {kind: external, relation: raw.film}
  b: {kind: extract, to: b.csv, deps: [a]}
`,
    lines: ['materialize', 'materialize'],
  },

  // Places
  'in-memory warehouse': {
    yaml: `targets: {local: {warehouse: {type: duckdb, path: ":memory:"}}}
assets: {a: {kind: extract, to: a.csv, query: select 1}}
`,
    lines: ['materialize'],
  },
  'warehouse in a file of another format': {
    yaml: `${DUCKDB}assets: {a: {kind: extract, to: a.csv, query: select 1}}\n`,
    files: { 'w.duckdb': 'something else, and long enough to be looked at as a header of a file' },
    lines: ['materialize'],
  },
  'warehouse path is a folder': {
    yaml: `${DUCKDB}assets: {a: {kind: extract, to: a.csv, query: select 1}}\n`,
    folders: ['w.duckdb'],
    lines: ['materialize'],
  },
  'state in a file of another format': {
    yaml: 'targets: {local: {state: {type: sqlite, path: state.db}}}\n',
    files: { 'state.db': `something else ${'and long enough '.repeat(40)}` },
    lines: ['status'],
  },
  'state path is a folder': {
    yaml: 'targets: {local: {state: {type: sqlite, path: state.db}}}\n',
    folders: ['state.db'],
    lines: ['status'],
  },
  'state path below a file': {
    yaml: 'targets: {local: {state: {type: sqlite, path: assets.yaml/state.db}}}\n',
    lines: ['status'],
  },
  'state copied to itself': {
    yaml: '',
    lines: ['materialize', 'state copy --to .assets/state.sqlite'],
  },
  'state copied over another': {
    yaml: '',
    lines: ['materialize', 'state copy --to a.sqlite', 'state copy --to a.sqlite'],
  },
  'state backed up over a file': {
    yaml: '',
    files: { 'a.sqlite': '' },
    lines: ['state backup a.sqlite'],
  },
  'state of one byte': {
    yaml: '',
    files: { '.assets/state.sqlite': 'x' },
    lines: ['status', 'state check', 'state backup'],
  },
  'embedded source without init files': { yaml: postgres(''), lines: ['materialize'] },
  'embedded source with missing init files': {
    yaml: postgres(', embedded: {init: [schema.sql]}'),
    lines: ['materialize'],
  },
  'unwritable embedded source': {
    yaml: postgres(', embedded: {init: [schema.sql]}'),
    files: { 'schema.sql': 'create table film (id int)', '.assets/source': '' },
    lines: ['materialize'],
  },
  'unwritable spool folder': {
    yaml: postgres(', url: "postgres://ann:secret@127.0.0.1:1/shop"'),
    files: { '.assets/scratch': '' },
    lines: ['materialize'],
  },
  'unreachable source': {
    yaml: postgres(', url: "postgres://ann:secret@127.0.0.1:1/shop"'),
    lines: ['materialize'],
  },
}

test('problems as text', async () => {
  const texts: string[] = []
  for (const [
    title,
    { yaml, files = {}, folders = [], env = {}, answers = null, lines, warned = [] },
  ] of Object.entries(CASES)) {
    const main = title === 'no project' ? {} : { 'assets.yaml': `${HEAD}${yaml}` }
    const desk = new InProcessProject({ ...main, ...files }, env, answers)
    for (const folder of folders) mkdirSync(join(desk.root, folder), { recursive: true })
    for (const line of lines.slice(0, -1)) await desk.show(line)
    const text = await desk.show(lines.at(-1)!)
    const json = await desk.show(`${lines.at(-1)} --json`)
    desk.remove()
    const found = [...json.matchAll(/"code": ?"([^"]+)"/g)].map(([, code]) => code)
    const codes = new Set([...warned, ...found])
    expect(codes.size, `${title}: ${json}`).toBeGreaterThan(0)
    texts.push(`# ${title} [${[...codes].join(', ')}]\n\n${text}`)
  }
  await expect(`${texts.join('\n\n\n')}\n`).toMatchFileSnapshot('problems/command-line.txt')
})
