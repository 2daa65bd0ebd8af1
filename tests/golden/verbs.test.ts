import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commands, verbs } from '../../framework/cli/verbs/index.ts'
import { DbtProject } from '../rig/dbt-project.ts'
import { repositoryAt } from '../rig/git.ts'
import { InProcessProject } from '../rig/in-process.ts'
import { sharedPython } from '../rig/python.ts'

const FILES = {
  'assets.yaml': `version: 1
project: shop
include: [assets/*.yaml]
targets: {local: {}}
default_target: local
jobs: {nightly: {select: "+report", schedule: "0 2 * * *"}}
selectors: {daily: {tag: daily}}
`,
  'assets/shop.yaml': `assets:
  orders: {kind: external, path: data/orders.csv, description: What was sold.}
  days:
    kind: command
    group: marts
    tags: [daily]
    deps: [orders]
    run: cut -d, -f1 data/orders.csv | sort -u > out/days.txt
    outputs: [out/days.txt]
  report:
    kind: command
    group: reports
    owners: [ann@example.com]
    deps: [days]
    run: cat out/days.txt out/days.txt > out/report.txt
    outputs: [out/report.txt]
  late:
    kind: command
    deps: [orders]
    run: echo no such table >&2; exit 3
  later: {kind: command, deps: [late], run: "true"}
`,
  'data/orders.csv': 'mon,1\ntue,2\n',
}

/** A project with an embedded source, for `source`. */
const EMBEDDED_SOURCE = {
  'assets.yaml': `version: 1
project: shop
targets:
  local:
    warehouse: {type: duckdb, path: w.duckdb}
    connections: {shop: {type: postgres, embedded: {init: [shop.sql]}}}
assets:
  raw_film: {kind: airbyte, connection: shop, stream: film}
`,
  'shop.sql': 'create table film (film_id int primary key);\n',
}

const DBT = {
  'assets.yaml': `version: 1
project: shop
dbt: {project_dir: dbt}
targets: {local: {warehouse: {type: duckdb, path: .assets/shop.duckdb}}}
assets:
  b: {group: mine}
policies:
  - {select: "group:theirs", retries: 1}
`,
  'dbt/models/a.sql': 'select 1 as n\n',
  'dbt/models/b.sql': "select * from {{ ref('a') }}\n",
  'dbt/models/c.sql': "select * from {{ source('raw', 'rates') }}\n",
  'dbt/models/models.yml': `groups: [{name: theirs, owner: {name: ann}}]
sources: [{name: raw, schema: main, tables: [{name: rates}]}]
models:
  - {name: a, config: {group: theirs}}
  - {name: b, config: {group: theirs}}
`,
}

/** The session of `import`, in a project of dbt. */
const IMPORTS: readonly (string | ((project: DbtProject) => void))[] = [
  'import',
  'import dbt --to models.sql --json',
  // A policy for a group of dbt that the YAML of an asset does not have.
  'import dbt --json',
  (project) => project.write('assets.yaml', DBT['assets.yaml'].replace('{group: mine}', '{}')),
  (project) => project.write('assets', ''),
  'import dbt --json',
  (project) => rmSync(project.path('assets')),
  'import dbt --check',
  'import dbt',
  'import dbt --json',
]

const desk = new InProcessProject(FILES)
afterAll(() => desk.remove())

/** The lines of a session, each with the verb whose golden shows it. A function runs between lines. */
const SESSION: readonly (readonly [verb: string, ...lines: (string | (() => void))[]])[] = [
  ['check', 'check', 'check --json'],
  [
    'list',
    'list',
    "list 'group:marts+'",
    'list selector:daily --json',
    'list tag:none',
    'list days --exclude days',
    'list x --exclude y',
    "list -s days --select late 'group:reports' later",
    'list days -s late',
    'list --policies',
  ],
  [
    'graph',
    "graph '+report'",
    "graph '+report' --format mermaid",
    "graph '+report' --format dot",
    "graph '+report' --json",
  ],
  ['status', 'status', 'status --json', 'status report --exit-code', 'status --offline'],
  ['plan', 'plan report', 'plan report --json', 'plan --exit-code'],
  ['why', 'why report', 'why report --json'],
  [
    'materialize',
    'materialize --dry-run',
    'materialize report',
    'materialize report',
    'materialize --json',
    'materialize',
  ],
  ['status', 'status', 'status --json'],
  ['why', 'why report', 'why later', 'why days --json'],
  ['runs', 'runs', 'runs --json', 'runs 3', 'runs 3 --json', 'runs 99'],
  [
    'materialize',
    () => desk.write('data/orders.csv', 'mon,1\ntue,3\n'),
    'status report',
    'plan report',
    'materialize report',
    'materialize days --force',
    'materialize report --fail-fast --no-wait --threads 1',
  ],
  [
    'why',
    () => desk.write('data/orders.csv', 'mon,1\nwed,3\n'),
    'why report',
    'why report --json',
    'why report --offline',
  ],
  ['run', 'run nightly', 'run nightly --json', 'run nightli'],
  ['ui', 'ui --export site', 'ui --export site --port 4711', 'ui --host 192.0.2.1'],
  ['verify', 'verify report', 'verify report --json', 'verify --sample 0%'],
  ['savings', 'savings', 'savings --json', 'savings --since yesterday'],
  [
    'doctor',
    () => {
      desk.speedup = 1
    },
    'doctor',
    'doctor --json',
    'doctor --target nowhere',
    () => {
      desk.speedup = 100
    },
  ],
  ['source', "source sql 'select 1'", 'source reset --json'],
  ['init', 'init', 'init --json', 'init new', 'init other --json'],
  ['schema', 'schema assets', 'schema tables'],
  [
    'state',
    'state copy --to kept.sqlite',
    'state copy --to kept.sqlite',
    'state copy --to kept.sqlite --replace --json',
    'state copy --from nowhere.sqlite',
    'state copy --to .assets/state.sqlite',
    'state copy',
    'state check',
    'state check kept.sqlite --json',
    'state backup saved.sqlite',
    'state backup saved.sqlite',
    'state backup saved.sqlite --replace --json',
    'state prune --dry-run',
    'state prune --older-than 30d --json',
    'state prune --older-than soon',
    'state restore saved.sqlite',
    'state restore saved.sqlite --json',
    'state restore nowhere.sqlite',
    'status --offline',
  ],
  ['completion', 'completion', 'completion tcsh'],
]

/** What each verb prints: its lines, and the schemas of its JSON documents. */
const shown = new Map<string, string[]>()
const schemas = new Map<string, Set<string>>()

beforeAll(async () => {
  for (const [verb, ...lines] of SESSION) {
    for (const line of lines) {
      if (typeof line !== 'string') line()
      else shown.set(verb, [...(shown.get(verb) ?? []), noted(line, await desk.show(line))])
    }
  }
  for (const line of ['materialize --dry-run --json', 'run nightly --dry-run --json']) {
    noted(line, await desk.show(line))
  }
  const embedded = new InProcessProject(EMBEDDED_SOURCE)
  for (const line of ["source sql 'select 1' --json", 'source reset --json']) {
    noted(line, await embedded.show(line))
  }
  embedded.remove()
  const branch = new InProcessProject(FILES)
  repositoryAt(branch.root)
  branch.write(
    'assets/shop.yaml',
    FILES['assets/shop.yaml']
      .replace('sort -u', 'sort -r')
      .replace('out/report.txt]', 'out/reports.txt]')
      .replace('later:', 'latest:'),
  )
  for (const form of ['', ' --json', ' --markdown']) {
    const line = `plan --against main${form}`
    shown.set('plan', [...(shown.get('plan') ?? []), noted(line, await branch.show(line))])
  }
  branch.remove()
})

beforeAll(async () => {
  const dbt = new DbtProject(await sharedPython(), [], DBT)
  for (const line of IMPORTS) {
    if (typeof line !== 'string') line(dbt)
    else shown.set('import', [...(shown.get('import') ?? []), noted(line, await dbt.show(line))])
  }
  dbt.remove()
})

/** Notes the schema of the document that a line prints, and returns the text. */
function noted(line: string, text: string): string {
  const verb = commands.find(([words]) => `${line} `.startsWith(`${words} `))?.[0]
  const [, schema] = /^ {2}"schema": "(assets\/[^"]+)"/m.exec(text) ?? []
  if (verb !== undefined && schema !== undefined && schema !== 'assets/problems/1') {
    schemas.set(verb, (schemas.get(verb) ?? new Set()).add(schema))
  }
  return text
}

test.each(verbs.map(({ name }) => name))('what assets %s prints', async (verb) => {
  const lines = shown.get(verb)
  expect(lines, 'add the verb to SESSION').toBeDefined()
  await expect(`${lines!.join('\n\n')}\n`).toMatchFileSnapshot(`verbs/${verb}.txt`)
})

test('next: names another command than the one that was typed', () => {
  for (const text of [...shown.values()].flat()) {
    const [typed] = text.split('\n')
    const next = text.split('\n').filter((line) => line.startsWith('next:'))
    expect(next.length, text).toBeLessThan(2)
    for (const line of next) {
      expect(line).toMatch(/^next: (?:cd \S+ && )?assets \w/)
      expect(line.replace(/^next:/, '$')).not.toBe(typed)
    }
  }
})

test.each(commands)('assets %s --json prints the schemas that it declares', (words, { json }) => {
  expect([...(schemas.get(words) ?? [])].sort()).toEqual([...(json ?? [])].sort())
})

test('every golden belongs to a verb', () => {
  const goldens = readdirSync(join(import.meta.dirname, 'verbs')).sort()
  expect(goldens).toEqual(verbs.map(({ name }) => `${name}.txt`).sort())
})
