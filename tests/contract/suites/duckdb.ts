import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuckdb, type Rows } from '../../../framework/engines/duckdb/engine.ts'
import type { Json } from '../../../framework/lib/json.ts'
import type { Warehouse } from '../../../framework/ports/warehouse.ts'
import { create } from '../../../framework/warehouses/duckdb/index.ts'
import { type SiteOptions, siteOf } from './site.ts'
import { must, type WarehouseUnderTest } from './warehouse.ts'

const AT = { file: 'assets.yaml', path: ['targets', 'local', 'warehouse'] }

/** The warehouse of a project in `root`, by default at `.assets/warehouse.duckdb`. */
export function duckdbIn(
  root: string,
  settings: Readonly<Record<string, Json>> = {},
  options: Partial<SiteOptions> = {},
): Warehouse {
  const all = { path: '.assets/warehouse.duckdb', ...settings }
  return must(create({ type: 'duckdb', settings: all, at: AT }, siteOf({ root, ...options })))
}

/** Runs SQL on a warehouse like dbt: in a separate instance, during a loan. */
export async function borrowing(warehouse: Warehouse, sql: string): Promise<Rows> {
  return must(
    await warehouse.lend(async (loan) => {
      const engine = await openDuckdb(loan.env.DBT_DUCKDB_PATH!)
      const connection = await engine.connect()
      try {
        return await connection.run(sql)
      } finally {
        connection.close()
        engine.close()
      }
    }),
  )
}

export async function duckdbUnderTest(): Promise<WarehouseUnderTest> {
  const root = mkdtempSync(join(tmpdir(), 'assets-duckdb-'))
  const warehouse = duckdbIn(root)
  return {
    warehouse,
    execute: async (sql) => void (await borrowing(warehouse, sql)),
    async borrow(loan, use) {
      const engine = await openDuckdb(loan.env.DBT_DUCKDB_PATH!)
      const connection = await engine.connect()
      try {
        return await use(connection.run)
      } finally {
        connection.close()
        engine.close()
      }
    },
    remove: async () => rmSync(root, { recursive: true, force: true }),
  }
}
