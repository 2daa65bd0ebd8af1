import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readInitScripts } from '../../../framework/connections/postgres/embedded/init-scripts.ts'
import { writeSourceState } from '../../../framework/connections/postgres/embedded/source-state.ts'
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

/** Writes the state of a source that the current init file created. */
function make(): void {
  const at = { file: 'assets.yaml', path: [] }
  const origin = readInitScripts(root, { ...EMBEDDED, settings: {} }, at)
  if (!origin.ok) throw new Error(origin.problems[0]?.message)
  const folder = join(root, '.assets', 'source', 'shop')
  for (const part of ['global', 'base', 'pg_wal']) {
    mkdirSync(join(folder, 'data', part), { recursive: true })
  }
  for (const file of ['PG_VERSION', 'global/pg_control']) {
    writeFileSync(join(folder, 'data', file), '')
  }
  const state = { uuid: 'u', clean: true, snapshot: 's', origin: origin.value.hash }
  writeSourceState(folder, { ...state, lives: [], boot: null })
}

test('a source that does not exist is not created', async () => {
  expect(await examined()).toEqual(['ok init files', 'ok embedded source'])
  expect(await examined()).toEqual(['ok init files', 'ok embedded source'])
})

test('a source whose init files changed', async () => {
  make()
  expect(await examined()).toEqual(['ok init files', 'ok embedded source'])
  writeFileSync(join(root, 'init.sql'), 'create table made (x int, y int);')
  expect(await examined()).toEqual(['ok init files', 'ok embedded source', 'warning origin'])
})

test('a source whose init file is missing', async () => {
  rmSync(join(root, 'init.sql'))
  expect(await examined()).toEqual(['bad init files', 'ok embedded source'])
})
