import type { Json } from '../../../framework/lib/json.ts'
import type { Warehouse } from '../../../framework/ports/warehouse.ts'
import { logIn, type Statement } from '../../../framework/warehouses/snowflake/driver.ts'
import { create } from '../../../framework/warehouses/snowflake/index.ts'
import { type SiteOptions, siteOf } from '../../contract/suites/site.ts'
import { must } from '../../contract/suites/warehouse.ts'

const AT = { file: 'assets.yaml', path: ['targets', 'prod', 'warehouse'] }

export interface AccountOptions extends Partial<SiteOptions> {
  readonly settings?: Readonly<Record<string, Json>>
}

/** The warehouse of a project whose target is a database of the look-alike, or of a proxy in front of it. */
export function snowflakeAt(
  url: string,
  database: string,
  options: AccountOptions = {},
): Warehouse {
  const { settings, ...site } = options
  const all = {
    access_url: url,
    account: 'lookalike',
    user: 'robot',
    password: 'hunter22',
    database,
  }
  const adapter = { type: 'snowflake', settings: { ...all, ...settings }, at: AT }
  return must(create(adapter, siteOf({ root: '/nowhere', ...site })))
}

/** Runs statements one after another, like another program with the account. */
export async function runAt(url: string, database: string, ...statements: string[]) {
  const link = await logIn({
    account: 'lookalike',
    user: 'somebody',
    role: null,
    warehouse: null,
    database,
    schema: 'PUBLIC',
    accessUrl: url,
    login: { how: 'password', password: 'hunter22', passcode: null },
    statementTimeout: 60_000,
    loginTimeout: 60_000,
    hashUpTo: 0,
  })
  try {
    let rows: readonly (readonly unknown[])[] = []
    for (const sql of statements) rows = await rowsOf(await link.send(sql, { tag: 'test' }).done)
    return rows
  } finally {
    await link.close()
  }
}

async function rowsOf(statement: Statement): Promise<readonly (readonly unknown[])[]> {
  const rows: (readonly unknown[])[] = []
  for await (const row of statement.rows()) rows.push(row as readonly unknown[])
  return rows
}
