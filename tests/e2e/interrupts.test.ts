import { writeFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CliProject, type CliResult } from '../rig/cli.ts'
import { namesByOutcome } from '../rig/events.ts'
import { makeFifo } from '../rig/fifo.ts'
import { sharedPython } from '../rig/python.ts'

// A command is stopped by SIGINT or SIGKILL as soon as it prints a given event. The same command then
// finishes the run and does not rebuild what was committed.

let env: Record<string, string>
let template: CliProject
let project: CliProject
beforeAll(async () => {
  env = { ASSETS_PYTHON_ENV: await sharedPython() }
  template = CliProject.dvdRental(env)
  await template.run('source', 'sql', 'select 1')
})
afterEach(() => project.remove())
afterAll(() => template.remove())

/** The assets that a stopped run had committed, according to the events it printed. */
function committed(stopped: CliResult): readonly string[] {
  return namesByOutcome({ ...stopped, stdout: completeLines(stopped.stdout) }).built ?? []
}

/** Drops the last line if it was cut off. */
function completeLines(stdout: string): string {
  return stdout.slice(0, stdout.lastIndexOf('\n') + 1)
}

const MOMENTS = [
  { where: 'in the loader', seen: '"event":"step_started","asset":"raw_payment"' },
  { where: 'between the loader and dbt', seen: '"event":"step_finished","asset":"raw_payment"' },
  { where: 'in dbt', seen: '"event":"step_started","asset":"fact_payment"' },
] as const

describe.each(['SIGINT', 'SIGKILL'] as const)('%s', (signal) => {
  it.each(MOMENTS)(
    '$where: the same command finishes and rebuilds nothing that was committed',
    async ({ seen }) => {
      project = CliProject.copyOf(template, env)
      const first = project.start(['materialize', 'fact_payment', '--json'])
      await first.until(seen)
      first.child.kill(signal)
      const stopped = await first.ended
      if (signal === 'SIGINT') expect(stopped.code).toBe(130)
      else expect(stopped.signal).toBe('SIGKILL')

      const before = committed(stopped)
      const second = await project.run('materialize', 'fact_payment', '--json')
      expect(second.code, second.stderr).toBe(0)
      const after = namesByOutcome(second).built ?? []
      expect(after.filter((name) => before.includes(name))).toEqual([])
      const third = await project.run('materialize', 'fact_payment')
      expect(third.stdout).toContain('nothing to do')
    },
  )
})

describe('commands', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    'after %s a program that hangs ends with the run, and its asset is interrupted',
    async (signal, code) => {
      project = new CliProject()
      project.write(
        'assets.yaml',
        `version: 1
project: hanging
default_target: local
targets: {local: {}}
assets:
  quick: {kind: command, run: "echo 1 > quick.txt", outputs: [quick.txt]}
  slow: {kind: command, deps: [quick], run: "echo started; exec sleep 600", outputs: [slow.txt]}
`,
      )
      const running = project.start(['materialize', '--json'])
      await running.until('"event":"step_started","asset":"slow"')
      running.child.kill(signal)
      expect((await running.ended).code).toBe(code)
      const status = await project.json<{
        assets: { name: string; reasons: { reason: string }[] }[]
      }>('status')
      const slow = status.assets.find(({ name }) => name === 'slow')
      expect(slow?.reasons.map(({ reason }) => reason)).toContain('interrupted')
    },
  )

  it('two runs at once: the second waits, or with --no-wait names the process that holds the lease', async () => {
    project = new CliProject()
    project.write(
      'assets.yaml',
      `version: 1
project: busy
default_target: local
targets: {local: {}}
assets:
  gated: {kind: command, run: "cat go > gated.txt", outputs: [gated.txt]}
`,
    )
    await makeFifo(project.path('go'))
    const first = project.start(['materialize', '--json'])
    await first.until('"event":"step_started","asset":"gated"')
    const refused = await project.run('materialize', '--no-wait')
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain(`process ${first.child.pid}`)
    const waiting = project.start(['materialize'])
    await waiting.until('waiting for it to finish')
    await writeFile(project.path('go'), '1\n')
    expect((await first.ended).code).toBe(0)
    const second = await waiting.ended
    expect([second.code, second.stdout]).toEqual([0, expect.stringContaining('nothing to do')])
  })
})
