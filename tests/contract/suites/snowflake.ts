import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAt, snowflakeAt } from '../../rig/snowflake/account.ts'
import { loadAsAirbyte, spooledRows } from '../../rig/snowflake/airbyte-table.ts'
import { type Lookalike, newDatabase } from '../../rig/snowflake/server.ts'
import { must, type WarehouseUnderTest } from './warehouse.ts'

/** A new database in the look-alike. */
export async function snowflakeUnderTest(account: Lookalike): Promise<WarehouseUnderTest> {
  const root = mkdtempSync(join(tmpdir(), 'assets-snowflake-'))
  const database = newDatabase()
  const warehouse = snowflakeAt(account.url, database, { root })
  await runAt(account.url, database, 'create schema if not exists raw')
  return {
    warehouse,
    execute: async (sql) => void (await runAt(account.url, database, sql)),
    borrow: (_loan, use) => use((sql) => runAt(account.url, database, sql)),
    async fill(load) {
      const rows = await spooledRows(load)
      await loadAsAirbyte(account.url, database, load, rows)
      const session = must(await warehouse.open())
      try {
        const { relation, volatile } = load
        const fingerprint = must(await session.fingerprint(relation, { volatile }))
        return { loaded: rows.length, fingerprint }
      } finally {
        await session.close()
      }
    },
    remove: async () => rmSync(root, { recursive: true, force: true }),
  }
}
