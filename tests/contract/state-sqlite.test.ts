import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from '../../framework/state/sqlite/index.ts'
import { stateContract, value } from './suites/state.ts'

const SETTINGS = { type: 'sqlite', settings: {}, at: { file: 'assets.yaml', path: [] } }

stateContract('sqlite', async () => {
  const root = mkdtempSync(join(tmpdir(), 'assets-state-'))
  return {
    open: async (who) => value(await create(SETTINGS, { root, ...who })),
    remove: async () => rmSync(root, { recursive: true, force: true }),
  }
})
