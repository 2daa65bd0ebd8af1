import { afterAll, expect, test } from 'vitest'
import { DbtProject } from '../rig/dbt-project.ts'
import { sharedPython } from '../rig/python.ts'

const python = await sharedPython()
const MODEL = { 'dbt/models/a.sql': 'select 1 as n\n' }
/** dbt is read to find the assets, or to define those that YAML declares. */
const projects = {
  found: new DbtProject(python, [], {
    'assets.yaml': `version: 1
project: shop
dbt: {project_dir: dbt}
targets: {local: {warehouse: {type: duckdb, path: .assets/shop.duckdb}}}
`,
    ...MODEL,
  }),
  declared: new DbtProject(python, ['a: {kind: dbt}'], MODEL),
}
afterAll(() => {
  for (const project of Object.values(projects)) project.remove()
})

const NOTICE = 'dbt: reading the project …'

test.each([
  ['status', 'found'],
  ['list', 'declared'],
] as const)('a slow parse is said by %s of %s assets, and only then', async (verb, of) => {
  const project = projects[of]
  project.write('dbt/models/a.sql', `select 1 as ${verb}_column\n`)
  project.slowAfter = 1
  const slow = await project.show(verb)
  expect(slow.split(NOTICE)).toHaveLength(2)
  // dbt's project is not parsed again.
  expect(await project.show(verb)).not.toContain('dbt:')
  project.write('dbt/models/a.sql', `select 2 as ${verb}_column\n`)
  project.slowAfter = 2 ** 31 - 1
  expect(await project.show(verb)).not.toContain('dbt:')
})

test('with --json it is not on stdout', async () => {
  const project = projects.found
  project.write('dbt/models/a.sql', 'select 3 as n\n')
  project.slowAfter = 1
  expect(await project.json('list --json')).toMatchObject({ schema: 'assets/list/1' })
})
