import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { CliProject } from '../rig/cli.ts'
import { sharedPython } from '../rig/python.ts'

// A command line is killed while its programs run. Nothing that it started goes on, and the same command
// builds everything once.

const SLOW = `slow: {kind: command, run: ": > out.txt; for i in 1 2 3 4 5 6 7 8; do sleep 0.4; echo row $i >> out.txt; done", outputs: [out.txt]}`
const ROWS = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `row ${n}\n`).join('')

let project: CliProject
afterEach(() => project.remove())

function projectOf(...assets: readonly string[]): CliProject {
  project = new CliProject()
  const lines = assets.map((asset) => `  ${ofThisTest(asset)}\n`).join('')
  return project.write(
    'assets.yaml',
    `version: 1\nproject: kills\ndefault_target: local\ntargets: {local: {}}\nassets:\n${lines}`,
  )
}

/** Waits until the file exists and is not empty. */
async function textOf(file: string): Promise<string> {
  for (;;) {
    const text = existsSync(project.path(file)) ? readFileSync(project.path(file), 'utf8') : ''
    if (text.endsWith('\n')) return text
    await setTimeout(20)
  }
}

/** The ids of the children of a process. */
function childrenOf(pid: number): readonly string[] {
  const all = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const pairs = all.split('\n').map((line) => line.trim().split(/\s+/))
  return pairs.filter(([, parent]) => parent === `${pid}`).map(([child]) => child!)
}

/** Makes each `sleep 47…` one of this process: another run of these tests may have left some. */
const ofThisTest = (text: string) => text.replaceAll(/\b47\d\d\b/g, `$&.${process.pid}`)

/** The processes that run with this text in their command line. */
function running(text: string): string {
  const all = execFileSync('ps', ['-e', '-o', 'pid=,stat=,args='], { encoding: 'utf8' })
  const isOne = (line: string) => line.includes(ofThisTest(text)) && !/^\s*\d+\s+Z/.test(line)
  return all.split('\n').filter(isOne).join('\n')
}

describe('a program whose command line is killed', () => {
  it.each(['SIGKILL', 'SIGHUP', 'SIGTERM'] as const)(
    'by %s: the resume writes each row once',
    async (signal) => {
      projectOf(SLOW)
      const first = project.start(['materialize'])
      await textOf('out.txt')
      first.child.kill(signal)
      await first.ended
      const second = await project.run('materialize')
      expect(second.code, second.stderr).toBe(0)
      await setTimeout(500)
      expect(await textOf('out.txt')).toBe(ROWS)
    },
  )

  it('is ended without a resume, although it ignores SIGTERM', async () => {
    projectOf(
      `plain: {kind: command, run: "echo on > plain.txt; sleep 4718"}`,
      `deaf: {kind: command, run: "trap '' TERM; echo on > deaf.txt; sleep 4718"}`,
    )
    const first = project.start(['materialize', '--threads', '2'])
    for (const name of ['plain', 'deaf']) await textOf(`${name}.txt`)
    first.child.kill('SIGKILL')
    await first.ended
    await expect.poll(() => running('sleep 4718'), { timeout: 60_000 }).toBe('')
  })

  it('is ended although it ignores SIGTERM, before the resume starts it again', async () => {
    projectOf(
      `deaf: {kind: command, run: ": > out.txt; trap '' TERM; for i in 1 2 3; do echo $$ >> out.txt; sleep 0.5; done; [ -e go ] || sleep 4711", outputs: [out.txt]}`,
    )
    const first = project.start(['materialize'])
    const [pid] = (await textOf('out.txt')).split('\n')
    first.child.kill('SIGKILL')
    await first.ended
    project.write('go', '')
    const second = await project.run('materialize')
    expect(second.code, second.stderr).toBe(0)
    expect(second.stderr).toContain(
      `run 1 was killed; ending what it left running: deaf (process ${pid})`,
    )
    const rows = (await textOf('out.txt')).trim().split('\n')
    expect(rows).toHaveLength(3)
    expect(new Set(rows).size).toBe(1)
    expect(rows[0]).not.toBe(pid)
  })

  it.skipIf(process.platform !== 'linux')(
    'is ended by the resume if it left its group (needs Linux)',
    async () => {
      projectOf(
        `away: {kind: command, run: "[ -e go ] || setsid sh -c 'echo $$ > pid.txt; exec sleep 4712'; echo > out.txt", outputs: [out.txt]}`,
      )
      const first = project.start(['materialize'])
      const pid = (await textOf('pid.txt')).trim()
      first.child.kill('SIGKILL')
      await first.ended
      expect(running('sleep 4712')).toContain(pid)
      project.write('go', '')
      const second = await project.run('materialize')
      expect(second.code, second.stderr).toBe(0)
      expect(second.stderr).toContain(`ending what it left running: away (process ${pid})`)
      expect(running('sleep 4712')).toBe('')
    },
  )

  it('is ended by the resume if the supervisor was killed, too', async () => {
    projectOf(
      `lone: {kind: command, run: "echo $$ > pid.txt; [ -e go ] || sleep 4713; echo > out.txt", outputs: [out.txt]}`,
    )
    const first = project.start(['materialize'])
    const pid = (await textOf('pid.txt')).trim()
    for (const supervisor of childrenOf(first.child.pid!)) {
      if (supervisor !== pid) process.kill(Number(supervisor), 'SIGKILL')
    }
    first.child.kill('SIGKILL')
    await first.ended
    expect(running('sleep 4713')).not.toBe('')
    project.write('go', '')
    const second = await project.run('materialize')
    expect(second.code, second.stderr).toBe(0)
    expect(second.stderr).toContain(`ending what it left running: lone (process ${pid})`)
    expect(running('sleep 4713')).toBe('')
  })

  it('is ended at once by a second Ctrl-C, although it ignores SIGTERM', async () => {
    projectOf(`deaf: {kind: command, run: "trap '' TERM; echo on > on.txt; sleep 4714"}`)
    const first = project.start(['materialize'])
    await textOf('on.txt')
    first.child.kill('SIGINT')
    await setTimeout(200)
    expect(running('sleep 4714')).not.toBe('')
    first.child.kill('SIGINT')
    expect((await first.ended).code).toBe(130)
    await expect.poll(() => running('sleep 4714')).toBe('')
  })

  it('leaves what a step that was built started in the background', async () => {
    projectOf(
      'server: {kind: command, run: "sleep 4715 & echo $! > pid.txt", outputs: [pid.txt]}',
      `slow: {kind: command, deps: [server], run: "echo on > on.txt; [ -e go ] || sleep 4716"}`,
    )
    const first = project.start(['materialize'])
    await textOf('on.txt')
    first.child.kill('SIGKILL')
    await first.ended
    project.write('go', '')
    const second = await project.run('materialize')
    expect(second.code, second.stderr).toBe(0)
    expect(running('sleep 4715')).not.toBe('')
    expect(running('sleep 4716')).toBe('')
    process.kill(Number(await textOf('pid.txt')), 'SIGKILL')
  })
})

describe('many programs', () => {
  // The twelfth program starts the helpers, which need a moment.
  const quick = Array.from({ length: 12 }, (_, i) => `q${i}`)
  const slow = ['s0', 's1', 's2']
  const line = (name: string) =>
    slow.includes(name)
      ? `${name}: {kind: command, deps: [${quick.join(', ')}], retries: 1, run: "trap '' TERM; echo $PPID > ppid_${name}.txt; echo begin >> ${name}.txt; sleep 2.5; echo end >> ${name}.txt", outputs: [${name}.txt]}`
      : `${name}: {kind: command, run: "${name === 'q11' ? 'sleep 5; ' : ''}echo on > ${name}.txt", outputs: [${name}.txt]}`

  it('are ended with the helper that runs them, and then tried again one at a time', async () => {
    projectOf(...[...quick, ...slow].map(line))
    const first = project.start(['materialize', '--threads', '4'])
    for (const name of slow) await textOf(`${name}.txt`)
    const helper = Number(await textOf('ppid_s2.txt'))
    expect(helper).not.toBe(first.child.pid)
    process.kill(helper, 'SIGKILL')
    const ended = await first.ended
    expect(ended.code, ended.stdout + ended.stderr).toBe(0)
    expect(ended.stdout + ended.stderr).toContain('was killed')
    // None began while an earlier one could still write.
    for (const name of slow) {
      expect(await textOf(`${name}.txt`)).toMatch(/^(begin\n(end\n)?)+begin\nend\n$/)
    }
  })
})

describe('what a Python model starts', () => {
  const MODEL = `import os, subprocess, time

def model(dbt, session):
    dbt.config(materialized='table')
    if not os.path.exists('go'):
        child = subprocess.Popen(['sleep', '4717'])
        with open('pid.txt', 'w') as file:
            file.write(f'{child.pid} {os.getpid()}\\n')
        time.sleep(600)
    return session.sql('select 1 as id')
`

  async function startDbt() {
    project = new CliProject({ ASSETS_PYTHON_ENV: await sharedPython() })
    project.write(
      'assets.yaml',
      `version: 1
project: shop
dbt: {project_dir: dbt}
default_target: local
targets: {local: {warehouse: {type: duckdb, path: .assets/shop.duckdb}}}
`,
    )
    project.write('dbt/dbt_project.yml', 'name: shop\nprofile: shop\n')
    project.write(
      'dbt/profiles.yml',
      `shop: {target: local, outputs: {local: {type: duckdb, path: "{{ env_var('DBT_DUCKDB_PATH', 'elsewhere') }}"}}}\n`,
    )
    project.write('dbt/models/slow.py', ofThisTest(MODEL))
    const first = project.start(['materialize'])
    const text = await Promise.race([textOf('dbt/pid.txt'), first.ended])
    if (typeof text !== 'string') throw new Error(text.stdout + text.stderr)
    const [child, worker] = text.split(' ').map(Number)
    return { first, child: child!, worker: worker! }
  }

  async function resume() {
    project.write('dbt/go', '')
    const second = await project.run('materialize')
    expect(second.code, second.stderr).toBe(0)
    expect(second.stdout).toContain('1 built')
  }

  it('ends with dbt when the command line is killed', async () => {
    const { first } = await startDbt()
    first.child.kill('SIGKILL')
    await first.ended
    await resume()
    expect(running('sleep 4717')).toBe('')
  })

  it('ends when dbt is killed', async () => {
    const { first, worker } = await startDbt()
    process.kill(worker, 'SIGKILL')
    expect((await first.ended).code).toBe(1)
    expect(running('sleep 4717')).toBe('')
    await resume()
  })
})
