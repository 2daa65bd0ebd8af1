import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DbtProject } from '../rig/dbt-project.ts'
import { sharedPython } from '../rig/python.ts'

// dbt's own statement for a function is no SQL of DuckDB, so the project overrides the macro that makes it.

let python: string
let project: DbtProject
beforeAll(async () => {
  python = await sharedPython()
})
afterEach(() => project.remove())

const OVERRIDE = `{% macro duckdb__scalar_function_sql(target_relation) %}
create or replace macro {{ target_relation.render() }}
  ({% for each in model.arguments %}{{ each.name }}{{ ', ' if not loop.last }}{% endfor %})
  as ({{ model.compiled_code }})
{% endmacro %}
`
const signatures = (argument: string) => `functions:
  - name: twice
    description: Twice as much.
    arguments: [{name: ${argument}, data_type: integer}]
    returns: {data_type: integer}
  - name: four_times
    arguments: [{name: x, data_type: integer}]
    returns: {data_type: integer}
`
const FILES = {
  'dbt/macros/functions.sql': OVERRIDE,
  'dbt/functions/functions.yml': signatures('x'),
  'dbt/functions/twice.sql': 'x * 2',
  'dbt/functions/four_times.sql': "{{ function('twice') }}({{ function('twice') }}(x))",
  'dbt/models/number.sql': "select {{ function('four_times') }}(10) as n",
  'dbt/models/shown.sql':
    "{{ config(materialized='view') }} select {{ function('twice') }}(10) as n",
  'dbt/models/copied.sql': "select * from {{ ref('shown') }}",
  'dbt/models/above.sql': `{{ config(materialized='table_function', parameters=['least']) }}
select * from {{ ref('number') }} where n > least`,
  'dbt/models/some.sql': "select * from {{ ref('above') }}(1)",
}
const MODELS = [
  'number: {kind: dbt, deps: [four_times]}',
  'shown: {kind: dbt, deps: [twice]}',
  'copied: {kind: dbt, deps: [shown]}',
  'above: {kind: dbt, deps: [number]}',
  'some: {kind: dbt, deps: [above]}',
]
const ASSETS = ['twice: {kind: dbt}', 'four_times: {kind: dbt, deps: [twice]}', ...MODELS]
const FRESH = {
  twice: 'fresh',
  four_times: 'fresh',
  number: 'fresh',
  shown: 'fresh',
  copied: 'fresh',
  above: 'fresh',
  some: 'fresh',
}
const numbers = () =>
  project.sql('select a.n::int, b.n::int, c.n::int from main.number a, main.copied b, main.some c')

describe('a function of dbt', () => {
  test('is built before its callers, is part of their code, and its drift is seen', async () => {
    project = new DbtProject(python, ASSETS, FILES)
    expect(await project.show('materialize')).toContain('7 built')
    expect(await project.verdicts()).toEqual(FRESH)
    expect(await project.verdicts('--offline')).toEqual(FRESH)
    expect(await numbers()).toEqual([[40, 20, 40]])

    project.write('dbt/functions/twice.sql', 'x * 3')
    const edited = await project.show('materialize')
    expect(await numbers()).toEqual([[90, 30, 90]])
    expect(edited).toContain('6 built · 1 already fresh')
    expect(await project.show('why number')).toContain('function four_times')

    await project.sql('drop macro main.twice')
    expect(await project.verdicts()).toMatchObject({ twice: 'stale missing', number: 'pending' })
    await project.show('materialize twice')
    expect(await project.verdicts()).toEqual(FRESH)
    await project.sql('create or replace macro main.twice(x) as x * 7')
    expect(await project.verdicts()).toMatchObject({ twice: 'stale drifted', copied: 'pending' })
    await project.show('materialize')
    expect(await project.verdicts()).toEqual(FRESH)
    expect(await numbers()).toEqual([[90, 30, 90]])
  })

  test('has changed with its arguments or the macro that makes it, not with its description', async () => {
    project = new DbtProject(python, ASSETS, FILES)
    await project.show('materialize')
    const edited = (file: keyof typeof FILES, text: string) => {
      project.write(file, text)
      return project.verdicts()
    }
    const stale = {
      twice: 'stale code',
      four_times: 'stale code',
      number: 'stale code',
      shown: 'stale code',
    }
    const described = signatures('x').replace('much', 'of it')
    expect(await edited('dbt/functions/functions.yml', described)).toEqual(FRESH)
    expect(await edited('dbt/functions/functions.yml', signatures('y'))).toMatchObject(stale)
    expect(await edited('dbt/functions/functions.yml', described)).toEqual(FRESH)
    const macro = OVERRIDE.replace('as (', 'as (1 * ')
    expect(await edited('dbt/macros/functions.sql', macro)).toMatchObject(stale)
  })

  test('is selected by its resource type, and verify says why it leaves it out', async () => {
    project = new DbtProject(python, ASSETS, FILES)
    await project.show('materialize')
    expect(await project.show('list resource_type:function')).toBe(
      '$ assets list resource_type:function\ntwice\nfour_times',
    )
    const verified = await project.show('verify')
    expect(verified).toContain('4 sound · 3 left out')
    expect(verified).toContain('a function: it holds no rows (3)')
  })

  test('that is no asset, and a policy that asks for its rows, are problems', async () => {
    project = new DbtProject(python, ['shown: {kind: dbt}'], FILES)
    const undeclared = await project.show('check')
    expect(undeclared).toContain('dbt function twice is called by shown but is not an asset')
    expect(undeclared).toContain('declare twice under assets: with kind: dbt')
    project.declare(['twice: {kind: dbt, data_version: content}'])
    expect(await project.show('check')).toContain(
      'twice: data_version: content needs rows, and a function holds none',
    )
  })

  test('fails with the error of the warehouse where dbt makes no statement that it knows', async () => {
    const { 'dbt/macros/functions.sql': _, ...plain } = FILES
    project = new DbtProject(
      python,
      ['twice: {kind: dbt}', 'shown: {kind: dbt, deps: [twice]}'],
      plain,
    )
    const shown = await project.show('materialize')
    expect(shown).toContain('1 failed · 1 blocked')
    expect(shown).toContain('syntax error at or near "RETURNS"')
  })
})
