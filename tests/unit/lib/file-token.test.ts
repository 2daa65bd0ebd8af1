import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileToken } from '../../../framework/lib/file-token.ts'

const NOON = Date.UTC(2026, 0, 1, 12)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assets-token-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('changes with the file, and proves nothing of one that was written a moment ago or in the future', () => {
  const file = join(folder, 'state')
  const at = (text: string, seconds: number) => {
    writeFileSync(file, text)
    utimesSync(file, 0, NOON / 1_000 + seconds)
    return fileToken(file, NOON)
  }
  expect(fileToken(file, NOON)).toBe('absent')
  const first = at('one', -10)
  expect(first).not.toBeNull()
  expect(at('one', -10)).toBe(first)
  expect(at('three', -10)).not.toBe(first)
  expect(at('two', -9)).not.toBe(first)
  symlinkSync('circle', join(folder, 'circle'))
  expect(fileToken(join(folder, 'circle'), NOON)).toBeNull()
  expect([at('one', -1), at('one', 0), at('one', 60)]).toEqual([null, null, null])
})
