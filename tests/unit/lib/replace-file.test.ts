import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newName, removeAbandonedFiles, replaceFile } from '../../../framework/lib/replace-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assets-replace-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a file is replaced whole, and nothing else stays', () => {
  const file = join(folder, 'a')
  for (const text of ['one', 'two']) replaceFile(file, text)
  expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['a'], 'two'])
})

test('new files of processes that have ended are removed, and no others', () => {
  const { pid } = spawnSync('true')
  const own = newName('a')
  for (const name of ['a', own, `a.new-${pid}`, `b.new-${pid}.txt`])
    writeFileSync(join(folder, name), '')
  removeAbandonedFiles(folder)
  expect(readdirSync(folder).sort()).toEqual(['a', own, `b.new-${pid}.txt`].sort())
  removeAbandonedFiles(join(folder, 'missing'))
})
