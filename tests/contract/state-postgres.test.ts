import pg from 'pg'
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

describe('clients whose clocks are wrong', () => {
  const HOUR = 3_600_000
  const REQUEST = { target: 'prod', command: 'materialize', job: null }

  test('neither take a live lease over, nor hold one for longer', async () => {
    const settings = adapter(await server.database())
    const client = async (name: string, ahead: number) =>
      value(
        await create(settings, {
          clock: () => Date.now() + ahead,
          processes: {
            self: { host: name, realm: name, pid: 1, started: '1' },
            isAlive: ({ realm }) => (realm === name ? true : null),
          },
        }),
      )
    const right = await client('right', 0)
    const fast = await client('fast', 24 * HOUR)
    const slow = await client('slow', -24 * HOUR)
    const held = { busy: true, isUnsure: false }
    for (const [holder, others] of [
      [right, [fast, slow]],
      [fast, [right, slow]],
      [slow, [right, fast]],
    ] as const) {
      const lease = leased(value(await holder.acquire(REQUEST)))
      value(await lease.write([{ change: 'commit', record: record('a') }]))
      for (const other of others) {
        expect(value(await other.acquire(REQUEST))).toMatchObject({ ...held, run: lease.run })
      }
      const admin = new pg.Client(settings.settings.url)
      await admin.connect()
      const { rows } = await admin.query(
        'select abs(heartbeat - extract(epoch from clock_timestamp()) * 1000) < 60000 as is_now from assets.leases',
      )
      expect(rows).toEqual([{ is_now: true }])
      await admin.query('update assets.leases set heartbeat = heartbeat - 60000')
      await admin.end()
      const taker = leased(value(await others[0].acquire(REQUEST)))
      expect(await lease.write([{ change: 'commit', record: record('b') }])).toMatchObject({
        ok: false,
        problems: [{ code: 'lease-lost', message: expect.stringContaining(`run ${taker.run} on`) }],
      })
      value(await taker.release(SUCCEEDED))
    }
    for (const each of [right, fast, slow]) await each.close()
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
