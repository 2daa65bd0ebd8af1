import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildGraph } from '../../framework/graph/graph.ts'
import { parseSelection } from '../../framework/graph/selection/parse.ts'
import { namesOf, select } from '../../framework/graph/selection/select.ts'
import { NO_DBT } from '../../framework/model/dbt-facts.ts'
import { ASSETS, MORE } from '../rig/dbt-selections/project.ts'
import { sharedPython } from '../rig/python.ts'
import { Shop } from '../rig/shop.ts'

// Expressions of dbt's grammar on a project with everything that its methods look at. dbt itself says what
// they select (tests/rig/dbt-selections/ask.py).

let shop: Shop
let python: string
let checks: ReadonlySet<string>
/** What `assets` selects; null if it refuses the expression. */
let choose: (text: string) => readonly string[] | null
/** What dbt selects, by expression; null if it refuses it. */
let dbtSelects: ReadonlyMap<string, readonly string[] | null>
/** The assets and checks of dbt's nodes and sources. */
let nameOf: (id: string) => string | null

beforeAll(async () => {
  python = await sharedPython()
  shop = new Shop(python)
  shop.reset(MORE)
  const defined = await shop.command(ASSETS).define()
  expect(defined.problems).toEqual([])
  const assets = [
    { name: 'raw_orders', deps: [], file: 'assets.yaml' },
    ...Object.entries(ASSETS).map(([name, deps]) => ({ name, deps, file: 'assets.yaml' })),
  ]
  const graph = buildGraph(assets, defined.checks)
  if (!graph.ok) throw new Error('the shop has no cycle')
  checks = new Set(defined.checks.map(({ name }) => name))
  const names = new Map<string, string>()
  for (const { name, build } of defined.checks) names.set(nodeOf(build), name)
  for (const [name, { build }] of defined.definitions) names.set(nodeOf(build), name)
  nameOf = (id) => (id === 'source.shop.shop.orders' ? 'raw_orders' : (names.get(id) ?? null))
  const facts = {
    graph: graph.value,
    assets: new Map(),
    definitions: defined.definitions,
    selectors: {},
    dbt: defined.dbt?.() ?? NO_DBT,
    state: () => ({ verdict: { state: 'fresh' }, recorded: true, outcome: null }) as const,
  }
  choose = (text) => {
    const parsed = parseSelection(text)
    if (!parsed.ok) return null
    const selected = select(parsed.value, null, facts)
    return selected.ok ? namesOf(graph.value, selected.value.bits) : null
  }
  dbtSelects = askDbt([...new Set([...ATOMS, ...anyValues(), ...combinations()])])
})
afterAll(() => shop.close())

function nodeOf(build: unknown): string {
  return (build as { readonly node: string }).node
}

/** What dbt selects, by expression; null if it refuses the expression. Asked once: dbt starts slowly. */
function askDbt(texts: readonly string[]): ReadonlyMap<string, readonly string[] | null> {
  const script = join(import.meta.dirname, '../rig/dbt-selections/ask.py')
  const { stdout, stderr, status } = spawnSync(
    join(python, 'bin', 'python'),
    [script, join(shop.root, 'dbt')],
    {
      input: JSON.stringify(texts),
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  )
  if (status !== 0) throw new Error(stderr)
  const answers = JSON.parse(stdout) as (string[] | null)[]
  return new Map(
    answers.map((ids, k) => [
      texts[k]!,
      ids && [...new Set(ids.flatMap((id) => nameOf(id) ?? []))],
    ]),
  )
}

/** The expressions for which the two differ, of all nodes or of assets alone. */
function differences(
  texts: readonly string[],
  of: 'nodes' | 'assets',
  refused: 'compared' | 'skipped' = 'compared',
): readonly string[] {
  const kept = (names: readonly string[] | null) =>
    names
      ?.filter((name) => of === 'nodes' || !checks.has(name))
      .sort()
      .join(' ') ?? 'refused'
  return texts.flatMap((text) => {
    const [ours, dbts] = [kept(choose(text)), kept(dbtSelects.get(text)!)]
    if (refused === 'skipped' && [ours, dbts].includes('refused')) return []
    return ours === dbts ? [] : [`${text}: ${ours || 'nothing'}, dbt: ${dbts || 'nothing'}`]
  })
}

/** Values of each method, between spaces. */
const VALUES: Readonly<Record<string, string>> = {
  fqn:
    '* shop.* marts shop.marts marts.deep mart* m*.deep* s* *sal?s tools dim dim.v1 dim_v2 ' +
    'dim.v* marts.dim.v3 no.dim.v3 d[ai]* orders shop.orders sales deep.sales dashboard board ' +
    'weekly marts.board raw_orders a+b mirror marts.*.sales shop.marts.* *.deep.* o[!r]d shop ' +
    'shop.journal sales.x [z-a]',
  tag: 'nightly tier=gold a+b x:y outside published key slow dims n* *+* Nightly no [a-n]*',
  group:
    'finance f* no public protected private shop mirror shop.orders mirror.copy ' +
    'shop.shop.orders s* *.copy tools.*.* mirror.orders *.*.* shop.mirror.* sh*.o* no shop.*',
  path:
    'models models/ ./models models/./marts models//marts models/marts/deep/sales.sql ' +
    'models/*.sql models/**/*.sql models/m* models/marts/* models/more.yml seeds ' +
    'models/marts/marts.yml models/schema.yml snapshots tests tests/*/*.sql models/a+b ' +
    'models/a+b/odd.sql models/marts/./deep/./sales.sql **/deep models/[jb]*.sql no/where',
  file: 'sales sales.sql dim_v* *.sql more.yml schema.yml history countries.csv no',
  package: 'shop this tools t* no',
  'config.materialized': 'table view incremental ephemeral snapshot seed no',
  'config.incremental_strategy': 'delete+insert delete',
  'config.severity': 'warn WARN error',
  'config.meta.owner': 'ann ben Ann',
  'config.meta.zones': 'eu asia',
  'config.tags': 'nightly a+b',
  'config.enabled': 'true TRUE false',
  'config.no': 'x',
  resource_type: 'model seed snapshot source test unit_test exposure metric',
  version: 'latest prerelease old none',
  test_name: 'unique not_* relationships positive sums no',
  test_type: 'generic singular unit schema data',
  unit_test: 'sums shop.sums tools.sums s* no',
  exposure: 'dashboard feed board tools.board * shop.* f* no',
  metric: 'total_amount twice shop.twice * no',
  semantic_model: 'orders shop.orders no',
  saved_query: 'weekly * no',
}

/** Without a method: paths, files and what no asset is called. Names of assets stand for the asset alone. */
const BARE =
  'models/marts models/./marts models/a+b/odd.sql models/*.sql sales.sql countries.csv ' +
  'marts marts.deep shop.jo* shop.marts.* dim dim_v1 marts.dim tools.*'
/** Readers, which dbt selects and nothing builds: only what a walk from them leads to is compared. */
const READERS = ['dashboard', 'board', 'weekly', 'shop.feed', 'twice', 'total_amount']

const isReaders = (text: string) => /^(exposure|metric|semantic_model|saved_query):/.test(text)
const ATOMS = [
  ...Object.entries(VALUES).flatMap(([method, values]) =>
    values.split(' ').map((value) => `${method}:${value}`),
  ),
  ...BARE.split(' '),
]

test('what one method selects, checks included where it names them, is what dbt selects', () => {
  const named =
    /^(tag|config\.\w+|resource_type|test_name|test_type|unit_test|version|access|source)[.:]/
  const [nodes, assets] = [
    ATOMS.filter((text) => named.test(text)),
    ATOMS.filter((t) => !isReaders(t)),
  ]
  expect(differences(nodes, 'nodes')).toEqual([])
  expect(differences(assets, 'assets')).toEqual([])
})

/** A method with a value of any pieces of text. */
function anyValues(): readonly string[] {
  const pieces =
    'shop marts sales dim v1 nightly delete insert orders dashboard models ' +
    '. . + + * ? [ ] ! - / ./ @ : = 1 2 a b _'
  const methods = ['fqn', 'tag', 'path', 'file', 'package', 'source', 'config.incremental_strategy']
  const text = fc
    .tuple(
      fc.constantFrom('', '', '+', '1+', '@'),
      fc.constantFrom(...methods, 'exposure'),
      fc.array(fc.constantFrom(...pieces.split(' ')), { minLength: 1, maxLength: 5 }),
      fc.constantFrom('', '', '+', '+1'),
    )
    .map(([before, method, value, after]) => `${before}${method}:${value.join('')}${after}`)
  return [...new Set(fc.sample(text, { seed: 7, numRuns: 8000 }))]
}

test('a value of any characters, unless it is refused, selects what dbt selects', () => {
  // dbt knows no wildcards in values of its config.
  const isOurs = (one: string) => isReaders(one) || /^.{0,2}config.*[*?[]/.test(one)
  const compared = anyValues().filter((one) => choose(one) !== null && !isOurs(one))
  expect(compared.length).toBeGreaterThan(3000)
  expect(differences(compared, 'assets', 'skipped')).toEqual([])
})

/** Walks, unions and intersections of methods. */
function combinations(): readonly string[] {
  const depth = fc.constantFrom('', '0', '1', '2', '3')
  const walk = fc.oneof(
    depth.map((levels) => (atom: string) => `${levels}+${atom}`),
    depth.map((levels) => (atom: string) => `${atom}+${levels}`),
    fc.tuple(depth, depth).map(
      ([up, down]) =>
        (atom: string) =>
          `${up}+${atom}+${down}`,
    ),
    fc.constant((atom: string) => `@${atom}`),
  )
  const walked = fc
    .tuple(walk, fc.constantFrom(...ATOMS, ...READERS))
    .map(([around, atom]) => around(atom))
  const plain = fc.constantFrom(...ATOMS.filter((text) => !isReaders(text)))
  const term = fc.oneof({ weight: 2, arbitrary: walked }, plain)
  const several = fc.array(term, { minLength: 1, maxLength: 3 })
  const expression = fc
    .array(
      several.map((terms) => terms.join(',')),
      { minLength: 1, maxLength: 2 },
    )
    .map((parts) => parts.join(' '))
  return [...new Set(fc.sample(expression, { seed: 7, numRuns: 4000 }))]
}

test('walks, unions and intersections of methods select what dbt selects', () => {
  const texts = combinations()
  expect(texts.length).toBeGreaterThan(3000)
  expect(differences(texts, 'assets')).toEqual([])
})
