import { afterEach, expect, test } from 'vitest'
import { DbtProject } from '../rig/dbt-project.ts'
import { sharedPython } from '../rig/python.ts'

const OPEN = `version: 1
project: shop
dbt: {project_dir: dbt}
targets: {local: {warehouse: {type: duckdb, path: .assets/shop.duckdb}}}
`
const MODELS = {
  'assets.yaml': OPEN,
  'dbt/models/a.sql': 'select 1 as n\n',
  'dbt/models/b.sql': 'select 2 as n\n',
  'dbt/models/c.sql': "select * from {{ ref('a') }}\n",
}
const HOOK = `name: shop
version: 1.0.0
config-version: 2
profile: shop
models: {+materialized: table}
on-run-start: ["{% if execute %}{{ exceptions.raise_compiler_error('closed today') }}{% endif %}"]
`

let project: DbtProject
afterEach(() => project.remove())

const times = (text: string, part: string) => text.split(part).length - 1

test('a call that fails as a whole says so once, in the log, in JSON and in the history', async () => {
  project = new DbtProject(await sharedPython(), [], { ...MODELS, 'dbt/dbt_project.yml': HOOK })
  const shown = await project.show('materialize')
  expect(shown).toMatch(
    /failed +3 steps .*\n +a {2}c {2}b\n .*error {2}dbt can't use the project in dbt: closed today\n/,
  )
  expect(times(shown, 'closed today\n')).toBe(2)
  expect(times(shown, 'hint: correct what dbt')).toBe(1)
  expect(shown).toContain('3 failed')

  const history = await project.show('runs 1')
  expect(times(history, 'hint: correct what dbt')).toBe(1)
  expect(history.match(/^ {2}failed/gm)).toHaveLength(3)
  for (const name of ['a', 'b', 'c']) expect(await project.show(`why ${name}`)).toContain(name)

  const events = (await project.show('materialize --json')).split('\n').flatMap((line) => {
    const event = line.startsWith('{') ? JSON.parse(line) : {}
    return event.event === 'step_finished' ? [event] : []
  })
  expect(events.map(({ asset, outcome }) => `${asset} ${outcome}`)).toEqual([
    'a failed',
    'c failed',
    'b failed',
  ])
  expect(events.map(({ failed_together }) => failed_together)).toEqual([
    ['a', 'c', 'b'],
    undefined,
    undefined,
  ])
  expect(events.map(({ problem }) => problem.detail === undefined)).toEqual([false, true, true])
  expect(new Set(events.map(({ problem }) => problem.message)).size).toBe(1)
})
