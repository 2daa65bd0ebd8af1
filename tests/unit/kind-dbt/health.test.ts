import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { examine } from '../../../framework/kinds/dbt/health.ts'
import type { DbtSettings } from '../../../framework/model/project.ts'
import { siteOf } from '../../contract/suites/site.ts'
import { dbtSettings } from '../../rig/dbt-settings.ts'
import { collectFacts } from '../../rig/health.ts'
import { DBT, pythonFolder, writeProgram } from '../../rig/python-folder.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-health-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(file: string, text: string): void {
  const path = join(root, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

const LOCKED = `agate==1.9.1 \\
    --hash=sha256:00
dbt-adapters==1.24.5 \\
dbt-core==1.11.16 \\
    --hash=sha256:00
dbt-duckdb==1.11.1 ; python_version > "3"
duckdb==1.5.6
`

const environment = (...packages: readonly string[]) => pythonFolder(join(root, 'env'), packages)

const examined = async (
  env: Readonly<Record<string, string>>,
  dbt: Partial<DbtSettings> = { requirements: 'dbt/requirements.txt' },
) => {
  const site = siteOf({ root, env })
  const project = { ...site.project, dbt: dbtSettings('dbt', dbt) }
  const facts = await collectFacts(examine({ ...site, project }, new AbortController().signal))
  return facts.map(({ state, subject, message }) => `${state} ${subject}: ${message}`)
}

const PATH = '/usr/bin:/bin'

test('installed packages equal the locked ones', async () => {
  write('dbt/requirements.txt', LOCKED)
  const env = environment(...DBT, 'agate-1.0')
  expect(await examined({ PATH, ASSETS_PYTHON_ENV: env })).toEqual([
    `ok python: Python 3.11.7, ${env}/bin/python`,
    'ok environment: env, dbt-core 1.11.16, dbt-duckdb 1.11.1, set by ASSETS_PYTHON_ENV',
    'ok packages: dbt-core 1.11.16, dbt-duckdb 1.11.1, duckdb 1.5.6',
  ])
})

test('missing packages and other versions', async () => {
  write('dbt/requirements.txt', LOCKED)
  const env = environment('dbt_core-1.10.0', 'dbt_duckdb-1.11.1')
  expect(await examined({ PATH, ASSETS_PYTHON_ENV: env })).toContain(
    'bad packages: dbt-core is 1.10.0, locked is 1.11.16; duckdb is missing, locked is 1.5.6',
  )
})

test('the environment of the project, why it is used, and what was skipped', async () => {
  const other = pythonFolder(join(root, 'other'), ['dbt_core-1.9.0', 'dbt_postgres-1.9.0'])
  pythonFolder(join(root, 'dbt/.venv'))
  expect(await examined({ PATH, VIRTUAL_ENV: other }, {})).toEqual([
    `ok python: Python 3.11.7, ${root}/dbt/.venv/bin/python`,
    `ok environment: dbt/.venv, dbt-core 1.11.16, dbt-duckdb 1.11.1, found in the project; skipped ${other} (in use: VIRTUAL_ENV) lacks dbt-duckdb`,
  ])
})

test('an environment without Python, or with another dbt-core', async () => {
  expect(await examined({ PATH, ASSETS_PYTHON_ENV: join(root, 'none') })).toEqual([
    `bad environment: ASSETS_PYTHON_ENV is ${root}/none, which has no bin/python`,
  ])
  pythonFolder(join(root, '.venv'), ['dbt_core-1.6.0', 'dbt_duckdb-1.6.0'])
  expect((await examined({ PATH }, {}))[0]).toMatch(
    /^bad environment: dbt-core 1\.6\.0 in .* \(found in the project\) is too old: assets runs dbt-core 1\.8 to /,
  )
})

test('a Python that does not run', async () => {
  const env = environment(...DBT)
  writeProgram(join(env, 'bin/python'), '#!/nowhere\n')
  expect((await examined({ PATH, ASSETS_PYTHON_ENV: env }))[0]).toMatch(/^bad python: /)
})

test('no environment yet: names the Python to use, and creates nothing', async () => {
  writeProgram(
    join(root, 'bin/python3'),
    `#!/bin/sh\ncase "$1" in --version) echo Python 3.12.1;; *) echo 3 12 ${root}/bin/python3;; esac\n`,
  )
  const fact =
    'ok environment: not created yet: the first build creates it, which takes up to a minute; it is made by assets from its own list of versions'
  expect(await examined({ PATH: join(root, 'bin') }, {})).toEqual([
    `ok python: Python 3.12.1, ${root}/bin/python3`,
    fact,
  ])
  expect(await examined({ PATH: join(root, 'nothing') }, {})).toEqual([
    expect.stringMatching(/^bad python: dbt needs Python 3\.10 or newer, but none is on PATH/),
    fact,
  ])
})

test('no requirements file', async () => {
  expect(await examined({ PATH })).toEqual([
    expect.stringMatching(/^bad environment: .*requirements/),
  ])
})
