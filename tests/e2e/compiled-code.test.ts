import { spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { REPOSITORY } from '../rig/cli.ts'

// Commands run from V8 code that an earlier command cached (decisions/0004). A missing, damaged or
// read-only cache changes no answer, and an unusable cache file is replaced.

let root: string
let dist: string

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'assets-code-'))
  chmodSync(root, 0o755)
  dist = join(root, 'dist')
  // Without the files that commands of other tests are writing.
  const isWhole = (file: string) => !/\.code\.\d+$/.test(file)
  cpSync(join(REPOSITORY, 'dist'), dist, { recursive: true, filter: isWhole })
  cpSync(join(REPOSITORY, 'package.json'), join(root, 'package.json'))
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'))
  // The bundle writes the cache for one version of Node. Another version writes its own with a first command.
  if (!existsSync(cacheFile())) await help()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** The cache of the program for the Node that runs this test. Other versions may have left theirs. */
const cacheFile = () => {
  const program = readdirSync(dist).find((name) => /^program-[A-Z0-9]+\.js$/.test(name))!
  return join(dist, `${program}.${process.version}-${process.arch}.code`)
}
const cacheInode = () => statSync(cacheFile()).ino

interface HelpOptions {
  readonly flags?: readonly string[]
  readonly uid?: number
}

function help({
  flags = [],
  uid,
}: HelpOptions = {}): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [...flags, join(dist, 'main.js'), 'plan', '--help'], {
    cwd: root,
    env: { PATH: process.env.PATH },
    ...(uid === undefined ? {} : { uid }),
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, text })))
}

const ANSWER = { code: 0, text: expect.stringContaining('what materialize would build') }

it('a command uses the cache that is there and does not rewrite it', async () => {
  const before = cacheInode()
  expect(await help()).toEqual(ANSWER)
  expect(cacheInode()).toBe(before)
})

it.each<[string, (whole: Buffer) => Buffer]>([
  ['truncated', (whole) => whole.subarray(0, whole.length >> 1)],
  ['empty', () => Buffer.alloc(0)],
  ['full of zeros', (whole) => Buffer.alloc(whole.length)],
  [
    'one bit flipped',
    (whole) => whole.with(whole.length >> 1, whole[whole.length >> 1]! ^ 1) as Buffer,
  ],
])('a damaged cache (%s) is ignored and replaced', async (_, damage) => {
  writeFileSync(cacheFile(), damage(readFileSync(cacheFile())))
  const before = cacheInode()
  expect(await help()).toEqual(ANSWER)
  const replaced = cacheInode()
  expect(replaced).not.toBe(before)
  expect(await help()).toEqual(ANSWER)
  expect(cacheInode()).toBe(replaced)
})

it('a command with other V8 flags ignores the cache and does not replace it', async () => {
  const before = cacheInode()
  expect(await help({ flags: ['--max-lazy'] })).toEqual(ANSWER)
  expect(cacheInode()).toBe(before)
})

it('several commands that write the cache at once leave one complete file', async () => {
  rmSync(cacheFile())
  const answers = await Promise.all([help(), help(), help(), help()])
  expect(answers).toEqual([ANSWER, ANSWER, ANSWER, ANSWER])
  const before = cacheInode()
  expect(await help()).toEqual(ANSWER)
  expect(cacheInode()).toBe(before)
  expect(readdirSync(dist).filter((name) => /\.code\.\d+$/.test(name))).toEqual([])
})

it('a command answers when the cache cannot be replaced, and leaves no temporary file', async () => {
  const file = cacheFile()
  rmSync(file)
  mkdirSync(file)
  expect(await help()).toEqual(ANSWER)
  expect(readdirSync(dist).filter((name) => /\.code\.\d+$/.test(name))).toEqual([])
})

it.skipIf(process.getuid?.() !== 0)(
  'a command answers a user without write permission (needs root)',
  async () => {
    rmSync(cacheFile())
    const before = readdirSync(dist)
    expect(await help({ uid: 65_534 })).toEqual(ANSWER)
    expect(readdirSync(dist)).toEqual(before)
  },
)
