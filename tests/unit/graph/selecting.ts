import { buildGraph } from '../../../framework/graph/graph.ts'
import type { SelectionFacts, StateFacts } from '../../../framework/graph/selection/facts.ts'
import { parseSelection } from '../../../framework/graph/selection/parse.ts'
import { namesOf, select } from '../../../framework/graph/selection/select.ts'
import type { Asset, KindName } from '../../../framework/model/asset.ts'
import type { DbtFacts } from '../../../framework/model/dbt-facts.ts'
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
]

const model = (folder: string, name: string, more: Partial<DbtFacts> = {}): DbtFacts => ({
  resourceType: 'model',
  package: 'rental',
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
  test: null,
  readBy: {},
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
  stg_payment: model('staging', 'stg_payment', { package: 'other', tags: ['pii', 'tier=bronze'] }),
  fact_payment: model('marts', 'fact_payment', {
    access: 'public',
    readBy: { exposure: ['rental.weekly'], metric: ['rental.income'] },
  }),
  'dim_film.v2': model('marts', 'dim_film', {
    fqn: ['rental', 'marts', 'dim_film', 'v2'],
    version: 'latest',
    config: { materialized: 'table', tags: ['x', 'y'], severity: 'WARN' },
  }),
  unique_fact: model('marts', 'unique_fact', {
    resourceType: 'test',
    test: { type: 'generic', name: 'unique' },
  }),
  film_known: model('tests', 'film_known', {
    resourceType: 'test',
    config: { severity: 'WARN' },
    test: { type: 'singular', name: 'film_known' },
  }),
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

const FACTS: SelectionFacts = {
  graph: built.value,
  assets: new Map(ASSETS.map((each) => [each.name, each])),
  definitions: new Map([['fact_payment', definition('fact_payment')]]),
  selectors: {
    films: '*film* not_there',
    good: 'tag:tier selector:inner',
    inner: 'fact_*',
    loop: 'selector:pool',
    pool: 'selector:loop',
    broken: 'a++',
  },
  dbt: (name) => DBT[name] ?? null,
  state: (name) =>
    STATES[name] ?? { verdict: { state: 'fresh' }, recorded: true, outcome: 'released' },
}

/** The names that a selection selects, and the messages of its warnings. */
export function run(
  text: string | string[],
  exclude?: string,
): Result<readonly string[]> & { warned: string[] } {
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
