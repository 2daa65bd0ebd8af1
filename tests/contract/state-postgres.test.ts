import { afterAll, beforeAll } from 'vitest'
import { create } from '../../framework/state/postgres/index.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'
import { stateContract, value } from './suites/state.ts'

let server: PostgresRig
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

stateContract('postgres', async () => {
  const settings = { url: await server.database(), schema: 'assets' }
  const adapter = {
    type: 'postgres',
    settings,
    at: { file: 'assets.yaml', path: ['targets', 'prod', 'state'] },
  }
  return {
    open: async (who) => value(await create(adapter, who)),
    remove: async () => {},
  }
})
