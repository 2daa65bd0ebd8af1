import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createEnvironment,
  type Environment,
  type EnvironmentSite,
  isComplete,
  lockedEnvironment,
} from '../../framework/python/environment.ts'
import { environmentSite, type Installer, pathWith } from '../rig/python.ts'

const CREATING = "creating dbt's Python environment (once; up to a minute)"
const WAITING = "waiting for another process that is creating dbt's Python environment"

/** A wheel is a zip file; the package `tiny` has one module. */
const WRITE_WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    wheel.writestr('tiny.py', 'ANSWER = 42')
    info = 'tiny-1.0.dist-info/'
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')
`

/** Only the programs in `bin` are on PATH. */
describe.each<Installer>(['pip', 'uv'])('an environment, with %s', (installer) => {
  let root: string
  let bin: string
  let notices: string[]
  let stop: AbortController

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'assets-python-'))
    bin = join(root, 'bin')
    await pathWith(installer, bin)
    notices = []
    stop = new AbortController()
    requirements('# nothing to install\n')
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const requirements = (text: string) => writeFileSync(join(root, 'requirements.txt'), text)

  function site(env: Record<string, string> = {}): EnvironmentSite {
    const base = environmentSite({
      env: { PATH: bin, HOME: join(root, 'home'), ...env },
      home: join(root, '.assets'),
      signal: stop.signal,
      notice: (message) => notices.push(message),
    })
    return { ...base, target: { ...base.target, secrets: ['hunter22'] } }
  }

  function environment(): Environment {
    const found = lockedEnvironment('dbt', join(root, 'requirements.txt'), join(root, '.assets'))
    if (!found.ok) throw new Error(found.problems[0]!.message)
    return found.value
  }

  const codeOf = (result: Awaited<ReturnType<typeof createEnvironment>>) =>
    result.ok ? 'created' : result.problems[0]!.code

  test('is created once, and is complete only with its marker', async () => {
    const one = environment()
    expect(isComplete(one)).toBe(false)
    expect(codeOf(await createEnvironment(one, site()))).toBe('created')
    expect(isComplete(one)).toBe(true)
    expect(existsSync(one.python)).toBe(true)
    expect(codeOf(await createEnvironment(one, site()))).toBe('created')
    expect(notices).toEqual([CREATING])
  })

  test('has the required packages', async () => {
    execFileSync(join(bin, 'python3'), ['-c', WRITE_WHEEL, join(root, 'tiny-1.0-py3-none-any.whl')])
    requirements(`--no-index\n--find-links ${root}\ntiny==1.0\n`)
    const one = environment()
    expect(await createEnvironment(one, site())).toEqual({ ok: true, value: undefined })
    const script = 'import tiny; print(tiny.ANSWER)'
    expect(execFileSync(one.python, ['-I', '-c', script], { encoding: 'utf8' })).toBe('42\n')
  })

  test('is created again if it is incomplete', async () => {
    const half = environment()
    mkdirSync(join(half.folder, 'lib'), { recursive: true })
    writeFileSync(join(half.folder, 'lib/rubbish'), '')
    expect(codeOf(await createEnvironment(half, site()))).toBe('created')
    expect(existsSync(join(half.folder, 'lib/rubbish'))).toBe(false)
  })

  test('is incomplete if it was moved or its Python was replaced', async () => {
    const one = environment()
    await createEnvironment(one, site())
    const marker = join(one.folder, 'complete.json')
    const content = JSON.parse(readFileSync(marker, 'utf8'))
    writeFileSync(marker, JSON.stringify({ ...content, folder: '/elsewhere' }))
    expect(isComplete(one)).toBe(false)
    writeFileSync(marker, JSON.stringify({ ...content, python: '/usr/bin/python2' }))
    expect(isComplete(one)).toBe(false)
    expect(codeOf(await createEnvironment(one, site()))).toBe('created')
    expect(isComplete(one)).toBe(true)
  })

  test('is created by one of two at the same time, and serves both', async () => {
    const one = environment()
    const results = await Promise.all([
      createEnvironment(one, site()),
      createEnvironment(one, site()),
    ])
    expect(results.map(codeOf)).toEqual(['created', 'created'])
    expect(notices.toSorted()).toEqual([CREATING, WAITING])
  })

  test('is replaced when the requirements change; the old one is removed after a week', async () => {
    const before = environment()
    await createEnvironment(before, site())
    requirements('# nothing to install, in other words\n')
    const after = environment()
    expect(after.folder).not.toBe(before.folder)
    await createEnvironment(after, site())
    expect(existsSync(before.python)).toBe(true)

    const longAgo = new Date(Date.now() - 8 * 24 * 3_600_000)
    utimesSync(join(before.folder, 'complete.json'), longAgo, longAgo)
    rmSync(after.folder, { recursive: true })
    await createEnvironment(after, site())
    expect(existsSync(before.folder)).toBe(false)
  })

  test('fails with the output of the installer, without secrets, and stays incomplete', async () => {
    requirements(
      '--no-index\n--find-links https://me:hunter22@127.0.0.1:9/\nnot-there-at-all==1.0\n',
    )
    const retries = { PIP_RETRIES: '0', UV_HTTP_RETRIES: '0' }
    const result = await createEnvironment(environment(), site(retries))
    expect(codeOf(result)).toBe('python-environment')
    const shown = JSON.stringify(result)
    expect(shown).toMatch(/not-there-at-all|127\.0\.0\.1:9/)
    expect(shown).not.toContain('hunter22')
    expect(isComplete(environment())).toBe(false)
  })

  test('is cancelled by Ctrl-C', async () => {
    stop.abort()
    expect(codeOf(await createEnvironment(environment(), site()))).toBe('cancelled')
  })
})
