import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createEnvironment,
  type EnvironmentSite,
  lockedEnvironment,
} from '../../../framework/python/environment.ts'
import { REPOSITORY } from '../../rig/cli.ts'
import { environmentSite } from '../../rig/python.ts'

// What fails before an environment is created. `tests/contract/kind-dbt-environment.test.ts` creates some.

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-python-'))
  writeFileSync(join(root, 'requirements.txt'), '# nothing\n')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const siteWith = (env: Record<string, string>): EnvironmentSite =>
  environmentSite({ home: join(root, '.assets'), env })

async function problemAt(site: EnvironmentSite) {
  const environment = lockedEnvironment('dbt', join(root, 'requirements.txt'), site.home)
  const created = environment.ok ? await createEnvironment(environment.value, site) : environment
  if (created.ok) throw new Error('the environment was created')
  return created.problems[0]!
}

test('the requirements that come with the tool are those of its own project', () => {
  const shipped = (type: string) =>
    readFileSync(join(REPOSITORY, `framework/kinds/dbt/python/requirements-${type}.txt`), 'utf8')
  const own = (file: string) => readFileSync(join(REPOSITORY, 'dbt', file), 'utf8')
  expect(shipped('duckdb')).toBe(own('requirements.txt'))
  expect(shipped('snowflake')).toBe(own('requirements-snowflake.txt'))
})

describe('an environment that can not be created', () => {
  test('without a requirements file', async () => {
    rmSync(join(root, 'requirements.txt'))
    expect((await problemAt(siteWith({}))).code).toBe('requirements-missing')
  })

  test('without Python', async () => {
    const problem = await problemAt(siteWith({ PATH: root }))
    expect(problem.code).toBe('python-missing')
    expect(problem.message).toContain('none is on PATH')
    expect(problem.hint).toContain('apt install python3')
  })

  test('with a Python that is too old', async () => {
    const bin = join(root, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'python3'), '#!/bin/sh\necho 3 9 /usr/bin/python3.9\n', { mode: 0o755 })
    symlinkSync('/bin/sh', join(bin, 'sh'))
    const problem = await problemAt(siteWith({ PATH: bin }))
    expect(problem.code).toBe('python-missing')
    expect(problem.message).toContain('python3 is 3.9')
  })

  test('because its folder is not writable', async () => {
    writeFileSync(join(root, '.assets'), 'a file in its place')
    const problem = await problemAt(siteWith({ PATH: process.env.PATH ?? '' }))
    expect(problem.code).toBe('python-environment')
    expect(JSON.stringify(problem)).toContain('Not a directory')
  })
})
