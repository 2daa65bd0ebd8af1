import { buildGraph } from '../../../framework/graph/graph.ts'
import type { SelectionFacts, StateFacts } from '../../../framework/graph/selection/facts.ts'
import { parseSelection } from '../../../framework/graph/selection/parse.ts'
import { namesOf, select } from '../../../framework/graph/selection/select.ts'
import type { Asset, KindName } from '../../../framework/model/asset.ts'
import type { DbtFacts, DbtReader } from '../../../framework/model/dbt-facts.ts'
import type { Definition } from '../../../framework/model/definition.ts'
import type { Problem, Result } from '../../../framework/model/problem.ts'
import type { Verdict } from '../../../framework/model/verdict.ts'
import { plainAsset } from '../../rig/asset.ts'

const asset = (name: string, kind: KindName, deps: string[], more: Partial<Asset> = {}) =>
  plainAsset(name, { kind, deps, file: `assets/${kind}.yaml`, ...more })

export const ASSETS = [
  asset('raw_film', 'airbyte', [], { group: 'raw', spec: { sync: 'full_refresh' } }),
  asset('raw_payment', 'airbyte', [], { group: 'raw', tags: { tier: 'gold', nightly: '' } }),
  asset('stg_film', 'dbt', ['raw_film'], { group: 'staging' }),
  asset('stg_payment', 'dbt', ['raw_payment'], { group: 'staging', owners: ['a@example.com'] }),
  asset('fact_payment', 'dbt', ['stg_payment', 'stg_film'], {
    tags: { tier: 'silver' },
    owners: ['@finance', 'b@example.com'],
  }),
  asset('dim_film.v2', 'dbt', ['stg_film']),
  asset('revenue', 'dbt', ['fact_payment']),
  asset('extract_revenue', 'extract', ['revenue'], { file: 'assets/out/extracts.yaml' }),
]

const CHECKS = [
  { name: 'unique_fact', reads: ['fact_payment'], severity: 'error' as const },
  { name: 'film_known', reads: ['fact_payment', 'stg_film'], severity: 'warn' as const },
  { name: 'film_paid', reads: ['dim_film.v2', 'raw_payment'], severity: 'warn' as const },
]

const model = (folder: string, name: string, more: Partial<DbtFacts> = {}): DbtFacts => ({
  resourceType: 'model',
  package: 'rental',
  ofThisProject: true,
  fqn: ['rental', folder, name],
  path: `models/${folder}/${name}.sql`,
  file: `dbt/models/${folder}/${name}.sql`,
  patchPath: `models/${folder}/schema.yml`,
  tags: [],
  config: { materialized: 'table', meta: { owner: 'ann' }, enabled: true },
  group: null,
  access: 'protected',
  version: 'none',
  source: null,
  pathsInProject: null,
  test: null,
  ...more,
})

const DBT: Record<string, DbtFacts> = {
  raw_payment: model('staging', 'payment', {
    resourceType: 'source',
    fqn: ['rental', 'staging', 'dvd', 'payment'],
    source: { name: 'dvd', table: 'payment' },
    version: null,
    access: null,
  }),
  stg_film: model('staging', 'stg_film', { config: { materialized: 'view' } }),
  stg_payment: model('staging', 'stg_payment', {
    package: 'other',
    ofThisProject: false,
    tags: ['pii', 'tier=bronze', 'a+b', '1+1'],
  }),
  fact_payment: model('marts', 'fact_payment', {
    access: 'public',
  }),
  'dim_film.v2': model('marts', 'dim_film', {
    fqn: ['rental', 'marts', 'dim_film', 'v2'],
    version: 'latest',
    config: { materialized: 'table', tags: ['x', 'y'], severity: 'WARN' },
  }),
  revenue: model('reports', 'revenue', {
    path: 'models/a+b/revenue.sql',
    file: 'dbt/models/a+b/revenue.sql',
    config: {
      materialized: 'incremental',
      incremental_strategy: 'delete+insert',
      meta: { range: '[0-9]', on: 'true' },
    },
  }),
  unique_fact: model('marts', 'unique_fact', {
    resourceType: 'test',
    patchPath: null,
    tags: ['critical'],
    test: { type: 'generic', name: 'unique' },
  }),
  film_known: model('tests', 'film_known', {
    resourceType: 'test',
    config: { severity: 'WARN' },
    test: { type: 'singular', name: 'film_known' },
  }),
}

const copyOfFilm = (name: string) =>
  model('staging', 'film', {
    resourceType: 'source',
    path: 'models/copies.yml',
    file: 'dbt/models/copies.yml',
    patchPath: null,
    fqn: ['rental', name, 'film'],
    source: { name, table: 'film' },
    version: null,
    access: null,
    config: {},
  })

/** Two sources name its table. */
const FILM = [copyOfFilm('copy'), copyOfFilm('mirror')]

const reader = (
  resourceType: string,
  name: string,
  reads: Partial<Pick<DbtReader, 'assets' | 'readers'>>,
  more: Partial<DbtFacts> = {},
): DbtReader => ({
  facts: {
    ...model('reporting', name, {
      config: {},
      access: null,
      version: null,
      patchPath: null,
      ...more,
    }),
    resourceType,
    path: 'models/reporting/readers.yml',
    file: 'dbt/models/reporting/readers.yml',
  },
  assets: [],
  readers: [],
  ...reads,
})

/** `weekly` reads a model and a metric, the metric reads a semantic model, and that another model. */
const READERS: Record<string, DbtReader> = {
  weekly: reader(
    'exposure',
    'weekly',
    { assets: ['revenue'], readers: ['income'] },
    { tags: ['published'] },
  ),
  income: reader('metric', 'income', { readers: ['payments'] }, { group: 'finance' }),
  payments: reader('semantic_model', 'payments', { assets: ['fact_payment'] }),
}

const stale = (...reasons: { reason: 'code' | 'source' | 'data'; label?: string }[]): Verdict => {
  const full = reasons.map(({ reason, label }) => ({
    reason,
    message: reason,
    ...(label === undefined ? {} : { parts: [{ label, version: 'c:1' }] }),
  }))
  return { state: 'stale', reasons: [full[0] ?? { reason: 'code', message: '' }, ...full.slice(1)] }
}

const STATES: Record<string, StateFacts> = {
  raw_payment: { verdict: stale({ reason: 'source' }), recorded: true, outcome: 'built' },
  stg_film: {
    verdict: stale({ reason: 'code', label: 'macro cents' }),
    recorded: true,
    outcome: 'failed',
  },
  stg_payment: {
    verdict: { state: 'pending', on: ['raw_payment'] },
    recorded: true,
    outcome: 'blocked',
  },
  revenue: { verdict: stale({ reason: 'data' }), recorded: false, outcome: null },
  unique_fact: { verdict: { state: 'fresh' }, recorded: true, outcome: 'fail' },
}

const built = buildGraph(ASSETS, CHECKS)
if (!built.ok) throw new Error('the graph of this test has a cycle')

const definition = (name: string): Definition => ({
  asset: name,
  kind: 'dbt',
  form: 'stored',
  codeVersion: 'x',
  parts: [],
  accumulates: 'no',
  relation: `marts.${name}`,
  outputs: [],
  unit: null,
  dataVersion: 'content',
  onDrift: 'rebuild',
  clock: false,
  build: null,
})

export const GRAPH = built.value

const FACTS: SelectionFacts = {
  graph: GRAPH,
  assets: new Map(ASSETS.map((each) => [each.name, each])),
  definitions: new Map([['fact_payment', definition('fact_payment')]]),
  selectors: {
    films: '*film* not_there',
    good: 'tag:tier selector:inner',
    inner: 'fact_*',
    loop: 'selector:pool',
    pool: 'selector:loop',
    broken: 'a++',
    board: 'exposure:weekly',
  },
  dbt: {
    nodes: new Map(
      Object.entries({ ...DBT, raw_film: FILM }).map(([name, facts]) => [name, [facts].flat()]),
    ),
    readers: new Map(Object.entries(READERS)),
  },
  state: (name) =>
    STATES[name] ?? { verdict: { state: 'fresh' }, recorded: true, outcome: 'released' },
}

/** The names that a selection selects, and the messages of its warnings. */
export function run(
  text: string | string[],
  exclude?: string,
): Result<readonly string[]> & { warned: string[]; hints?: (string | null)[] } {
  const parsed = parseSelection(text)
  if (!parsed.ok) return { ...parsed, warned: [] }
  const without = exclude === undefined ? null : parseSelection(exclude)
  if (without !== null && !without.ok) return { ...without, warned: [] }
  const selected = select(parsed.value, without?.value ?? null, FACTS)
  if (!selected.ok) return { ...selected, warned: [] }
  const { bits, warnings } = selected.value
  return {
    ok: true,
    value: namesOf(FACTS.graph, bits),
    warned: warnings.map(({ message }) => message),
    hints: warnings.map(({ hint }) => hint ?? null),
  }
}

export function names(text: string | string[], exclude?: string): string {
  const result = run(text, exclude)
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'))
  return result.value.join(' ')
}

export function problems(text: string | string[]): readonly Problem[] {
  const result = run(text)
  return result.ok ? [] : result.problems
}
