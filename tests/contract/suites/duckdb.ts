import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuckdb, type Rows } from '../../../framework/engines/duckdb/engine.ts'
import { type DuckdbLibrary, duckdbLibrary } from '../../../framework/engines/duckdb/library.ts'
import type { Json } from '../../../framework/lib/json.ts'
import type { PythonLibrary } from '../../../framework/ports/site.ts'
import type { Loan, RunSql, Warehouse } from '../../../framework/ports/warehouse.ts'
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
  return must(await warehouse.lend((loan) => asBorrower(loan, openDuckdb, (run) => run(sql))))
}

/** Runs `use` with a connection to a lent file, like dbt. */
async function asBorrower<T>(
  loan: Loan,
  open: DuckdbLibrary['open'],
  use: (run: RunSql) => Promise<T>,
): Promise<T> {
  const engine = await open(loan.env.DBT_DUCKDB_PATH!)
  const connection = await engine.connect()
  try {
    return await use(connection.run)
  } finally {
    connection.close()
    await engine.close()
  }
}

/** A warehouse whose dbt has this DuckDB. */
export async function duckdbUnderTest(library?: PythonLibrary): Promise<WarehouseUnderTest> {
  const root = mkdtempSync(join(tmpdir(), 'assets-duckdb-'))
  const warehouse = duckdbIn(root, {}, library === undefined ? {} : { library })
  const { open } = await duckdbLibrary(library ?? null)
  return {
    warehouse,
    async execute(sql) {
      must(await warehouse.lend((loan) => asBorrower(loan, open, (run) => run(sql))))
    },
    borrow: (loan, use) => asBorrower(loan, open, use),
    remove: async () => rmSync(root, { recursive: true, force: true }),
  }
}
