import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { filesMatching } from '../../../framework/kinds/file-paths.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-paths-'))
  for (const file of ['a.csv', 'data/b.csv', '.assets/against/c0ffee/a.csv', '.assets/out/d.csv']) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), '')
  }
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('a pattern does not match the files of this program, unless it names their folder', () => {
  expect(filesMatching(root, '**/*.csv')).toEqual(['a.csv', 'data/b.csv'])
  expect(filesMatching(root, '.assets/out/*.csv')).toEqual(['.assets/out/d.csv'])
})
