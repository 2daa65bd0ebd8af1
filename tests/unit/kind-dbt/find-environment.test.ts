import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  environmentKey,
  findEnvironment,
} from '../../../framework/kinds/dbt/python/find-environment.ts'
import type { DbtSettings } from '../../../framework/model/project.ts'
import { siteOf } from '../../contract/suites/site.ts'
import { dbtSettings } from '../../rig/dbt-settings.ts'
import { DBT, pythonFolder, writeProgram } from '../../rig/python-folder.ts'

let root: string
let bin: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'assets-find-')))
  bin = join(root, 'bin')
  mkdirSync(bin)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A site whose target has a DuckDB warehouse, or one of another type, and nothing on PATH but `bin`. */
function siteWith(
  env: Readonly<Record<string, string>> = {},
  dbt: Partial<DbtSettings> = {},
  type = 'duckdb',
) {
  const site = siteOf({ root, env: { PATH: bin, HOME: join(root, 'home'), ...env } })
  const warehouse = { type, settings: {}, at: { file: 'assets.yaml', path: [] } }
  return {
    ...site,
    target: { ...site.target, warehouse },
    project: { ...site.project, dbt: dbtSettings('dbt', dbt) },
  }
}

const folder = (name: string, packages: readonly string[] = DBT) =>
  pythonFolder(join(root, name), packages)

function found(...site: Parameters<typeof siteWith>): string {
  const result = findEnvironment(siteWith(...site))
  if (!result.ok) {
    const { code, message, hint } = result.problems[0]!
    return `${code}: ${message}; ${hint}`.replaceAll(root, '')
  }
  const { environment, how, skipped } = result.value
  const path = environment.requirements === null ? environment.folder : 'own'
  return [`${path} ${how}`, ...skipped.map((one) => `skipped ${one}`)]
    .join('; ')
    .replaceAll(root, '')
}

const OWN = 'own made by assets from its own list of versions'

describe('what runs dbt', () => {
  test('is the first of these that there is', () => {
    writeFileSync(join(root, 'reqs.txt'), 'dbt-core\n')
    for (const name of ['a', 'b', 'c', 'd', 'dbt/.venv', 'dbt/venv', '.venv', 'venv', 'e']) {
      folder(name)
    }
    writeProgram(join(bin, 'dbt'), `#!${root}/e/bin/python\n`)
    const env = {
      ASSETS_PYTHON_ENV: join(root, 'a'),
      VIRTUAL_ENV: join(root, 'c'),
      CONDA_PREFIX: join(root, 'd'),
    }
    expect(found(env, { python: 'b' })).toBe('/a set by ASSETS_PYTHON_ENV')
    const { ASSETS_PYTHON_ENV: _, ...active } = env
    expect(found({ ...active, ASSETS_PYTHON_ENV: '' }, { python: 'b' })).toBe(
      '/b set by dbt.python',
    )
    expect(found(active, { requirements: 'reqs.txt' })).toBe('own made by assets from reqs.txt')
    expect(found(active)).toBe('/c in use: VIRTUAL_ENV')
    expect(found({ CONDA_PREFIX: active.CONDA_PREFIX })).toBe('/d in use: CONDA_PREFIX')
    for (const name of ['dbt/.venv', 'dbt/venv', '.venv', 'venv']) {
      expect(found()).toBe(`/${name} found in the project`)
      rmSync(join(root, name), { recursive: true })
    }
    expect(found()).toBe('/e dbt on PATH')
    rmSync(join(bin, 'dbt'))
    expect(found()).toBe(OWN)
  })

  test('is its own environment if the project asks for that', () => {
    folder('.venv')
    expect(found({ VIRTUAL_ENV: folder('a') }, { python: 'own' })).toBe(OWN)
  })

  test('is named by a folder or by an interpreter, relative to the project or to the home folder', () => {
    folder('home/py')
    expect(found({}, { python: 'home/py/bin/python' })).toBe('/home/py set by dbt.python')
    expect(found({}, { python: '~/py' })).toBe('/home/py set by dbt.python')
    expect(found({}, { python: join(root, 'home/py') })).toBe('/home/py set by dbt.python')
    rmSync(join(root, 'home/py/bin/python'))
    writeProgram(join(root, 'home/py/bin/python3'), '')
    expect(found({}, { python: '~/py' })).toBe('/home/py set by dbt.python')
  })

  test('has the adapter of the target; what lacks it is skipped', () => {
    folder('.venv')
    folder('venv', ['dbt_core-1.10.2', 'dbt_snowflake-1.10.0'])
    expect(found({}, {}, 'snowflake')).toBe(
      '/venv found in the project; skipped /.venv (found in the project) lacks dbt-snowflake',
    )
    expect(found({ VIRTUAL_ENV: folder('a', ['numpy-2.0.0']) })).toBe(
      '/.venv found in the project; skipped /a (in use: VIRTUAL_ENV) lacks dbt-core',
    )
  })

  test('has a Python that exists; a link to one that was removed is skipped', () => {
    const python = join(folder('.venv'), 'bin/python')
    rmSync(python)
    symlinkSync(join(root, 'removed/bin/python3.11'), python)
    expect(found()).toBe(`${OWN}; skipped /.venv (found in the project) has no Python any more`)
  })

  test('takes requirements of the type of warehouse, and its own ones for the others', () => {
    writeFileSync(join(root, 'reqs.txt'), 'dbt-core\n')
    folder('.venv')
    const requirements = { snowflake: 'reqs.txt' }
    expect(found({}, { requirements }, 'snowflake')).toBe('own made by assets from reqs.txt')
    expect(found({}, { requirements })).toBe('/.venv found in the project')
    expect(found({}, { requirements: 'no.txt' })).toMatch(
      /^requirements-missing: \/no.txt does not/,
    )
  })

  test('a requirements.txt that is not named counts for nothing', () => {
    mkdirSync(join(root, 'dbt'))
    writeFileSync(join(root, 'dbt/requirements.txt'), 'dbt-core==1.5.0\n')
    writeFileSync(join(root, 'requirements.txt'), 'dbt-core==1.5.0\n')
    expect(found()).toBe(OWN)
  })
})

describe('dbt on PATH', () => {
  test.each([
    ['in its first line', 'e', (python: string) => `#!${python}\nimport sys\n`],
    ['as the first word of it', 'e', (python: string) => `#!${python} -E\nimport sys\n`],
    [
      'in its second line',
      'a b',
      (python: string) => `#!/bin/sh\n'''exec' "${python}" "$0" "$@"\n`,
    ],
  ])('is a script that names its Python %s', (_, name, script) => {
    writeProgram(join(bin, 'dbt'), script(join(folder(name), 'bin/python')))
    expect(found()).toBe(`/${name} dbt on PATH`)
  })

  test('is a script in the bin folder of its Python, or a link to one', () => {
    const script = join(folder('e'), 'bin/dbt')
    writeProgram(script, '#!/usr/bin/env python3\n')
    symlinkSync(script, join(bin, 'dbt'))
    expect(found()).toBe('/e dbt on PATH')
  })

  test('is what pyenv starts for this folder', () => {
    for (const version of ['3.11.1', '3.12.2']) {
      folder(`pyenv/versions/${version}`)
      writeProgram(join(root, `pyenv/versions/${version}/bin/dbt`), '')
    }
    folder('pyenv/versions/3.10.0')
    const shim = `#!/usr/bin/env bash\nset -e\nexport PYENV_ROOT="${root}/pyenv"\nexec pyenv exec "$program" "$@"\n`
    writeProgram(join(bin, 'dbt'), shim)
    expect(found()).toBe(`${OWN}; skipped /bin/dbt (dbt on PATH) is no Python program`)
    writeFileSync(join(root, 'pyenv/version'), '3.11.1\n')
    expect(found()).toBe('/pyenv/versions/3.11.1 dbt on PATH')
    writeFileSync(join(root, '.python-version'), '3.10.0\n3.12.2\n')
    expect(found()).toBe('/pyenv/versions/3.12.2 dbt on PATH')
    expect(found({ PYENV_VERSION: '3.11.1' })).toBe('/pyenv/versions/3.11.1 dbt on PATH')
  })

  test('that is no Python program, or has a version that is not supported, is skipped', () => {
    writeProgram(join(bin, 'dbt'), '\x7fELF')
    expect(found()).toBe(`${OWN}; skipped /bin/dbt (dbt on PATH) is no Python program`)
    folder('e', ['dbt_core-1.7.20', 'dbt_duckdb-1.7.5'])
    writeProgram(join(bin, 'dbt'), `#!${root}/e/bin/python\n`)
    expect(found()).toBe(`${OWN}; skipped /e (dbt on PATH) has dbt-core 1.7.20, which is too old`)
  })
})

describe('a problem', () => {
  test.each([
    ['1.7.20', 'too old'],
    ['0.21.1', 'too old'],
    ['1.8.0', null],
    ['1.11.0b2', null],
    ['1.12.6', null],
    ['1.13.0', 'too new'],
    ['2.0.0rc1', 'too new'],
  ])('is dbt-core %s in an environment of the project: %s', (version, fault) => {
    folder('.venv', [`dbt_core-${version}`, 'dbt_duckdb-1.7.5'])
    const expected = `dbt-version: dbt-core ${version} in /.venv (found in the project) is ${fault}: assets runs dbt-core 1.8 to `
    const text = found()
    expect(text.startsWith(fault === null ? '/.venv found' : expected)).toBe(true)
    if (fault === null) return
    expect(text).toContain('uv pip install --python /.venv/bin/python ')
    expect(text).toContain('dbt: {python: own}')
  })

  test('is a named environment that does not exist or can not run dbt', () => {
    const ASSETS_PYTHON_ENV = join(root, 'a')
    expect(found({ ASSETS_PYTHON_ENV })).toMatch(
      /^python-environment: ASSETS_PYTHON_ENV is \/a, which has no bin\/python; unset it/,
    )
    expect(found({}, { python: 'a' })).toMatch(
      /^python-environment: dbt.python is \/a, which has no bin\/python/,
    )
    folder('a', ['dbt_core-1.11.0'])
    expect(found({}, { python: 'a' })).toMatch(
      /^dbt-missing: dbt.python is \/a, which lacks dbt-duckdb; install it: uv pip install --python \/a\/bin\/python 'dbt/,
    )
    folder('b', ['numpy-2.0.0', 'pip-24.0'])
    expect(found({ ASSETS_PYTHON_ENV: join(root, 'b') })).toMatch(
      /^dbt-missing: ASSETS_PYTHON_ENV is \/b, which lacks dbt-core; install it: \/b\/bin\/python -m pip install 'dbt/,
    )
    folder('c', ['dbt_core-1.7.1', 'dbt_duckdb-1.7.5'])
    expect(found({ ASSETS_PYTHON_ENV: join(root, 'c') })).toMatch(/^dbt-version: dbt-core 1.7.1/)
  })
})

describe('the packages of an environment', () => {
  test('are those of the Python that its link leads to, not of one that was there before', () => {
    folder('base')
    cpSync(join(root, 'base/bin/python'), join(root, 'base/bin/python3.12'))
    folder('.venv', ['dbt_core-1.5.0', 'dbt_duckdb-1.5.0'])
    rmSync(join(root, '.venv/bin/python'))
    symlinkSync(join(root, 'base/bin/python3.12'), join(root, '.venv/bin/python'))
    const now = join(root, '.venv/lib/python3.12/site-packages')
    for (const name of DBT) mkdirSync(join(now, `${name}.dist-info`), { recursive: true })
    expect(found()).toBe('/.venv found in the project')
  })

  test('are also those of the Python whose packages it shares', () => {
    folder('base')
    folder('.venv', ['numpy-2.0.0'])
    expect(found()).toContain('skipped /.venv (found in the project) lacks dbt-core')
    const shares = (answer: boolean) =>
      writeFileSync(
        join(root, '.venv/pyvenv.cfg'),
        `home = ${root}/base/bin\ninclude-system-site-packages = ${answer}\n`,
      )
    shares(true)
    expect(found()).toBe('/.venv found in the project')
    shares(false)
    expect(found()).toContain('lacks dbt-core')
  })

  test('are where Debian has them', () => {
    folder('usr', [])
    for (const name of ['dbt_core-1.11.1', 'dbt_duckdb-1.11.1'])
      mkdirSync(join(root, `usr/lib/python3/dist-packages/${name}.egg-info`), { recursive: true })
    expect(found({}, { python: 'usr' })).toBe('/usr set by dbt.python')
  })
})

test('the key of an environment changes with any package, and not with a reading', () => {
  folder('.venv')
  const key = () => {
    const result = findEnvironment(siteWith())
    return result.ok ? environmentKey(result.value.environment) : 'none'
  }
  const before = key()
  expect(key()).toBe(before)
  const packages = join(root, '.venv/lib/python3.11/site-packages')
  mkdirSync(join(packages, 'dbt_adapters-1.24.5.dist-info'))
  const added = key()
  expect(added).not.toBe(before)
  cpSync(
    join(packages, 'dbt_core-1.11.16.dist-info'),
    join(packages, 'dbt_core-1.11.17.dist-info'),
    {
      recursive: true,
    },
  )
  rmSync(join(packages, 'dbt_core-1.11.16.dist-info'), { recursive: true })
  expect(key()).not.toBe(added)
})
