import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { observeFiles } from '../../../framework/kinds/observe-files.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-files-'))
  writeFileSync(join(root, 'a.csv'), 'one')
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(root, { recursive: true })
})

/** What an observation of the file records. */
async function seen(): Promise<{ version: string | null; token: string | null }> {
  const found = await observeFiles(root, ['a.csv'], null)
  if (found.state !== 'present') throw new Error(found.state)
  return { version: found.version, token: found.token }
}

test('a file with the recorded token is not read', async () => {
  const recorded = await seen()
  expect(await observeFiles(root, ['a.csv'], recorded)).toEqual({ state: 'recorded' })
})

test('the token of a file that changed in the future proves nothing: the file is read', async () => {
  const recorded = await seen()
  const before = Date.now() - 86_400_000
  vi.spyOn(Date, 'now').mockReturnValue(before)
  expect(await observeFiles(root, ['a.csv'], recorded)).toMatchObject({
    state: 'present',
    version: recorded.version,
  })
})
