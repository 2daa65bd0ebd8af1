import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
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
  environmentOf,
  isComplete,
} from '../../../framework/kinds/dbt/python/environment.ts'

let root: string
let notices: string[]
let stop: AbortController

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-python-'))
  notices = []
  stop = new AbortController()
  // Nothing to install: making the environment itself is what is tried.
  writeFileSync(join(root, 'requirements.txt'), '# nothing\n')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function workshop(env: Record<string, string> = {}): EnvironmentSite {
  const { PATH = '', HOME = '' } = process.env
  return {
    env: { PATH, HOME, ...env },
    home: join(root, '.assets'),
    target: {
      name: 'local',
      warehouse: null,
      connections: {},
      state: { type: 'sqlite', settings: {}, at: { file: '', path: [] } },
      confirm: false,
      secrets: ['hunter22'],
    },
    signal: stop.signal,
    clock: Date.now,
    notice: (message) => notices.push(message),
  }
}

function environment(place: EnvironmentSite = workshop()): Environment {
  const found = environmentOf(join(root, 'requirements.txt'), place)
  if (!found.ok) throw new Error(found.problems[0]!.message)
  return found.value
}

const codeOf = (result: Awaited<ReturnType<typeof createEnvironment>>) =>
  result.ok ? 'made' : result.problems[0]!.code

describe('an environment', () => {
  test('is made once, and is whole only with its marker', async () => {
    const made = environment()
    expect(isComplete(made)).toBe(false)
    expect(codeOf(await createEnvironment(made, workshop()))).toBe('made')
    expect(isComplete(made)).toBe(true)
    expect(existsSync(made.python)).toBe(true)
    expect(codeOf(await createEnvironment(made, workshop()))).toBe('made')
    expect(notices).toEqual(['making the Python environment for dbt (once; up to a minute)'])
  })

  test('that was half made is made anew', async () => {
    const half = environment()
    mkdirSync(join(half.folder, 'lib'), { recursive: true })
    writeFileSync(join(half.folder, 'lib/rubbish'), '')
    expect(codeOf(await createEnvironment(half, workshop()))).toBe('made')
    expect(existsSync(join(half.folder, 'lib/rubbish'))).toBe(false)
  })

  test('that was moved, or whose Python was replaced, is not whole', async () => {
    const made = environment()
    await createEnvironment(made, workshop())
    const marker = join(made.folder, 'complete.json')
    const facts = JSON.parse(readFileSync(marker, 'utf8'))
    writeFileSync(marker, JSON.stringify({ ...facts, folder: '/elsewhere' }))
    expect(isComplete(made)).toBe(false)
    writeFileSync(marker, JSON.stringify({ ...facts, python: '/usr/bin/python2' }))
    expect(isComplete(made)).toBe(false)
    expect(codeOf(await createEnvironment(made, workshop()))).toBe('made')
    expect(isComplete(made)).toBe(true)
  })

  test('is made by one of two at once, and serves both', async () => {
    const made = environment()
    const answers = await Promise.all([
      createEnvironment(made, workshop()),
      createEnvironment(made, workshop()),
    ])
    expect(answers.map(codeOf)).toEqual(['made', 'made'])
    expect(notices.toSorted()).toEqual([
      'making the Python environment for dbt (once; up to a minute)',
      'waiting for another process that is making the Python environment for dbt',
    ])
  })

  test('of other requirements is another one; the old one goes after a week without use', async () => {
    const before = environment()
    await createEnvironment(before, workshop())
    writeFileSync(join(root, 'requirements.txt'), '# nothing, said otherwise\n')
    const after = environment()
    expect(after.folder).not.toBe(before.folder)
    await createEnvironment(after, workshop())
    expect(existsSync(before.python)).toBe(true)

    const longAgo = new Date(Date.now() - 8 * 24 * 3_600_000)
    utimesSync(join(before.folder, 'complete.json'), longAgo, longAgo)
    rmSync(after.folder, { recursive: true })
    await createEnvironment(after, workshop())
    expect(existsSync(before.folder)).toBe(false)
  })
})

describe('an environment that can not be made', () => {
  test('no requirements file', () => {
    const found = environmentOf(join(root, 'none.txt'), workshop())
    expect(found.ok ? null : found.problems[0]!.code).toBe('requirements-missing')
  })

  test('no Python', async () => {
    const result = await createEnvironment(environment(), workshop({ PATH: root }))
    expect(codeOf(result)).toBe('python-missing')
    expect(result.ok ? '' : result.problems[0]!.message).toContain('none is on PATH')
    expect(result.ok ? '' : result.problems[0]!.hint).toContain('apt install python3')
  })

  test('a Python that is too old', async () => {
    const bin = join(root, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'python3'), '#!/bin/sh\necho 3 9 /usr/bin/python3.9\n', { mode: 0o755 })
    symlinkSync('/bin/sh', join(bin, 'sh'))
    const result = await createEnvironment(environment(), workshop({ PATH: bin }))
    expect(codeOf(result)).toBe('python-missing')
    expect(result.ok ? '' : result.problems[0]!.message).toContain('python3 is 3.9')
  })

  test("pip's own words, without secrets; the next try is a fresh one", async () => {
    writeFileSync(
      join(root, 'requirements.txt'),
      '--no-index\n--find-links https://me:hunter22@127.0.0.1:9/\nnot-there-at-all==1.0\n',
    )
    const result = await createEnvironment(environment(), workshop({ PIP_RETRIES: '0' }))
    expect(codeOf(result)).toBe('python-environment')
    const shown = JSON.stringify(result)
    expect(shown).toContain('not-there-at-all')
    expect(shown).not.toContain('hunter22')
    expect(isComplete(environment())).toBe(false)
  })

  test('Ctrl-C', async () => {
    stop.abort()
    expect(codeOf(await createEnvironment(environment(), workshop()))).toBe('cancelled')
  })

  test('a given one without Python', async () => {
    const given = workshop({ ASSETS_PYTHON_ENV: join(root, 'nowhere') })
    expect(codeOf(await createEnvironment(environment(given), given))).toBe('python-environment')
  })

  test('a home that can not be written', async () => {
    writeFileSync(join(root, '.assets'), 'a file in its place')
    const result = await createEnvironment(environment(), workshop())
    expect(codeOf(result)).toBe('python-environment')
    expect(JSON.stringify(result)).toContain('Not a directory')
  })
})
