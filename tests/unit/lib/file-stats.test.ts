import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileStats, preciseFileStats } from '../../../framework/lib/file-stats.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assets-stats-'))
  writeFileSync(join(folder, 'file'), 'text')
  symlinkSync('circle', join(folder, 'circle'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe.each([
  ['fileStats', fileStats],
  ['preciseFileStats', preciseFileStats],
])('%s', (_, stats) => {
  test('are those of the file', () => {
    expect(Number(stats(join(folder, 'file'))?.size)).toBe(4)
  })

  test('nothing is at a free path, nor below a file, on every version of Node', () => {
    expect(stats(join(folder, 'other'))).toBeUndefined()
    expect(stats(join(folder, 'file', 'below'))).toBeUndefined()
  })

  test('a path that leads nowhere by links is not taken for a free one', () => {
    expect(() => stats(join(folder, 'circle'))).toThrow('ELOOP')
  })
})
