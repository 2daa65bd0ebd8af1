import { spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
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

// Commands run from code that an earlier one compiled (decisions/0004). Whatever became of that, they
// answer the same, and what could not be used is made anew.

let root: string
let dist: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-code-'))
  chmodSync(root, 0o755)
  dist = join(root, 'dist')
  cpSync(join(REPOSITORY, 'dist'), dist, { recursive: true })
  cpSync(join(REPOSITORY, 'package.json'), join(root, 'package.json'))
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const kept = () => join(dist, readdirSync(dist).find((name) => /^program-.*\.code$/.test(name))!)
const identity = () => statSync(kept()).ino

interface Asked {
  readonly flags?: readonly string[]
  readonly uid?: number
}

function help({ flags = [], uid }: Asked = {}): Promise<{ code: number | null; text: string }> {
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

it('uses what the bundle left, and leaves it alone', async () => {
  const before = identity()
  expect(await help()).toEqual(ANSWER)
  expect(identity()).toBe(before)
})

it.each<[string, (whole: Buffer) => Buffer]>([
  ['half', (whole) => whole.subarray(0, whole.length >> 1)],
  ['nothing', () => Buffer.alloc(0)],
  ['zeros', (whole) => Buffer.alloc(whole.length)],
  [
    'one bit less',
    (whole) => whole.with(whole.length >> 1, whole[whole.length >> 1]! ^ 1) as Buffer,
  ],
])('does without code of which there is %s, and makes it anew', async (_, damage) => {
  writeFileSync(kept(), damage(readFileSync(kept())))
  const before = identity()
  expect(await help()).toEqual(ANSWER)
  const mended = identity()
  expect(mended).not.toBe(before)
  expect(await help()).toEqual(ANSWER)
  expect(identity()).toBe(mended)
})

it('does without code that other flags of V8 made, and leaves it to those who use it', async () => {
  const before = identity()
  expect(await help({ flags: ['--max-lazy'] })).toEqual(ANSWER)
  expect(identity()).toBe(before)
})

it('lets several commands at once keep it, one whole file in the end', async () => {
  rmSync(kept())
  const answers = await Promise.all([help(), help(), help(), help()])
  expect(answers).toEqual([ANSWER, ANSWER, ANSWER, ANSWER])
  const before = identity()
  expect(await help()).toEqual(ANSWER)
  expect(identity()).toBe(before)
  expect(readdirSync(dist).filter((name) => /\.code\.\d+$/.test(name))).toEqual([])
})

it('answers where the code can not be replaced, and leaves nothing half made', async () => {
  const file = kept()
  rmSync(file)
  mkdirSync(file)
  expect(await help()).toEqual(ANSWER)
  expect(readdirSync(dist).filter((name) => /\.code\.\d+$/.test(name))).toEqual([])
})

it.skipIf(process.getuid?.() !== 0)('answers a user who may not write there', async () => {
  rmSync(kept())
  const before = readdirSync(dist)
  expect(await help({ uid: 65_534 })).toEqual(ANSWER)
  expect(readdirSync(dist)).toEqual(before)
})
