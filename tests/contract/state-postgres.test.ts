import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { create } from '../../framework/state/postgres/index.ts'
import { Cable } from '../rig/cable.ts'
import { type Pooler, pgbouncer, startPooler } from '../rig/pgbouncer.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'
import { leased, record, SUCCEEDED, value } from './suites/state.ts'
import { stateContract } from './suites/state-contract.ts'

const at = { file: 'assets.yaml', path: ['targets', 'prod', 'state'] }
const adapter = (url: string) => ({ type: 'postgres', settings: { url, schema: 'assets' }, at })

let server: PostgresRig
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

stateContract('postgres', async () => {
  const settings = adapter(await server.database())
  return {
    open: async (who) => value(await create(settings, who)),
    remove: async () => {},
  }
})

describe.skipIf(pgbouncer === null)('through pgbouncer (needs it installed)', () => {
  let pooler: Pooler
  beforeAll(async () => {
    pooler = await startPooler(pgbouncer!, new URL(await server.database()))
  })
  afterAll(() => pooler.stop())

  stateContract('postgres behind pgbouncer, transaction pooling', async () => {
    const settings = adapter(pooler.over(await server.database()))
    return {
      open: async (who) => value(await create(settings, who)),
      remove: async () => {},
    }
  })
})

describe('round trips to the server', () => {
  test('of a command that builds nothing: few, at any latency', async () => {
    const cable = await Cable.to(server.port)
    const settings = adapter(cable.over(await server.database()))
    const built = value(await create(settings, { clock: Date.now }))
    const lease = leased(
      value(await built.acquire({ target: 'prod', command: 'materialize', job: null })),
    )
    value(await lease.write([{ change: 'commit', record: record('a') }]))
    value(await lease.release(SUCCEEDED))
    await built.close()

    cable.turns = 0
    const state = value(await create(settings, { clock: Date.now }))
    const opening = cable.turns
    value(await state.snapshot('prod', 'index'))
    const reading = cable.turns - opening
    await state.close()
    await cable.remove()
    // Start-up, two for SCRAM, and the schema number; then all queries together.
    expect({ opening, reading }).toEqual({ opening: 4, reading: 1 })
  })
})
