import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Random } from '../property/random.ts'
import { InProcessProject } from '../rig/in-process.ts'

// What is below `.assets/cache` can be damaged in any way: the same command makes it again (SEMANTICS 49e). The caches of
// dbt's project and of the last answer are in `e2e/damaged-caches`.

const YAML = `version: 1
project: shop
include: [more/*.yaml]
defaults: {kind: command}
assets:
  in: {kind: external, path: in.txt}
  a: {run: "cp in.txt a.txt", outputs: [a.txt], deps: [in], description: hello}
`
const MORE =
  'defaults: {kind: command}\nassets: {b: {run: [cp, a.txt, b.txt], outputs: [b.txt], deps: [a], code: [build.sh]}}\n'
const FLIPS = 60

let desk: InProcessProject
const cache = () => join(desk.root, '.assets/cache')
const files = () =>
  readdirSync(cache(), { recursive: true })
    .map(String)
    .filter((file) => statSync(join(cache(), file)).isFile())
    .sort()

/** What commands print that read all caches. */
async function answers(): Promise<unknown> {
  const answer = (await desk.json('status --json')) as { observed_at: unknown }
  return [
    await desk.show('check'),
    { ...answer, observed_at: null },
    await desk.show('list --json'),
    await desk.show('why b'),
    await desk.show('plan --force'),
    await desk.show('runs'),
  ].map((one) => (typeof one === 'string' ? one.replaceAll(/ago|\d+ (min|h)/g, '') : one))
}

beforeEach(async () => {
  desk = new InProcessProject({
    'assets.yaml': YAML,
    'more/b.yaml': MORE,
    'in.txt': '1',
    'build.sh': '',
  })
  await desk.show('materialize')
  await desk.show('status')
})
afterEach(() => desk.remove())

test('the caches are those that are damaged here', () => {
  expect(files().map((file) => file.replace(/[0-9a-f]{32}/, '*'))).toEqual([
    'command-local.bin',
    'compiled/*.json',
    'compiled/*.json',
    'completion-runs-local.json',
    'completion.bin',
    'project.bin',
  ])
})

type Damage = (path: string, bytes: Buffer) => void

const DAMAGES: readonly (readonly [string, Damage])[] = [
  ['empty', (path) => writeFileSync(path, '')],
  ['cut', (path, bytes) => writeFileSync(path, bytes.subarray(0, bytes.length / 2))],
  ['other text', (path) => writeFileSync(path, '{"format":7}\n')],
  ['all zero', (path, bytes) => writeFileSync(path, Buffer.alloc(bytes.length))],
  [
    'a folder',
    (path) => {
      rmSync(path)
      mkdirSync(join(path, 'in/it'), { recursive: true })
    },
  ],
]

describe.each(DAMAGES)('a cache that is %s', (_, damage) => {
  test('is made again by the same command, whichever it is', async () => {
    const expected = await answers()
    for (const file of files()) {
      const path = join(cache(), file)
      const bytes = readFileSync(path)
      damage(path, bytes)
      expect(await answers(), file).toEqual(expected)
      expect(readFileSync(path).length, file).toBeGreaterThan(0)
    }
  })
})

test('a flipped bit in a cache changes no answer', async () => {
  const random = new Random(49)
  const expected = await answers()
  for (let flip = 0; flip < FLIPS; flip += 1) {
    const path = join(cache(), random.pick(files())!)
    const bytes = readFileSync(path)
    const at = random.below(bytes.length)
    bytes[at]! ^= 1 << random.below(8)
    writeFileSync(path, bytes)
    expect(await answers(), `${path}, byte ${at}`).toEqual(expected)
  }
})

test.each(['', 'compiled'])(
  'a file in the place of the folder cache/%s is replaced',
  async (folder) => {
    const expected = await answers()
    const path = join(cache(), folder)
    rmSync(path, { recursive: true })
    writeFileSync(path, 'x')
    desk.write('more/b.yaml', `${MORE}# changed\n`)
    expect(await answers()).toEqual(expected)
    expect(statSync(path).isDirectory()).toBe(true)
  },
)
