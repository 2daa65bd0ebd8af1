import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { DbtProject } from '../rig/dbt-project.ts'
import { sharedPython } from '../rig/python.ts'
import { pythonFolder } from '../rig/python-folder.ts'

// Projects that have a Python with dbt, and name none.

let server: ForkServer
let project: DbtProject
beforeAll(async () => {
  server = await startForkServer(await sharedPython())
})
afterEach(() => project.remove())
afterAll(() => server.stop())

function open(files: Readonly<Record<string, string>> = {}): void {
  const model = "{{ config(materialized='table') }} select 1 as id"
  project = new DbtProject('', ['a: {kind: dbt}'], { 'dbt/models/a.sql': model, ...files })
}

test('the environment of a project builds it, whatever its requirements.txt says', async () => {
  open({ 'dbt/requirements.txt': 'dbt-core==1.5.0\n', 'requirements.txt': 'dbt-core==1.5.0\n' })
  symlinkSync(server.environment, project.path('dbt/.venv'))
  expect(await project.show('materialize')).toContain('1 built')
  expect(await project.verdicts()).toEqual({ a: 'fresh' })
  project.speedup = 1
  expect(await project.show('doctor')).toMatch(
    /environment +dbt\/\.venv, dbt-core 1\.\S+, dbt-duckdb 1\.\S+, found in the project\n/,
  )

  // Another interpreter with the same packages gives the same definitions.
  rmSync(project.path('dbt/.venv'))
  mkdirSync(project.path('venv'))
  symlinkSync(`${server.environment}/bin`, project.path('venv/bin'))
  symlinkSync(`${server.environment}/lib`, project.path('venv/lib'))
  expect(await project.verdicts()).toEqual({ a: 'fresh' })
  expect(await project.show('materialize')).toContain('nothing to do')
})

test('an environment with a dbt-core that is too old is refused by its version, not replaced', async () => {
  open()
  pythonFolder(project.path('.venv'), ['dbt_core-1.7.20', 'dbt_duckdb-1.7.5'])
  const shown = await project.show('materialize')
  expect(shown).toContain('dbt-core 1.7.20 in <root>/.venv (found in the project) is too old')
  expect(shown).not.toContain('creating')
  expect(shown).toContain('exit 2')
})
