import { Random } from '../../property/random.ts'

type Files = Readonly<Record<string, string>>

/** A change of a generated project, and the assets that have to be built for it. */
export interface Change {
  readonly what: string
  readonly files: Files
  readonly builds: readonly string[]
}

/** A dbt project of somebody who never heard of assets, and what is true of it. */
export interface GeneratedProject {
  readonly files: Files
  /** Every asset, in alphabetical order. */
  readonly assets: readonly string[]
  /** What `assets init` counts. */
  readonly counts: string
  readonly changes: readonly Change[]
}

type Form = 'table' | 'incremental' | 'view' | 'ephemeral' | 'snapshot' | 'seed' | 'external'

interface Node {
  readonly name: string
  readonly form: Form
  readonly parents: readonly Node[]
  readonly calls: 'macro' | 'var' | 'function' | null
  /** As another model reads it. */
  readonly read: string
}

const FORMS = ['table', 'table', 'view', 'view', 'ephemeral', 'ephemeral', 'incremental'] as const
const CALLS = ['macro', 'var', 'function', null] as const

const projectFile = (rate: number) =>
  `name: shop\nversion: 1.0.0\nprofile: shop\nvars: {rate: ${rate}}\n`
const macroFile = (more: number) => `{% macro plus(x) %}({{ x }} + ${more}){% endmacro %}
{% macro duckdb__scalar_function_sql(r) %}
create or replace function {{ r.schema }}.{{ r.identifier }}(x) as {{ model.compiled_code }}
{% endmacro %}`

/** The files that do not depend on chance. */
const FIXED: Files = {
  'dbt_project.yml': projectFile(2),
  'profiles.yml': 'shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n',
  'packages.yml': 'packages: [{local: extra}]\n',
  'extra/dbt_project.yml': 'name: extra\nversion: 1.0.0\n',
  'extra/models/shared.sql': `{{ config(materialized='table', alias='shared_of_extra') }}
select id, amount from {{ ref('seed_0') }}`,
  'seeds/seed_0.csv': 'id,amount\n1,10\n2,20\n',
  'seeds/seed_1.csv': 'id,amount\n1,5\n2,6\n3,7\n',
  'data/prices.csv': 'id,amount\n1,100\n3,300\n',
  'macros/macros.sql': macroFile(1),
  'functions/more.sql': 'x + 2',
  'functions/functions.yml':
    'functions:\n  - {name: more, arguments: [{name: x, data_type: bigint}], returns: {data_type: bigint}}\n',
}

const FIXED_NODES: readonly Node[] = [
  { ...leaf('seed_0', 'seed'), read: "ref('seed_0')" },
  { ...leaf('seed_1', 'seed'), read: "source('raw', 'seed_1')" },
  { ...leaf('files.prices', 'external'), read: "source('files', 'prices')" },
]

function leaf(name: string, form: Form) {
  return { name, form, parents: [], calls: null }
}

/**
 * A random project of seeds, models of every materialization, a snapshot, a function, tests, sources over seeds and
 * over a file, and a package with a model whose name the project has, too. Every relation has the columns `id`
 * and `amount`, and an amount adds up those of all inputs: what changes shows in everything below.
 */
export function generateProject(seed: number, models: number): GeneratedProject {
  const random = new Random(seed)
  const shared: Node = {
    ...leaf('extra.shared', 'table'),
    parents: FIXED_NODES.slice(0, 1),
    read: "ref('extra', 'shared')",
  }
  const nodes = [...FIXED_NODES, shared]
  const own: Node[] = []
  for (let i = 0; i < models; i++) {
    const parents = new Set([nodes.at(-1)!, random.pick(nodes)!])
    const named = i === 0 ? { name: 'shop.shared', read: "ref('shop', 'shared')" } : numbered(i)
    const form = FORMS[i % FORMS.length]!
    own.push({ ...named, form, parents: [...parents], calls: random.pick(CALLS)! })
    nodes.push(own.at(-1)!)
  }
  const last = own.at(-1)!
  nodes.push({ name: 'kept', form: 'snapshot', parents: [last], calls: null, read: '' })
  const files = { ...FIXED, ...filesOf(own), 'snapshots/kept.sql': snapshotFile(last) }
  return {
    files,
    assets: [...nodes.map(({ name }) => name), 'more'].sort(),
    counts: `dbt has ${models + 1} models, 2 seeds, 1 snapshot, 1 function, 2 sources (1 filled by seeds), ${models} tests`,
    changes: changesOf(nodes, files),
  }
}

const numbered = (i: number) => ({ name: `m_${i}`, read: `ref('m_${i}')` })

/** The name of a model's file. */
const fileOf = ({ name }: Node) => `models/${name.replace('shop.', '')}.sql`

function filesOf(models: readonly Node[]): Files {
  const tested = models.map(
    ({ name }) =>
      `  - {name: ${name.replace('shop.', '')}, columns: [{name: id, data_tests: [not_null]}]}\n`,
  )
  return {
    'models/schema.yml': `sources:
  - {name: raw, schema: main, tables: [{name: seed_1}]}
  - {name: files, tables: [{name: prices, config: {external_location: data/prices.csv}}]}
models:
${tested.join('')}`,
    ...Object.fromEntries(models.map((model) => [fileOf(model), modelFile(model)])),
  }
}

function modelFile({ form, parents, calls }: Node): string {
  const amount = 'sum(amount)::bigint'
  const shown = {
    macro: `{{ plus('${amount}') }}`,
    var: `${amount} + {{ var('rate') }}`,
    function: `{{ function('more') }}(${amount})`,
  }
  const config = form === 'incremental' ? "'incremental', unique_key='id'" : `'${form}'`
  const inputs = parents.map(({ read }) => `select id, amount from {{ ${read} }}`)
  return `{{ config(materialized=${config}) }}
select id, ${calls === null ? amount : shown[calls]} as amount
from (${inputs.join(' union all ')}) group by id`
}

function snapshotFile({ read }: Node): string {
  return `{% snapshot kept %}{{ config(unique_key='id', strategy='check', check_cols=['amount']) }}
select * from {{ ${read} }}{% endsnapshot %}`
}

function changesOf(nodes: readonly Node[], files: Files): readonly Change[] {
  const change = (what: string, file: string, text: string, isOf: (node: Node) => boolean) => {
    const builds = builtFor(nodes, isOf)
    return { what, files: { [file]: text }, builds }
  }
  const edited = nodes.find(({ form, name }) => form === 'table' && name.startsWith('m_'))!
  const file = fileOf(edited)
  const calls = (called: Node['calls']) => (node: Node) => node.calls === called
  const more = change('a function', 'functions/more.sql', 'x + 5', calls('function'))
  return [
    change('a row of a seed', 'seeds/seed_1.csv', 'id,amount\n1,5\n2,6\n3,8\n', isNamed('seed_1')),
    change('a macro', 'macros/macros.sql', macroFile(3), calls('macro')),
    change('a variable', 'dbt_project.yml', projectFile(4), calls('var')),
    { ...more, builds: [...more.builds, 'more'].sort() },
    change('a file', 'data/prices.csv', 'id,amount\n1,101\n3,300\n', isNamed('files.prices')),
    change('a model', file, `${files[file]} union all select 99, 1`, (node) => node === edited),
  ]
}

const isNamed = (name: string) => (node: Node) => node.name === name

/**
 * The assets that are built when these nodes changed: those that hold rows and are below one, and views whose own SQL
 * changed, of which an ephemeral above is a part.
 */
function builtFor(nodes: readonly Node[], isChanged: (node: Node) => boolean): readonly string[] {
  const moved = new Set<Node>()
  const rewritten = new Set<Node>()
  for (const node of nodes) {
    const inlines = node.parents.some((one) => one.form === 'ephemeral' && rewritten.has(one))
    if (isChanged(node) || inlines) rewritten.add(node)
    if (rewritten.has(node) || node.parents.some((one) => moved.has(one))) moved.add(node)
  }
  const isBuilt = (node: Node) => {
    if (node.form === 'external' || node.form === 'ephemeral') return false
    return node.form === 'view' ? rewritten.has(node) : moved.has(node)
  }
  return [...moved]
    .filter(isBuilt)
    .map(({ name }) => name)
    .sort()
}
