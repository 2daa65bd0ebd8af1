import type { ChildProcess, StdioOptions } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CliProject, launch } from '../rig/cli.ts'

// A run goes on when its output can't be written. A command that only prints never says that it is done then.

let project: CliProject
beforeEach(() => {
  project = new CliProject()
  const assets = ['a', 'b', 'c'].map(
    (name, at, all) =>
      `  ${name}: {kind: command, deps: [${all.slice(0, at)}], run: "sleep 0.2; echo ${name} > ${name}.txt", outputs: [${name}.txt]}\n`,
  )
  // Their names are more than any pipe holds while nobody reads.
  const many = Array.from(
    { length: 5_600 },
    (_, at) => `  of_no_interest_${'x'.repeat(150)}_${at}: {kind: external, path: x}\n`,
  )
  project.write(
    'assets.yaml',
    `version: 1\nproject: lost\nassets:\n${[...assets, ...many].join('')}`,
  )
})
afterEach(() => project.remove())

const built = () => ['a', 'b', 'c'].filter((name) => existsSync(project.path(`${name}.txt`)))

/** Runs a command whose stdout is closed after its first output. */
async function closed(...args: readonly string[]) {
  const child = launch(args, project.root, ['ignore', 'pipe', 'pipe'])
  child.stdout!.once('data', () => child.stdout!.destroy())
  return ended(child)
}

/** Runs a command of which one output goes to a full disk. */
async function full(output: 'stdout' | 'stderr', ...args: readonly string[]) {
  const disk = openSync('/dev/full', 'w')
  const stdio: StdioOptions =
    output === 'stdout' ? ['ignore', disk, 'pipe'] : ['ignore', 'pipe', disk]
  const child = launch(args, project.root, stdio)
  child.stdout?.resume()
  return ended(child)
}

async function ended(child: ChildProcess): Promise<readonly [code: number | null, stderr: string]> {
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return [code, stderr]
}

const BUILD = ['materialize', 'a', 'b', 'c'] as const

test('a reader that goes away does not end a run', async () => {
  expect(await closed(...BUILD, '--json')).toEqual([0, ''])
  expect(built()).toEqual(['a', 'b', 'c'])
  expect((await project.run('status', 'a', 'b', 'c')).stdout).toContain('3 fresh')
})

test('a command that only prints says that its reader went away', async () => {
  expect(await closed('list', '--json')).toEqual([141, ''])
  expect(await closed('status', '--all')).toEqual([141, ''])
  expect(await closed('materialize', '--dry-run', '--json')).toEqual([141, ''])
})

describe.skipIf(!existsSync('/dev/full'))('a full disk (needs /dev/full)', () => {
  test('under the output of a run does not end it', async () => {
    expect((await full('stdout', ...BUILD))[0]).toBe(0)
    expect(built()).toEqual(['a', 'b', 'c'])
  })

  test('under the messages of a run does not end it', async () => {
    expect((await full('stderr', ...BUILD))[0]).toBe(0)
    expect(built()).toEqual(['a', 'b', 'c'])
  })

  test('under the output of a command that only prints is an error', async () => {
    const refused = 'error  the output could not be written: ENOSPC\n'
    expect(await full('stdout', 'list')).toEqual([1, refused])
    expect(await full('stdout', '--help')).toEqual([1, refused])
    expect(await full('stdout', 'status', '--json')).toEqual([1, refused])
    expect((await full('stderr', 'list'))[0]).toBe(0)
  })
})
