import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readOrigin } from '../../../framework/connections/postgres/embedded/origin.ts'
import { writeToken } from '../../../framework/connections/postgres/embedded/token.ts'
import { examine } from '../../../framework/connections/postgres/health/health.ts'
import { factSummaries, healthSubject } from '../../rig/health.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-embedded-'))
  writeFileSync(join(root, 'init.sql'), 'create table made (x int);')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const EMBEDDED = { init: ['init.sql'] }
const examined = () =>
  factSummaries(examine(healthSubject({ url: 'embedded', embedded: EMBEDDED }, { root })))

/** As though the source had been made, from the init file as it is now. */
function make(): void {
  const at = { file: 'assets.yaml', path: [] }
  const origin = readOrigin(root, { ...EMBEDDED, settings: {} }, at)
  if (!origin.ok) throw new Error(origin.problems[0]?.message)
  const folder = join(root, '.assets', 'source', 'shop')
  mkdirSync(folder, { recursive: true })
  writeToken(folder, { uuid: 'u', clean: true, snapshot: 's', origin: origin.value.hash })
}

test('one that was not made yet, and is not made now', async () => {
  expect(await examined()).toEqual(['ok init files', 'ok embedded source'])
  expect(await examined()).toEqual(['ok init files', 'ok embedded source'])
})

test('one that was made, and then its init files changed', async () => {
  make()
  expect(await examined()).toEqual(['ok init files', 'ok embedded source'])
  writeFileSync(join(root, 'init.sql'), 'create table made (x int, y int);')
  expect(await examined()).toEqual(['ok init files', 'ok embedded source', 'warning origin'])
})

test('one whose init file is gone', async () => {
  rmSync(join(root, 'init.sql'))
  expect(await examined()).toEqual(['bad init files', 'ok embedded source'])
})
