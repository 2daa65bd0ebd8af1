import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

let desk: InProcessProject
afterEach(() => desk.remove())

const yaml = (assets: string) => `version: 1
project: files
assets:
${assets}`

const command = (output: string, pin = '') =>
  `  days: {kind: command, run: "mkdir -p out; echo mon | tee out/a.txt > out/b.txt", outputs: [${output}]${pin}}\n`

const statusOf = async (name: string, ...options: string[]) => {
  const line = ['status', name, '--json', ...options].join(' ')
  const [, ...text] = (await desk.show(line)).split('\n')
  const { assets } = JSON.parse(text.join('\n')) as {
    readonly assets: readonly {
      readonly verdict: string
      readonly reasons: readonly { readonly message: string }[]
    }[]
  }
  const [asset] = assets
  return [asset!.verdict, ...asset!.reasons.map(({ message }) => message)]
}

test('a command whose path changed under a pinned code version is missing, also offline', async () => {
  const pin = ', code_version: "1"'
  desk = new InProcessProject({ 'assets.yaml': yaml(command('out/a.txt', pin)) })
  await desk.show('materialize')
  expect(await statusOf('days', '--offline')).toEqual(['fresh'])
  // The same bytes are at the new path.
  desk.write('assets.yaml', yaml(command('out/b.txt', pin)))
  const moved = ['stale', 'it belongs at out/b.txt now; run 1 built it at out/a.txt']
  expect(await statusOf('days', '--offline')).toEqual(moved)
  expect(await statusOf('days')).toEqual(moved)
  const built = await desk.show('materialize')
  expect(built).toContain('out/a.txt        remains')
  expect(built).toContain('nobody can tell who reads a file')
  expect(await statusOf('days')).toEqual(['fresh'])
  expect(await desk.show('materialize --prune')).toContain('out/a.txt        remains')
  expect(existsSync(join(desk.root, 'out/a.txt'))).toBe(true)
  renameSync(join(desk.root, 'out/a.txt'), join(desk.root, 'out/kept.txt'))
  expect(await desk.show('materialize')).not.toContain('out/a.txt')
})

test('without a pin the new path is code, too', async () => {
  desk = new InProcessProject({ 'assets.yaml': yaml(command('out/a.txt')) })
  await desk.show('materialize')
  desk.write('assets.yaml', yaml(command('out/b.txt')))
  expect(await statusOf('days', '--offline')).toEqual([
    'stale',
    'it belongs at out/b.txt now; run 1 built it at out/a.txt',
    'its code changed: outputs (assets.yaml)',
  ])
})

test('what reads an external at another path is not fresh before that was observed', async () => {
  const reader = '  copy: {kind: command, deps: [sales], run: "true"}\n'
  const external = (path: string) => yaml(`  sales: {kind: external, path: ${path}}\n${reader}`)
  desk = new InProcessProject({
    'assets.yaml': external('a.csv'),
    'a.csv': 'one\n',
    'b.csv': 'two\n',
  })
  await desk.show('materialize')
  expect(await statusOf('copy', '--offline')).toEqual(['fresh'])
  desk.write('assets.yaml', external('b.csv'))
  expect(await statusOf('copy', '--offline')).toEqual([
    'stale',
    "the content of sales can't be known",
  ])
  expect(await statusOf('copy')).toEqual(['stale', 'sales changed'])
  desk.write('assets.yaml', external('a.csv'))
  expect(await statusOf('copy')).toEqual(['fresh'])
})
