import { expect, test } from 'vitest'
import { NO_READS } from '../../../framework/kinds/dbt/code-version/template.ts'
import { type Catalog, catalogOf } from '../../../framework/kinds/dbt/manifest/catalog.ts'
import type {
  ManifestFacts,
  NodeFacts,
  Reads,
  TemplateFacts,
} from '../../../framework/kinds/dbt/manifest/worker-manifest.ts'
import { NO_WORDS } from '../../rig/catalog-node.ts'

const template = (code: string, reads: Partial<Reads> = {}): TemplateFacts => ({
  exact: code,
  pieces: null,
  reads: {
    ...NO_READS,
    clock: code.includes('now()'),
    ...reads,
  },
})
const node = (id: string, code: string, more: Partial<NodeFacts> = {}): NodeFacts => {
  const [resource, , name] = id.split('.') as ['model', string, string]
  return {
    id,
    name,
    package: 'shop',
    file: `${resource}s/${name}.sql`,
    words: null,
    about: NO_WORDS,
    references: '',
    parents: [],
    selection: { fqn: [], patch: null, tags: [], group: null, access: null, latest_version: null },
    resource,
    database: null,
    schema: 'Main',
    alias: name,
    language: 'sql',
    version: null,
    latest: true,
    config: { materialized: (resource as string) === 'function' ? 'function' : 'table' },
    columns: [],
    documented: [],
    relation_name: null,
    template: template(code),
    strings: [],
    macros: [],
    strategies: resource === ('function' as string) ? ['scalar_function_sql'] : [],
    entry: {},
    naming: code,
    location: null,
    signature: null,
    ...more,
  }
}
const macro = (name: string, code: string) => ({
  id: `macro.shop.${name}`,
  name,
  package: 'shop',
  file: 'macros/m.sql',
  macros: [],
  built_in: false,
  template: template(code),
  naming: null,
})
/** dbt's macro of that name, which dispatches the project's. */
const SCALAR = {
  ...macro('scalar_function_sql', ''),
  id: 'macro.dbt.scalar_function_sql',
  package: 'dbt',
  built_in: true,
  template: template('', { dispatched: [['scalar_function_sql', 'dbt']] }),
}

function catalog(
  nodes: readonly NodeFacts[],
  macros: readonly ReturnType<typeof macro>[] = [],
  sources: readonly unknown[] = [],
): Catalog {
  const facts = {
    adapter: 'duckdb',
    project: 'shop',
    packages: { shop: { root: '.', vars: {} } },
    materializations: {},
    dispatch: [],
    settings: {},
    profile_env_vars: [],
    target: {},
    flags: {},
    graph: null,
    hooks: [],
    env_vars: [],
    template_env_vars: [],
    env_words: null,
    nodes,
    tests: [],
    unit_tests: [],
    sources,
    selected: null,
    macros: [SCALAR, ...macros],
    disabled: [],
  } as unknown as ManifestFacts
  return catalogOf(facts, { root: '/shop', projectDir: 'dbt', env: {}, contentOf: () => '' })
}
test('a relation in another database begins with it, and a part with a dot is in quotes', () => {
  const more = { alias: 'T', schema: 'Main' }
  const { nodes } = catalog([
    node('model.shop.own', 'select 1', more),
    node('model.shop.away', 'select 1', { ...more, database: 'Mart' }),
    node('model.shop.dotted', 'select 1', { ...more, alias: 'A.b' }),
    node('function.shop.called', 'x', { ...more, database: 'Mart' }),
  ])
  expect(nodes.map(({ relation }) => relation)).toEqual([
    'main.t',
    'mart.main.t',
    'main."a.b"',
    'mart.main.t()',
  ])
})

test('the freshness of a source is a gate only with error_after (SEMANTICS 45c)', () => {
  const source = (name: string, error: boolean | null) => ({
    id: `source.shop.${name}`,
    name,
    file: 'models/s.yml',
    database: null,
    schema: 'main',
    identifier: name,
    location: null,
    freshness: error === null ? null : { error, terms: {} },
  })
  const sources = [source('app.errs', true), source('app.warns', false), source('app.none', null)]
  expect(catalog([], [], sources).ages.map(({ name, severity }) => [name, severity])).toEqual([
    ['source_freshness_app_errs', 'error'],
    ['source_freshness_app_warns', 'warn'],
  ])
})

const find = (of: Catalog, name: string) => of.nodes.find((one) => one.name === name)!
const labels = (of: Catalog, name: string) => find(of, name).parts.map((at) => of.parts[at]!.label)

/** `number` calls `four`, which calls `twice`. */
const project = (twice: Partial<NodeFacts> & { readonly code: string }) =>
  catalog([
    node('model.shop.number', 'select 1', { parents: ['function.shop.four'] }),
    node('function.shop.four', 'x', { parents: ['function.shop.twice'] }),
    node('function.shop.twice', twice.code, twice),
    node('model.shop.other', 'select 2'),
  ])

test('a function is a virtual node with a relation that is no table', () => {
  expect(find(project({ code: 'x * 2' }), 'twice')).toMatchObject({
    form: 'view',
    relation: 'main.twice()',
    writes: null,
  })
  const called = { config: { materialized: 'table_function' } }
  const other = catalog([node('model.shop.above', 'select 1', called)])
  expect(find(other, 'above')).toMatchObject({ form: 'view', relation: 'main.above()' })
})

test('the code of a function is part of the code of its callers, through other functions', () => {
  const before = project({ code: 'x * 2' })
  expect(labels(before, 'number')).toContain('function four')
  const versions = (of: Catalog) => of.nodes.map(({ codeVersion }) => codeVersion)
  const changed = (after: Catalog) =>
    versions(after).map((version, at) => version !== versions(before)[at])
  expect(changed(project({ code: 'x * 3' }))).toEqual([true, true, true, false])
  const signature = { arguments: [['x', 'bigint', null]], returns: 'bigint' }
  expect(changed(project({ code: 'x * 2', signature }))).toEqual([true, true, true, false])
})

test('a function that names the clock makes its callers depend on the time', () => {
  const clocks = (of: Catalog) => of.nodes.map(({ clock }) => clock)
  expect(clocks(project({ code: 'x * 2' }))).toEqual([false, false, false, false])
  expect(clocks(project({ code: 'now() + x' }))).toEqual([true, true, true, false])
})

test('the macros that its materialization dispatches by a computed name are part of its code', () => {
  const functions = [node('function.shop.f', 'x')]
  const versionWith = (name: string, code: string) =>
    find(catalog(functions, [macro(name, code)]), 'f').codeVersion
  const one = versionWith('duckdb__scalar_function_sql', '{% macro m() %}a{% endmacro %}')
  const two = versionWith('duckdb__scalar_function_sql', '{% macro m() %}b{% endmacro %}')
  expect(one).not.toBe(two)
  const unused = 'duckdb__aggregate_function_sql'
  expect(versionWith(unused, '{% macro m() %}a{% endmacro %}')).toBe(
    versionWith(unused, '{% macro m() %}b{% endmacro %}'),
  )
})

test('the place of an external materialization is part of its code', () => {
  const at = (location: string) =>
    find(catalog([node('model.shop.e', 'select 1', { location })]), 'e')
  expect(at('out/e.parquet').writes).toBe('dbt/out/e.parquet')
  expect(at('../e.parquet').writes).toBe('e.parquet')
  expect(at('s3://bucket/e.parquet').writes).toBe('s3://bucket/e.parquet')
  expect(at('').writes).toBe('')
  expect(at('a.parquet').codeVersion).not.toBe(at('b.parquet').codeVersion)
})

test('the files that code names are relative to the project root', () => {
  const code = "select * from read_csv('a.csv'), read_csv('/shop/b.csv'), read_csv('s3://b/c.csv')"
  expect(find(catalog([node('model.shop.m', code)]), 'm').reads).toEqual([
    'dbt/a.csv',
    'b.csv',
    's3://b/c.csv',
  ])
})
