import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { CliProject } from '../rig/cli.ts'

// A command line is killed while its programs run. Nothing that it started goes on, and the same command
// builds everything once.

const SLOW = `slow: {kind: command, run: ": > out.txt; for i in 1 2 3 4 5 6 7 8; do sleep 0.4; echo row $i >> out.txt; done", outputs: [out.txt]}`
const ROWS = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `row ${n}\n`).join('')

let project: CliProject
afterEach(() => project.remove())

function projectOf(...assets: readonly string[]): CliProject {
  project = new CliProject()
  const lines = assets.map((asset) => `  ${asset}\n`).join('')
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

/** The processes that run with this text in their command line. */
function running(text: string): string {
  const all = execFileSync('ps', ['-e', '-o', 'pid=,stat=,args='], { encoding: 'utf8' })
  const isOne = (line: string) => line.includes(text) && !/^\s*\d+\s+Z/.test(line)
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
  const names = Array.from({ length: 40 }, (_, i) => `p${i}`)
  const line = (name: string) =>
    `${name}: {kind: command, retries: 1, run: "echo $PPID > ppid_${name}.txt; echo begin >> ${name}.txt; sleep 0.3; echo end >> ${name}.txt", outputs: [${name}.txt]}`

  it('are ended with the helper that runs them, and then tried again one at a time', async () => {
    projectOf(...names.map(line))
    const first = project.start(['materialize', '--threads', '4'])
    await textOf('p20.txt')
    const helper = Number(await textOf('ppid_p20.txt'))
    expect(helper).not.toBe(first.child.pid)
    process.kill(helper, 'SIGKILL')
    const ended = await first.ended
    expect(ended.code, ended.stdout + ended.stderr).toBe(0)
    expect(ended.stdout + ended.stderr).toContain('was killed')
    // A program that was ended has no end; no line was written while another one ran.
    for (const name of names) {
      expect(await textOf(`${name}.txt`)).toMatch(/^(begin\n)*begin\nend\n$/)
    }
  })
})
