import { afterAll, describe } from 'vitest'
import { startLookalike } from '../rig/snowflake/server.ts'
import { snowflakeUnderTest } from './suites/snowflake.ts'
import { warehouseContract } from './suites/warehouse.ts'

const account = await startLookalike()
afterAll(() => account?.close())

describe.skipIf(account === null)('on the look-alike', () => {
  warehouseContract('Snowflake', () => snowflakeUnderTest(account!), {
    loads: false,
    tellsWidths: false,
  })
})
