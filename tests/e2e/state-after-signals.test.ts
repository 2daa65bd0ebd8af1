import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { CliProject } from '../rig/cli.ts'

// Copying the file of the state is a backup, however the command ended (SEMANTICS 49b).

const STATE = '.assets/state.sqlite'

let project: CliProject
afterEach(() => project.remove())

const logSize = () => statSync(project.path(`${STATE}-wal`)).size

async function start(signal: NodeJS.Signals) {
  project = new CliProject()
  project.write(
    'assets.yaml',
    `version: 1
project: kept
default_target: local
targets: {local: {}}
assets:
  quick: {kind: command, run: "echo 1 > quick.txt", outputs: [quick.txt]}
  slow: {kind: command, deps: [quick], run: "exec sleep 600", outputs: [slow.txt]}
`,
  )
  const running = project.start(['materialize', '--json'])
  await running.until('"event":"step_started","asset":"slow"')
  running.child.kill(signal)
  await running.ended
}

/** The verdicts by the main file alone. */
async function statusOfCopy(): Promise<string> {
  copyFileSync(project.path(STATE), project.path('copy.sqlite'))
  for (const file of readdirSync(project.path('.assets'))) {
    if (file.startsWith('state.sqlite')) rmSync(project.path(`.assets/${file}`))
  }
  mkdirSync(project.path('.assets'), { recursive: true })
  copyFileSync(project.path('copy.sqlite'), project.path(STATE))
  return (await project.run('status', '--offline')).stdout
}

test('the file alone is a backup after Ctrl-C', async () => {
  await start('SIGINT')
  expect(logSize()).toBe(0)
  expect(await statusOfCopy()).toContain('run 1 was stopped before it finished')
})

test('the file alone is a backup after the command that follows a kill', async () => {
  await start('SIGKILL')
  expect(logSize()).toBeGreaterThan(0)
  const { stdout } = await project.run('status', '--offline')
  expect(stdout).toContain('run 1 began it and did not finish')
  expect(logSize()).toBe(0)
  expect(await statusOfCopy()).toBe(stdout)
})
