import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HelperClient } from '../../framework/kinds/command/helper-client.ts'
import { createKind } from '../../framework/kinds/command/index.ts'
import { sha256 } from '../../framework/lib/hash.ts'
import { markOfThisProcess } from '../../framework/lib/left-processes.ts'
import type { Asset } from '../../framework/model/asset.ts'
import type { Problem } from '../../framework/model/problem.ts'
import type { Materialization } from '../../framework/model/record.ts'
import type { Product, StepReport } from '../../framework/ports/batch.ts'
import type { Site } from '../../framework/ports/site.ts'
import { assetOf, buildWith, definedBy, siteOf } from './suites/site.ts'
import { must } from './suites/warehouse.ts'

const kind = createKind()
let root: string
let site: Site

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-command-'))
  site = siteOf({ root })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const command = (spec: Asset['spec'], retries?: number) =>
  assetOf('command', 'job', spec, retries === undefined ? {} : { retries })
const write = (file: string, text: string) => {
  mkdirSync(join(root, file, '..'), { recursive: true })
  writeFileSync(join(root, file), text)
}
const read = (file: string) => readFileSync(join(root, file), 'utf8')

async function build(
  asset: Asset,
  where: Site = site,
  onReport?: (report: StepReport) => void,
): Promise<readonly StepReport[]> {
  const subject = await definedBy(kind, asset, where)
  return buildWith(kind, subject, where, onReport === undefined ? {} : { onReport })
}

async function built(asset: Asset, where: Site = site): Promise<Product> {
  const last = (await build(asset, where)).at(-1)
  if (last?.step !== 'built') throw new Error(JSON.stringify(last))
  return last.product
}

async function failed(asset: Asset, where: Site = site): Promise<Problem> {
  const last = (await build(asset, where)).at(-1)
  if (last?.step !== 'failed') throw new Error(JSON.stringify(last))
  expect(last.problem.message).toContain('job')
  expect(last.problem.at).toMatchObject({ file: 'assets.yaml' })
  return last.problem
}

describe('a command', () => {
  it('runs a shell line in the project root, and its version is the hash of its output', async () => {
    const run =
      'printf "%s %s %s %s" "$ASSETS_ASSET" "$ASSETS_RUN" "$ASSETS_TARGET" "$OWN" > out/deep/a.txt'
    const where = siteOf({ root, env: { PATH: process.env.PATH!, OWN: 'mine' } })
    const product = await built(command({ run, outputs: ['out/deep/a.txt'] }), where)
    expect(read('out/deep/a.txt')).toBe('job 42 local mine')
    expect(product).toMatchObject({
      version: `f:${sha256('job 42 local mine')}`,
      bytes: 17,
      rows: null,
    })
  })

  it('passes arguments to a program unchanged', async () => {
    const code = `require('fs').writeFileSync('a.json', JSON.stringify(process.argv.slice(1)))`
    const args = ['$HOME', 'with space', '"quoted"', '*']
    await built(command({ run: [process.execPath, '-e', code, ...args], outputs: ['a.json'] }))
    expect(JSON.parse(read('a.json'))).toEqual(args)
  })

  it('has one version for several outputs, which changes with each of them', async () => {
    const of = async (a: string, b: string) =>
      (await built(command({ run: `printf ${a} > a; printf ${b} > b`, outputs: ['a', 'b'] })))
        .version
    const version = await of('1', '2')
    expect(await of('1', '2')).toBe(version)
    expect(await of('2', '1')).not.toBe(version)
    expect(await of('1', '3')).not.toBe(version)
  })

  it('has a new version after each run if it has no outputs', async () => {
    const product = await built(command({ run: 'true' }))
    expect(product).toMatchObject({ version: 't:42', token: null, bytes: 0 })
  })

  it('hashes large outputs too', async () => {
    const run = 'head -c 5000000 /dev/zero > big'
    const { version } = await built(command({ run, outputs: ['big'] }))
    expect(version).toBe(`f:${sha256(Buffer.alloc(5_000_000))}`)
  })

  it('fails with its exit code and the end of its output', async () => {
    const run = 'for i in $(seq 1 100); do echo line $i; done; echo oh dear >&2; exit 3'
    const problem = await failed(command({ run }))
    expect(problem.code).toBe('command-failed')
    expect(problem.message).toContain('exit code 3')
    expect(problem.detail).toContain('line 90\n')
    expect(problem.detail).toContain('oh dear')
    expect(problem.detail).not.toContain('line 10\n')
    expect(problem.transient).toBeUndefined()
    expect((await failed(command({ run: 'exit 75' }))).transient).toBe(true)
    // With `retries:` every failure is transient, whatever the exit code.
    expect((await failed(command({ run: 'exit 3' }, 2))).transient).toBe(true)
    expect((await failed(command({ run: 'kill -9 $$' }, 0))).transient).toBe(true)
    expect((await failed(command({ run: ['not-there'] }, 2))).transient).toBeUndefined()
  })

  it('names the signal that killed it', async () => {
    expect((await failed(command({ run: 'kill -KILL $$' }))).message).toContain('SIGKILL')
  })

  it('keeps only the end of an endless output', async () => {
    const problem = await failed(
      command({ run: 'head -c 30000000 /dev/zero | tr "\\0" x; exit 1' }),
    )
    expect(problem.detail!.length).toBeLessThanOrEqual(64_000)
  })

  it('redacts secrets in its output', async () => {
    const where = siteOf({ root, secrets: ['hunter22'] })
    const problem = await failed(command({ run: 'echo password=hunter22; exit 1' }), where)
    expect(problem.detail).toBe('password=***')
  })

  it('names the program that was not found', async () => {
    const gone = await failed(command({ run: ['no-such-program-anywhere'] }))
    expect(gone).toMatchObject({ code: 'command-not-started' })
    expect(gone.message).toContain('no-such-program-anywhere')
    const shell = await failed(command({ run: 'no-such-program-anywhere' }))
    expect(shell.message).toContain('did not find')
    const nul = await failed(command({ run: ['sh', '-c', 'a\u0000b'] }))
    expect(nul.code).toBe('command-not-started')
  })

  it('fails when an output is missing or a folder', async () => {
    const missing = await failed(command({ run: 'echo > a', outputs: ['a', 'b'] }))
    expect(missing.code).toBe('output-missing')
    expect(missing.message).toContain('b')
    expect((await failed(command({ run: 'mkdir c', outputs: ['c'] }))).code).toBe('output-missing')
    write('file', '')
    expect((await failed(command({ run: 'true', outputs: ['file/x'] }))).code).toBe(
      'output-unwritable',
    )
  })

  it('is ended by an abort, with all processes that it started', async () => {
    const abort = new AbortController()
    const where = siteOf({ root, signal: abort.signal })
    const reports = build(
      command({ run: 'echo waiting; sleep 1000 & echo $! > new; mv new started; wait' }),
      where,
    )
    const child = await textOf(join(root, 'started'))
    abort.abort()
    const last = { step: 'cancelled', name: 'job', detail: 'waiting' }
    expect((await reports).at(-1)).toEqual(last)
    await gone(Number(child))
  })

  it('is not started after an abort', async () => {
    const abort = new AbortController()
    abort.abort()
    const where = siteOf({ root, signal: abort.signal })
    expect(await build(command({ run: 'echo > a' }), where)).toEqual([
      { step: 'cancelled', name: 'job' },
    ])
  })

  it('does not wait for a background process that keeps its output open', async () => {
    const { version } = await built(command({ run: 'sleep 1000 & echo $! > a', outputs: ['a'] }))
    process.kill(Number(read('a')), 'SIGKILL')
    expect(version).toMatch(/^f:/)
  })

  it('is reported as started before it changes anything', async () => {
    const order: string[] = []
    const asset = command({ run: 'echo > folder/a', outputs: ['folder/a'] })
    await build(asset, site, ({ step }) => {
      order.push(step)
    })
    expect(order).toEqual(['started', 'reference', 'worked', 'built'])
  })

  it('is observed as recorded, present or absent', async () => {
    const asset = command({ run: 'echo 1 > a', outputs: ['a'] })
    const subject = await definedBy(kind, asset, site)
    const look = async (product: Product | null, of = subject) => {
      const record =
        product && ({ dataVersion: product.version, token: product.token } as Materialization)
      const request = { ...of, record, lastObserved: null, warehouseToken: null, sparing: false }
      return must(await kind.observe([request], site)).observations.get('job')?.found
    }
    expect(await look(null)).toEqual({ state: 'absent' })
    const product = await built(asset)
    expect(await look(product)).toEqual({ state: 'recorded' })
    write('a', 'edited')
    expect(await look(product)).toMatchObject({
      state: 'present',
      version: `f:${sha256('edited')}`,
    })
    const silent = await definedBy(kind, command({ run: 'true' }), site)
    expect(await look(null, silent)).toEqual({ state: 'absent' })
    expect(await look(product, silent)).toEqual({ state: 'recorded' })
  })
})

/** Resolves when a process has ended. */
async function gone(pid: number): Promise<void> {
  await expect
    .poll(() => {
      try {
        process.kill(pid, 0)
        return isZombie(pid) ? 'gone' : 'alive'
      } catch {
        return 'gone'
      }
    })
    .toBe('gone')
}

/** In a container without an init process, an orphan that has ended stays a zombie. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** The content of a file, as soon as a program has written it. */
async function textOf(file: string): Promise<string> {
  await expect.poll(() => existsSync(file), { timeout: 30_000 }).toBe(true)
  return readFileSync(file, 'utf8')
}

describe('the code of a command', () => {
  const codeOf = async (spec: Asset['spec'], env: Record<string, string> = {}) =>
    (await definedBy(kind, command(spec), siteOf({ root, env }))).definition.codeVersion

  it('covers its arguments, its outputs, and the values of its variables', async () => {
    const versions = [
      await codeOf({ run: 'a' }),
      await codeOf({ run: ['a'] }),
      await codeOf({ run: ['a', 'b'] }),
      await codeOf({ run: ['a b'] }),
      await codeOf({ run: 'a', outputs: ['x'] }),
      await codeOf({ run: 'a', env: ['X'] }),
      await codeOf({ run: 'a', env: ['X'] }, { X: '' }),
      await codeOf({ run: 'a', env: ['X'] }, { X: '1' }),
      await codeOf({ run: 'a', env: ['Y'] }, { X: '1', Y: '1' }),
    ]
    expect(new Set(versions).size).toBe(versions.length)
    expect(await codeOf({ run: 'a' }, { X: '1' })).toBe(await codeOf({ run: 'a' }))
  })

  it('never contains the value of a variable', async () => {
    const asset = command({ run: 'a', env: ['X'] })
    const where = siteOf({ root, env: { X: 'some-value' } })
    const defined = await definedBy(kind, asset, where)
    expect(JSON.stringify(defined)).not.toContain('some-value')
    expect(defined.definition.parts.map(({ label }) => label)).toEqual(['run', 'outputs', 'env X'])
  })

  it('covers the content of its files, folders and globs', async () => {
    write('report.py', '1')
    write('lib/a.py', '1')
    write('lib/deep/b.py', '1')
    write('lib/deep/c.txt', '1')
    write('lib/__pycache__/a.pyc', '1')
    const of = async (code: string[]) => {
      const { definition } = await definedBy(kind, command({ run: 'a', code }), site)
      return definition.parts.slice(2).map((part) => part.file)
    }
    expect(await of(['report.py'])).toEqual(['report.py'])
    expect(await of(['lib'])).toEqual(['lib/a.py', 'lib/deep/b.py', 'lib/deep/c.txt'])
    expect(await of(['lib/**/*.py', '*.py'])).toEqual(['lib/a.py', 'lib/deep/b.py', 'report.py'])
    expect(await of(['lib/*.py', './lib/a.py'])).toEqual(['lib/a.py'])

    const spec = { run: 'a', code: ['lib'] }
    const before = await codeOf(spec)
    write('lib/deep/c.txt', '2')
    const edited = await codeOf(spec)
    write('lib/deep/d.txt', '1')
    expect(new Set([before, edited, await codeOf(spec)]).size).toBe(3)
  })

  it('is a located problem if one of its files is missing', async () => {
    const { problems, definitions } = await kind.define(
      [command({ run: 'a', code: ['gone.py', '*.nothing'] })],
      site,
    )
    expect(definitions.size).toBe(0)
    expect(problems.map(({ code, at }) => [code, at])).toEqual([
      ['code-missing', { file: 'assets.yaml', path: ['assets', 'job', 'code', 0] }],
      ['code-missing', { file: 'assets.yaml', path: ['assets', 'job', 'code', 1] }],
    ])
  })

  it('replaces {target} in its outputs', async () => {
    const { definition } = await definedBy(
      kind,
      command({ run: 'a', outputs: ['./{target}/x'] }),
      site,
    )
    expect(definition.outputs).toEqual(['local/x'])
  })
})

describe('a helper process', () => {
  let helper: HelperClient

  beforeEach(async () => {
    helper = new HelperClient({ cwd: root, env: { PATH: process.env.PATH, COMMON: 'common' } })
    await expect.poll(() => helper.isReady, { timeout: 30_000 }).toBe(true)
  })
  afterEach(() => helper.close())

  const program = (line: string, signal = new AbortController().signal) => ({
    asset: 'a',
    argv: ['sh', '-c', line] as const,
    extraEnv: { OWN: 'extra', ASSETS_ASSET: 'a', ...markOfThisProcess() },
    signal,
    onStart: () => undefined,
  })

  it('runs programs in the project root, and reports how each ended', async () => {
    const all = await Promise.all([
      helper.run(program('printf "%s, %s" "$COMMON" "$OWN" > out')),
      helper.run(program('echo oh dear >&2; exit 3')),
      helper.run(program('kill -9 $$')),
      helper.run({ ...program(''), argv: ['not-there'] }),
    ])
    expect(read('out')).toBe('common, extra')
    expect(all).toEqual([
      { end: 'done' },
      { end: 'exit', code: 3, tail: 'oh dear' },
      { end: 'signal', signal: 'SIGKILL', tail: '' },
      expect.objectContaining({ end: 'not_started', code: 'ENOENT' }),
    ])
  })

  it('ends an aborted program, with all processes that it started', async () => {
    const abort = new AbortController()
    const line = 'echo waiting; sleep 1000 & echo $! > new; mv new started; wait'
    const ended = helper.run(program(line, abort.signal))
    const child = await textOf(join(root, 'started'))
    abort.abort()
    expect(await ended).toEqual({ end: 'cancelled', tail: 'waiting' })
    await gone(Number(child))
  })

  it('ends its programs when its parent is gone', async () => {
    void helper.run(program('sleep 1000 & echo $! > new; mv new started; wait'))
    const child = await textOf(join(root, 'started'))
    helper.close()
    await gone(Number(child))
  })

  it('starts programs when there are many', async () => {
    const asset = command({ run: 'echo $PPID > parent', outputs: ['parent'] })
    const many = createKind()
    const subject = await definedBy(many, asset, site)
    const parents = new Set<string>()
    await expect
      .poll(
        async () => {
          await buildWith(many, subject, site)
          parents.add(read('parent'))
          return parents.size
        },
        { timeout: 20_000, interval: 1 },
      )
      .toBeGreaterThan(1)
    await many.close()
  })
})
