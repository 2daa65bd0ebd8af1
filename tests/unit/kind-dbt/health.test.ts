import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { examine } from '../../../framework/kinds/dbt/health.ts'
import { siteOf } from '../../contract/suites/site.ts'
import { collectFacts } from '../../rig/health.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-health-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(file: string, text: string, mode = 0o644): void {
  const path = join(root, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
}

const LOCKED = `agate==1.9.1 \\
    --hash=sha256:00
dbt-adapters==1.24.5 \\
dbt-core==1.11.16 \\
    --hash=sha256:00
dbt-duckdb==1.11.1 ; python_version > "3"
duckdb==1.5.6
`

/** A folder that looks like a Python environment. */
function environment(...packages: readonly string[]): string {
  write('env/bin/python', '#!/bin/sh\necho Python 3.11.7\n', 0o755)
  for (const name of packages) {
    write(`env/lib/python3.11/site-packages/${name}.dist-info/METADATA`, '')
  }
  return join(root, 'env')
}

const examined = async (env: Readonly<Record<string, string>>) => {
  const site = siteOf({ root, env })
  const project = { ...site.project, dbt: { projectDir: 'dbt', target: null, profile: null } }
  const facts = await collectFacts(examine({ ...site, project }, new AbortController().signal))
  return facts.map(({ state, subject, message }) => `${state} ${subject}: ${message}`)
}

const PATH = '/usr/bin:/bin'

test('installed packages equal the locked ones', async () => {
  write('dbt/requirements.txt', LOCKED)
  const env = environment('dbt_core-1.11.16', 'dbt_duckdb-1.11.1', 'duckdb-1.5.6', 'agate-1.0')
  expect(await examined({ PATH, ASSETS_PYTHON_ENV: env })).toEqual([
    `ok python: Python 3.11.7, ${env}/bin/python`,
    `ok environment: ${env}, set by ASSETS_PYTHON_ENV`,
    'ok packages: dbt-core 1.11.16, dbt-duckdb 1.11.1, duckdb 1.5.6',
  ])
})

test('missing packages and other versions', async () => {
  write('dbt/requirements.txt', LOCKED)
  const env = environment('dbt_core-1.10.0', 'duckdb-1.5.6')
  expect(await examined({ PATH, ASSETS_PYTHON_ENV: env })).toContain(
    'bad packages: dbt-core is 1.10.0, locked is 1.11.16; dbt-duckdb is missing, locked is 1.11.1',
  )
})

test('an environment without Python', async () => {
  write('dbt/requirements.txt', LOCKED)
  expect((await examined({ PATH, ASSETS_PYTHON_ENV: join(root, 'none') }))[0]).toMatch(
    /^bad python: /,
  )
})

test('no environment yet: names the Python to use, and creates nothing', async () => {
  write('dbt/requirements.txt', LOCKED)
  write(
    'bin/python3',
    `#!/bin/sh\ncase "$1" in --version) echo Python 3.12.1;; *) echo 3 12 ${root}/bin/python3;; esac\n`,
    0o755,
  )
  expect(await examined({ PATH: join(root, 'bin') })).toEqual([
    `ok python: Python 3.12.1, ${root}/bin/python3`,
    'ok environment: not created yet: the first build creates it, which takes up to a minute',
  ])
  expect(await examined({ PATH: join(root, 'nothing') })).toEqual([
    expect.stringMatching(/^bad python: dbt needs Python 3\.10 or newer, but none is on PATH/),
    'ok environment: not created yet: the first build creates it, which takes up to a minute',
  ])
})

test('no requirements file', async () => {
  expect(await examined({ PATH })).toEqual([
    expect.stringMatching(/^bad environment: .*requirements/),
  ])
})
