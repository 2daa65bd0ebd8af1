import { existsSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Worker } from '../../framework/kinds/dbt/worker/worker.ts'
import type { Defined } from '../../framework/ports/kind.ts'
import { inOneShop } from '../rig/one-shop.ts'
import { type Command, SHOP, SHOP_ASSETS, type Shop } from '../rig/shop.ts'

let shop: Shop
let command: Command
inOneShop((...opened) => {
  ;[shop, command] = opened
})

describe('definitions', () => {
  test('have the form of each model and its checks', async () => {
    const { definitions, checks, problems, needed } = await command.define()
    expect([needed, problems]).toEqual(['parse', []])
    const described = [...definitions.values()].map(
      ({ asset, form, accumulates, relation, onDrift, dataVersion }) =>
        [asset, form, accumulates, relation, onDrift, dataVersion].join(' '),
    )
    expect(described).toEqual([
      'stg_orders view no main.stg_orders rebuild content',
      'big ephemeral no  rebuild derived',
      'by_customer stored no main.by_customer rebuild content',
      'journal stored incremental main.journal rebuild content',
      'joined stored no main.joined rebuild content',
      'countries stored no main.countries rebuild content',
      'history stored snapshot main.history adopt content',
    ])
    expect(labels(definitions, 'stg_orders')).toEqual([
      'model',
      'config',
      'references',
      'quoting',
      'macro cents',
      'macro default__cents',
      'macro snowflake__cents',
      'profile settings',
    ])
    expect(labels(definitions, 'big')).toEqual([
      'model',
      'config',
      'references',
      'var cutoff',
      'profile settings',
    ])
    expect(definitions.get('stg_orders')!.parts[4]!.file).toBe('dbt/macros/cents.sql')
    const found = checks.map(({ name, reads, severity, codeOnly }) =>
      [name, reads.toSorted().join('+'), severity, codeOnly ? 'code' : 'data'].join(' '),
    )
    expect(found.toSorted()).toEqual([
      'not_null_by_customer_customer by_customer error data',
      'not_null_stg_orders_id stg_orders error data',
      'positive journal error data',
      'relationships_by_customer_customer__customer__ref_countries_ by_customer+countries warn data',
      'sums by_customer error code',
      'unique_stg_orders_id stg_orders error data',
    ])
  })

  test('come from the cache without Python if nothing changed', async () => {
    const first = await command.define()
    const again = await shop.command().define()
    expect(again.needed).toBe('nothing')
    expect(again.definitions).toEqual(first.definitions)
    expect(again.checks).toEqual(first.checks)

    const longAgo = new Date('2020-01-01')
    utimesSync(join(shop.root, 'dbt/models/big.sql'), longAgo, longAgo)
    expect((await shop.command().define()).needed).toBe('nothing')
    shop.write('dbt/models/big.sql', `${SHOP['dbt/models/big.sql']} `)
    expect((await command.define()).needed).toBe('parse')
    expect((await shop.command().define()).needed).toBe('nothing')
  })

  test('document columns in YAML: of a model, and of a table that a source names', async () => {
    const yaml = SHOP['dbt/models/schema.yml']!.replace(
      '{name: orders}',
      '{name: orders, columns: [{name: ID, description: " Key. "}]}',
    ).replace('{name: id, data_tests', '{name: id, data_type: integer, data_tests')
    shop.write('dbt/models/schema.yml', yaml)
    const columnsOf = async (by: Command) => {
      const { definitions } = await by.define()
      const raw = { ...definitions.get('journal')!, asset: 'raw_orders', kind: 'external' }
      return [
        definitions.get('stg_orders')!,
        definitions.get('big')!,
        { ...raw, relation: 'raw.orders' },
      ].map((definition) => by.kind.columns?.documented?.(definition, by.site))
    }
    const documented = [
      [{ name: 'id', type: 'integer', description: '' }],
      [],
      [{ name: 'ID', type: null, description: 'Key.' }],
    ]
    expect(await columnsOf(command)).toEqual(documented)
    const again = shop.command()
    expect(await columnsOf(again)).toEqual(documented)
  })

  test('of files dated in the future are parsed twice, and proved by their contents', async () => {
    // The clock was set back by a day.
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 86_400_000)
    const parse = vi.spyOn(Worker.prototype, 'facts')
    onTestFinished(() => void vi.restoreAllMocks())
    expect((await command.define()).needed).toBe('parse')
    expect(parse).toHaveBeenCalledTimes(2)
    expect((await shop.command().define()).needed).toBe('nothing')
  })

  test('wait for an environment that does not exist yet', async () => {
    const env = { ASSETS_PYTHON_ENV: '', PATH: '' }
    const { kind, assets, site } = shop.command(SHOP_ASSETS, { env })
    const first = await kind.define(assets, site)
    expect([first.later?.needs, first.definitions.size, first.problems]).toEqual([
      'environment',
      0,
      [],
    ])
    expect(existsSync(join(shop.root, '.assets/python'))).toBe(false)
  })
})

/** Each row is one edit and the assets whose code versions it changes: no more and no fewer. */
describe('an edit', () => {
  const EDITS: readonly (readonly [string, (shop: Shop) => void, readonly string[]])[] = [
    [
      'of comments and white space',
      (s) => {
        s.write('dbt/models/by_customer.sql', `-- who\n\n${SHOP['dbt/models/by_customer.sql']}`)
        s.write('dbt/macros/cents.sql', `{# why #}\n${SHOP['dbt/macros/cents.sql']}`)
      },
      [],
    ],
    [
      'of a description, tags and meta',
      (s) => {
        s.write(
          'dbt/models/schema.yml',
          SHOP['dbt/models/schema.yml']!.replace(
            '- name: by_customer\n    columns',
            '- name: by_customer\n    description: who\n    config: {tags: [a], meta: {b: c}}\n    columns',
          ),
        )
        s.write(
          'dbt/models/stg_orders.sql',
          SHOP['dbt/models/stg_orders.sql']!.replace("'view'", "'view', tags=['x']"),
        )
      },
      [],
    ],
    [
      'of a model',
      (s) =>
        s.write(
          'dbt/models/joined.sql',
          'select 1 as one from {{ ref("by_customer") }}, {{ ref("countries") }}',
        ),
      ['joined'],
    ],
    [
      'of a macro that dispatch chooses here',
      (s) =>
        s.write(
          'dbt/macros/cents.sql',
          SHOP['dbt/macros/cents.sql']!.replace('cast(', 'try_cast('),
        ),
      ['stg_orders'],
    ],
    [
      'of a macro that dispatch would choose elsewhere',
      (s) =>
        s.write(
          'dbt/macros/cents.sql',
          SHOP['dbt/macros/cents.sql']!.replace('::number', '::decimal'),
        ),
      ['stg_orders'],
    ],
    [
      'of a variable',
      (s) =>
        s.write(
          'dbt/dbt_project.yml',
          SHOP['dbt/dbt_project.yml']!.replace('cutoff: 3', 'cutoff: 4'),
        ),
      ['big'],
    ],
    [
      'of a variable without users',
      (s) => s.write('dbt/dbt_project.yml', SHOP['dbt/dbt_project.yml']!.replace('red', 'blue')),
      [],
    ],
    [
      'of a materialization',
      (s) =>
        s.write(
          'dbt/models/stg_orders.sql',
          SHOP['dbt/models/stg_orders.sql']!.replace("'view'", "'table'"),
        ),
      ['stg_orders'],
    ],
    [
      'of a seed',
      (s) => s.write('dbt/seeds/countries.csv', 'customer,country\na,AT\nb,FR\n'),
      ['countries'],
    ],
    [
      'of a snapshot',
      (s) =>
        s.write(
          'dbt/snapshots/history.yml',
          SHOP['dbt/snapshots/history.yml']!.replace('all', '[amount]'),
        ),
      ['history'],
    ],
    [
      'of a test',
      (s) =>
        s.write('dbt/tests/positive.sql', "select * from {{ ref('journal') }} where amount < 1"),
      ['positive'],
    ],
    [
      'of a severity',
      (s) =>
        s.write('dbt/models/schema.yml', SHOP['dbt/models/schema.yml']!.replace('warn', 'error')),
      ['relationships_by_customer_customer__customer__ref_countries_'],
    ],
    [
      'that overrides a macro of dbt',
      (s) =>
        s.write(
          'dbt/macros/override.sql',
          '{% macro duckdb__create_table_as(temporary, relation, sql, language="sql") %}create table {{ relation }} as {{ sql }}{% endmacro %}',
        ),
      ['by_customer', 'history', 'joined', 'journal', 'sums'],
    ],
  ]

  test('changes only the code versions that it affects', async () => {
    const before = versions(await command.define())
    for (const [what, edit, touched] of EDITS) {
      edit(shop)
      const after = versions(await command.define())
      const changed = Object.keys(before).filter((name) => after[name] !== before[name])
      expect([what, changed.toSorted()]).toEqual([what, touched.toSorted()])
      shop.reset()
    }
  })

  test('of an environment variable changes the assets that name it', async () => {
    shop.write(
      'dbt/models/joined.sql',
      `${SHOP['dbt/models/joined.sql']} -- {{ env_var('SHADE', 'none') }}`,
    )
    const bare = await command.define()
    const shaded = await shop.command(SHOP_ASSETS, { env: { SHADE: 'dark' } }).define()
    expect(shaded.needed).toBe('parse')
    const [before, after] = [versions(bare), versions(shaded)]
    expect(Object.keys(before).filter((name) => after[name] !== before[name])).toEqual(['joined'])
    expect(labels(bare.definitions, 'joined')).toContain('env SHADE')
  })

  test('that dbt can not parse is a problem located in its file', async () => {
    shop.write('dbt/models/joined.sql', "select 1\nfrom {{ ref('by_customer' }}\n")
    const { problems, definitions } = await command.define()
    expect(definitions.size).toBe(0)
    expect(problems).toMatchObject([
      { code: 'dbt-project', at: { file: 'dbt/models/joined.sql', line: 2 } },
    ])
    shop.write('dbt/models/joined.sql', "select * from {{ ref('by_custommer') }}")
    expect((await command.define()).problems).toMatchObject([
      { code: 'dbt-project', at: { file: 'dbt/models/joined.sql' } },
    ])
  })
})

function labels(definitions: Defined['definitions'], name: string): readonly string[] {
  return definitions.get(name)!.parts.map(({ label }) => label)
}

function versions({ definitions, checks }: Defined): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...[...definitions].map(([name, { codeVersion }]) => [name, codeVersion]),
    ...checks.map(({ name, codeVersion }) => [name, codeVersion]),
  ])
}
