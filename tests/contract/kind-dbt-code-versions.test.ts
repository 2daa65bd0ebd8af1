import { describe, expect, test } from 'vitest'
import type { CodePart } from '../../framework/model/definition.ts'
import type { Defined } from '../../framework/ports/kind.ts'
import { played } from '../rig/dbt/share.ts'
import { inOneShop } from '../rig/one-shop.ts'
import { type Command, SHOP, SHOP_ASSETS, type Shop } from '../rig/shop.ts'

let shop: Shop
let command: Command
inOneShop((...opened) => {
  ;[shop, command] = opened
})

type Files = Readonly<Record<string, string>>
/** What it is, the files of a project, the change, and the parts of `joined` that differ after it. */
type Row = readonly [title: string, before: Files, after: Files, parts: readonly string[]]

const MODEL = 'dbt/models/joined.sql'
const YAML = 'dbt/models/joined.yml'
const MACROS = 'dbt/macros/more.sql'
const PROJECT = 'dbt/dbt_project.yml'
const yaml = (more: string) => `models: [{name: joined, ${more}}]\n`
const project = (more: string) => `${SHOP[PROJECT]}${more}\n`
const profile = (more: string) =>
  SHOP['dbt/profiles.yml']!.replace('settings: {TimeZone: UTC}', more)

/** A change of something that the SQL can see. The first file is in both, unless the change has it. */
const SEEN: readonly Row[] = [
  [
    'meta',
    { [MODEL]: "select {{ config.get('meta').x }}", [YAML]: yaml('config: {meta: {x: 1}}') },
    { [YAML]: yaml('config: {meta: {x: 2}}') },
    ['config meta'],
  ],
  [
    'tags',
    { [MODEL]: "select '{{ model.config.tags }}'", [YAML]: yaml('config: {tags: [x]}') },
    { [YAML]: yaml('config: {tags: [x, y]}') },
    ['config tags'],
  ],
  [
    'a description',
    { [MODEL]: "select '{{ model.description }}'", [YAML]: yaml('description: a') },
    { [YAML]: yaml('description: b') },
    ['model.description'],
  ],
  [
    'columns in a macro',
    {
      [MODEL]: 'select {{ cast_all() }}',
      [MACROS]: '{% macro cast_all() %}{{ model.columns.keys() | join }}{% endmacro %}',
      [YAML]: yaml('columns: [{name: a}]'),
    },
    { [YAML]: yaml('columns: [{name: b}]') },
    ['model.columns'],
  ],
  [
    'the whole model',
    { [MODEL]: "select '{{ model | tojson }}'", [YAML]: yaml('config: {access: protected}') },
    { [YAML]: yaml('config: {access: public}') },
    ['model.access', 'model.config', 'model.unrendered_config'],
  ],
  [
    'an empty value of an own key',
    { [MODEL]: "select {{ config.get('own', 1) }}", [YAML]: yaml('config: {}') },
    { [YAML]: yaml('config: {own: null}') },
    ['config', 'config own was removed'],
  ],
  [
    'a macro in a list',
    {
      [MODEL]: 'select {% set ms = [one] %}{{ ms[0]() }}',
      [MACROS]: '{% macro one() %}1{% endmacro %}',
    },
    { [MACROS]: '{% macro one() %}2{% endmacro %}' },
    ['macro one'],
  ],
  [
    'a macro by a computed name',
    {
      [MODEL]: "select {{ context['on' ~ var('colour')]() if false else 1 }}",
      [MACROS]: '{% macro one() %}1{% endmacro %}',
    },
    { [MACROS]: '{% macro one() %}2{% endmacro %}' },
    ['macro one'],
  ],
  [
    'what a macro by a computed name reads',
    {
      [MODEL]: "select {{ context.get('none_' ~ target.name, 1) }}",
      [MACROS]: "{% macro one() %}{{ config.get('meta') }}{% endmacro %}",
      [YAML]: yaml('config: {meta: {x: 1}}'),
    },
    { [YAML]: yaml('config: {meta: {x: 2}}') },
    ['config meta', 'graph', 'model.config', 'model.meta', 'model.unrendered_config'],
  ],
  [
    'an override of ref',
    { [MODEL]: "select * from {{ ref('countries') }}", [MACROS]: '' },
    {
      [MACROS]: '{% macro ref(n) %}{{ return(builtins.ref(n)) }}{% endmacro %}',
    },
    ['macro ref', 'model', 'references', 'relation of countries', 'this'],
  ],
  [
    'an incremental strategy of the project',
    {
      [MODEL]: "{{ config(materialized='incremental', incremental_strategy='own') }} select 1 as a",
      [MACROS]: '{% macro get_incremental_own_sql(a) %}insert 1{% endmacro %}',
    },
    { [MACROS]: '{% macro get_incremental_own_sql(a) %}insert 2{% endmacro %}' },
    ['macro get_incremental_own_sql'],
  ],
  [
    'a materialization of the project',
    {
      [MODEL]: "{{ config(materialized='own') }} select 1 as a",
      [MACROS]:
        "{% materialization own, default %}{{ config.get('meta') }}{% endmaterialization %}",
    },
    {
      [MACROS]:
        "{% materialization own, default %}{{ config.get('tags') }}{% endmaterialization %}",
    },
    ['config meta was removed', 'config tags', 'macro materialization_own_default'],
  ],
  [
    'the text of a macro, even its white space',
    { [MODEL]: 'select {{ one() }}', [MACROS]: '{% macro one() %}1{% endmacro %}' },
    { [MACROS]: '{% macro one() %}1 {% endmacro %}' },
    ['macro one'],
  ],
  [
    'the order of dispatch',
    {
      [MODEL]: "select {{ adapter.dispatch('cents', 'shop')('a') }}",
      [PROJECT]: project(
        'dispatch: [{macro_namespace: shop, search_order: [shop, dbt]}, {macro_namespace: dbt, search_order: [dbt]}]',
      ),
    },
    {
      [PROJECT]: project(
        'dispatch: [{macro_namespace: shop, search_order: [dbt, shop]}, {macro_namespace: dbt, search_order: [shop, dbt]}]',
      ),
    },
    ['dispatch order of shop'],
  ],
  [
    'the place of the project in the order of dispatch',
    {
      [MODEL]: "select {{ adapter.dispatch('string_literal', 'dbt')('a') }}",
      [PROJECT]: project('dispatch: [{macro_namespace: dbt, search_order: [shop, dbt]}]'),
    },
    {
      [PROJECT]: project('dispatch: [{macro_namespace: dbt, search_order: [shop, dbt]}]').replace(
        /^name: shop$/m,
        'name: store',
      ),
    },
    ['config', 'dispatch order of dbt', 'references'],
  ],
  [
    'a variable that was given null',
    { [MODEL]: "select {{ var('new', 1) }}" },
    { [PROJECT]: SHOP[PROJECT]!.replace('colour: red', 'colour: red, new: null') },
    ['var new'],
  ],
  [
    'a computed variable',
    { [MODEL]: "select '{{ var('col' ~ 'our') }}' {{ var('cut' ~ target.name, 1) }}" },
    { [PROJECT]: SHOP[PROJECT]!.replace('red', 'blue') },
    ['var colour'],
  ],
  [
    'a variable whose value is a template',
    {
      [MODEL]: "select '{{ var('shade') }}'",
      [MACROS]: '{% macro one() %}1{% endmacro %}',
      [PROJECT]: SHOP[PROJECT]!.replace('colour: red', 'colour: red, shade: "{{ one() }}"'),
    },
    { [MACROS]: '{% macro one() %}2{% endmacro %}' },
    ['macro one'],
  ],
  [
    'the schema of the profile',
    { [MODEL]: "select '{{ target.schema }}'" },
    { 'dbt/profiles.yml': profile('settings: {TimeZone: UTC}\n      schema: other') },
    ['target.schema'],
  ],
  [
    'a setting of the profile',
    { [MODEL]: 'select 1' },
    { 'dbt/profiles.yml': profile("settings: {TimeZone: 'Asia/Tokyo'}") },
    ['profile settings'],
  ],
  [
    'its relation as a text',
    { [MODEL]: "select '{{ this }}'", [YAML]: yaml('config: {}') },
    { [YAML]: yaml('config: {alias: other}') },
    ['config', 'this'],
  ],
  [
    'a relation that it hands over',
    { [MODEL]: "select '{{ ref('countries') | string }}'" },
    { 'dbt/seeds/seeds.yml': 'seeds: [{name: countries, config: {alias: other}}]\n' },
    ['relation of countries'],
  ],
  [
    'the table behind a source',
    { [MODEL]: "select * from {{ source('shop', 'orders') }}" },
    {
      'dbt/models/schema.yml': SHOP['dbt/models/schema.yml']!.replace(
        'name: orders',
        'name: orders, identifier: other',
      ),
    },
    ['references'],
  ],
  [
    'sources that trade their tables',
    {
      [MODEL]:
        "select (select n from {{ source('x', 'p') }}) - (select n from {{ source('x', 'q') }})",
      'dbt/models/x.yml':
        'sources: [{name: x, schema: raw, tables: [{name: p, identifier: p}, {name: q, identifier: q}]}]',
    },
    {
      'dbt/models/x.yml':
        'sources: [{name: x, schema: raw, tables: [{name: p, identifier: q}, {name: q, identifier: p}]}]',
    },
    ['references'],
  ],
  [
    'the version behind a name, beside all versions',
    {
      [MODEL]: "select * from {{ ref('m') }}, {{ ref('m', v=1) }}, {{ ref('m', v=2) }}",
      'dbt/models/m_v1.sql': 'select 1 as a',
      'dbt/models/m_v2.sql': 'select 2 as a',
      'dbt/models/m.yml': 'models: [{name: m, latest_version: 1, versions: [{v: 1}, {v: 2}]}]',
    },
    { 'dbt/models/m.yml': 'models: [{name: m, latest_version: 2, versions: [{v: 1}, {v: 2}]}]' },
    ['references', 'relation of m'],
  ],
  [
    'the version behind a name',
    {
      [MODEL]: "select * from {{ ref('m') }}",
      'dbt/models/m_v1.sql': 'select 1 as a',
      'dbt/models/m_v2.sql': 'select 2 as a',
      'dbt/models/m.yml': 'models: [{name: m, latest_version: 1, versions: [{v: 1}, {v: 2}]}]',
    },
    { 'dbt/models/m.yml': 'models: [{name: m, latest_version: 2, versions: [{v: 1}, {v: 2}]}]' },
    ['references'],
  ],
  [
    'a constraint of the model in a contract',
    {
      [MODEL]: 'select 1 as a',
      [YAML]: yaml(
        "config: {contract: {enforced: true}}, columns: [{name: a, data_type: int}], constraints: [{type: check, expression: 'a > 0'}]",
      ),
    },
    {
      [YAML]: yaml(
        "config: {contract: {enforced: true}}, columns: [{name: a, data_type: int}], constraints: [{type: check, expression: 'a > 5'}]",
      ),
    },
    ['contract'],
  ],
  [
    'a flag of the project',
    { [MODEL]: 'select 1' },
    { [PROJECT]: project('flags: {enable_truthy_nulls_equals_macro: true}') },
    ['flags of the project'],
  ],
  [
    'the quotes of relations',
    { [MODEL]: 'select 1' },
    { [PROJECT]: project('quoting: {identifier: false}') },
    ['quoting'],
  ],
  [
    'the graph',
    { [MODEL]: "select '{{ graph.nodes | length }}'" },
    { 'dbt/models/big.sql': `{{ config(tags=['a']) }}${SHOP['dbt/models/big.sql']}` },
    ['graph'],
  ],
  [
    'on-run-start',
    { [MODEL]: 'select 1', [PROJECT]: project('on-run-start: create schema if not exists a') },
    { [PROJECT]: project('on-run-start: create schema if not exists b') },
    ['on-run-start 1 of shop'],
  ],
  [
    'a macro of on-run-start',
    {
      [MODEL]: 'select 1',
      [MACROS]: "{% macro one() %}select {{ var('colour') }}{% endmacro %}",
      [PROJECT]: project("on-run-start: '{{ one() }}'"),
    },
    { [PROJECT]: project("on-run-start: '{{ one() }}'").replace('red', 'blue') },
    ['var colour'],
  ],
  [
    'event_time of an input of a microbatch model',
    {
      [MODEL]: `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at',
        batch_size='day', begin='2020-01-01') }} select now() as at from {{ ref('countries') }}`,
      'dbt/seeds/seeds.yml': 'seeds: [{name: countries, config: {event_time: a}}]\n',
    },
    { 'dbt/seeds/seeds.yml': 'seeds: [{name: countries, config: {event_time: b}}]\n' },
    ['event_time of countries'],
  ],
  [
    'config that a Python model reads',
    {
      'dbt/models/joined.py': `def model(dbt, session):
    return session.sql(f"select {dbt.config.get('meta')} as a")
`,
      [YAML]: yaml('config: {meta: {x: 1}}'),
    },
    { [YAML]: yaml('config: {meta: {x: 2}}') },
    ['config meta'],
  ],
  [
    'a type in a contract',
    {
      [MODEL]: 'select 1 as a',
      [YAML]: yaml('config: {contract: {enforced: true}}, columns: [{name: a, data_type: int}]'),
    },
    {
      [YAML]: yaml('config: {contract: {enforced: true}}, columns: [{name: a, data_type: bigint}]'),
    },
    ['contract'],
  ],
]

/** A change of something that the SQL cannot see. */
const UNSEEN: readonly Row[] = [
  [
    'a description',
    { [MODEL]: 'select 1', [YAML]: yaml('description: a') },
    { [YAML]: yaml('description: b') },
    [],
  ],
  [
    'meta, tags and a column of a model that reads others',
    {
      [MODEL]: "select {{ config.get('materialized') }} {{ model.name }}",
      [YAML]: yaml('config: {meta: {x: 1}}'),
    },
    { [YAML]: yaml('config: {meta: {x: 2}, tags: [x]}, columns: [{name: a}]') },
    [],
  ],
  [
    'tags of an incremental model',
    {
      [MODEL]:
        "{{ config(materialized='incremental') }} select 1 as a {% if is_incremental() %} where false {% endif %}",
    },
    { [YAML]: yaml('config: {tags: [x]}, description: b') },
    [],
  ],
  [
    'the description of a column in a contract',
    {
      [MODEL]: 'select 1 as a',
      [YAML]: yaml('config: {contract: {enforced: true}}, columns: [{name: a, data_type: int}]'),
    },
    {
      [YAML]: yaml(
        'config: {contract: {enforced: true}}, columns: [{name: a, data_type: int, description: b, tags: [c]}]',
      ),
    },
    [],
  ],
  [
    'a macro that nothing names',
    { [MODEL]: 'select {{ one() }}', [MACROS]: '{% macro one() %}1{% endmacro %}' },
    { [MACROS]: '{% macro one() %}1{% endmacro %}\n{% macro two() %}2{% endmacro %}' },
    [],
  ],
  [
    'a Jinja comment in a macro',
    { [MODEL]: 'select {{ one() }}', [MACROS]: '{% macro one() %}1{% endmacro %}' },
    { [MACROS]: '{% macro one( ) %}1{# one #}{% endmacro %}' },
    [],
  ],
  [
    'the relation of an input that it only reads',
    { [MODEL]: "select * from {{ ref('countries') }}" },
    { 'dbt/seeds/seeds.yml': 'seeds: [{name: countries, config: {alias: other}}]\n' },
    [],
  ],
  [
    'the threads and the path in the profile',
    { [MODEL]: 'select 1' },
    {
      'dbt/profiles.yml': SHOP['dbt/profiles.yml']!.replace('threads: 4', 'threads: 2').replace(
        'elsewhere',
        'there',
      ),
    },
    [],
  ],
]

describe('the code version changes with', () => {
  test.each(played(SEEN))('%s', async (_, before, after, parts) => {
    expect(await changedParts(before, after)).toEqual(parts)
  })

  const ENV: readonly (readonly [string, string, string])[] = [
    [
      'a variable of the environment that is read while dbt executes',
      "{% if execute %}{{ env_var('SHADE', 'x') }}{% endif %}",
      'SHADE',
    ],
    ['one in a branch of a macro', '{{ shade() }}', 'SHADE'],
    ['one that is called a token', "{{ env_var('SHADE_TOKEN', 'x') }}", 'SHADE_TOKEN'],
    ['one whose name is computed', "{{ env_var('SHADE_' ~ target.name, 'x') }}", 'SHADE_local'],
    [
      'one whose name is in a list',
      "{% for n in ['SHADE'] %}{{ env_var(n, 'x') }}{% endfor %}",
      'SHADE',
    ],
    [
      'one whose name is composed in other letters',
      "{% if execute %}{{ env_var(('sha' ~ target.name)|upper, 'x') }}{% endif %}",
      'SHALOCAL',
    ],
    [
      'one whose name is that of the model',
      "{% if execute %}{{ env_var(model.name, 'x') }}{% endif %}",
      'joined',
    ],
    ['one with a value that is empty', "{{ env_var('EMPTY', 'x') }}", 'EMPTY'],
  ]
  test.each(played(ENV))('%s', async (_, text, name) => {
    shop.write(MODEL, `select '${text}'`)
    shop.write(
      MACROS,
      "{% macro shade() %}{% if execute %}{{ env_var('SHADE', 'x') }}{% endif %}{% endmacro %}",
    )
    const bare = await shop.command().define()
    const set = await shop
      .command(SHOP_ASSETS, { env: { [name]: name === 'EMPTY' ? '' : 'dark' } })
      .define()
    expect(set.needed).toBe('parse')
    expect(differences(bare, set)).toContain(`env ${name}`)
    expect(JSON.stringify([...set.definitions])).not.toContain('dark')
  })
})

describe('the code version does not change with', () => {
  test.each(played(UNSEEN))('%s', async (_, before, after) => {
    expect(await changedParts(before, after)).toEqual([])
  })
})

test('a part that counts because something could not be traced says because of what', async () => {
  shop.write(MODEL, '\n\nselect 1,\n  {{ context[target.name]() if false }}')
  shop.write(MACROS, '{% macro one() %}1{% endmacro %}')
  const parts = partsOf(await command.define())
  expect(parts.find(({ label }) => label === 'macro one')).toMatchObject({
    file: MACROS,
    because: `context[…] at ${MODEL}:4`,
  })
})

test('a model that works its SQL out from data says so', async () => {
  const data = async (text: string) => {
    shop.write(MODEL, text)
    return (await command.define()).definitions.get('joined')!.isRenderedFromData ?? false
  }
  shop.write(MACROS, "{% macro pivot() %}{{ run_query('select 1') }}{% endmacro %}")
  expect(await data('select 1')).toBe(false)
  expect(await data('select 1 {% if execute %}{{ pivot() }}{% endif %}')).toBe(true)
  expect(
    await data("{% call statement('x', fetch_result=true) %}select 1{% endcall %}select 1"),
  ).toBe(true)
  expect(await data('select 1 {% if is_incremental() %}where false{% endif %}')).toBe(false)
})

/** Labels of the parts of `joined` that differ after a change of files. */
async function changedParts(before: Files, after: Files): Promise<readonly string[]> {
  if ('dbt/models/joined.py' in before) shop.remove(MODEL)
  for (const [file, text] of Object.entries(before)) shop.write(file, text)
  const first = await command.define()
  for (const [file, text] of Object.entries(after)) shop.write(file, text)
  const second = await command.define()
  expect(
    [...first.problems, ...second.problems].filter(({ code }) => code === 'dbt-project'),
  ).toEqual([])
  return differences(first, second)
}

function differences(first: Defined, second: Defined): readonly string[] {
  const [before, after] = [partsOf(first), partsOf(second)].map(
    (parts) => new Map(parts.map(({ label, version }) => [label, version])),
  )
  const changed = [...after!.keys()].filter((label) => before!.get(label) !== after!.get(label))
  const removed = [...before!.keys()].filter((label) => !after!.has(label))
  return [...changed, ...removed.map((label) => `${label} was removed`)].sort()
}

function partsOf({ definitions }: Defined): readonly CodePart[] {
  return definitions.get('joined')!.parts
}
