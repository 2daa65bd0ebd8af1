import { createRedactor } from '../../lib/redact.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Site } from '../../ports/site.ts'
import type { Warehouse } from '../../ports/warehouse.ts'
import { SharedConnection } from './connection.ts'
import { dbtEnv, dbtPlace } from './dbt-env.ts'
import { secretsOf } from './login.ts'
import { OtherDatabases } from './other-databases.ts'
import type { AccountLabel } from './problems.ts'
import { createReader } from './reader.ts'
import { scratchOf } from './scratch.ts'
import { scratchOwner } from './scratch-owner.ts'
import { openSession, sqlClientOver } from './session.ts'
import { settingsOf } from './settings.ts'

/** How long removing scratch schemas may take at the end of a loan, even after Ctrl-C. */
const CLEAN_UP_TIMEOUT_MS = 60_000

/**
 * A database of a Snowflake account as a warehouse. The settings are described in `declaration.ts`. Opens
 * nothing. Problems: missing or contradictory settings.
 */
export function create(adapter: AdapterSettings, site: Site): Result<Warehouse> {
  const read = settingsOf(adapter, site)
  if (!read.ok) return read
  const settings = read.value
  const { login, account, accessUrl, schema, hashUpTo } = settings
  const database = settings.database.toUpperCase()
  const label: AccountLabel = {
    name: `${settings.database} on ${account ?? new URL(accessUrl!).host}`,
    redact: createRedactor([...site.target.secrets, ...secretsOf(login)]),
  }
  const others = new OtherDatabases(settings.role)
  const readerSettings = { database, schema, others, hashUpTo }
  const connection = new SharedConnection(settings, label, site.clock)
  let hasSwept = false

  const dbt = dbtPlace(settings)

  return ok({
    type: 'snowflake',
    // Sessions don't exclude each other.
    resource: null,
    dbt,
    // A database has no change token, only its tables have. Reading those needs no virtual warehouse.
    changeToken: async () => null,
    whyUnseen: (relation) => others.whyUnseen(relation),
    open: (signal) => openSession(connection, readerSettings, label, signal ?? site.signal),
    async lend(use) {
      const isPasscode =
        (login.how === 'password' || login.how === 'mfa') && login.passcode !== null
      if (isPasscode) {
        return fail({
          code: 'warehouse-passcode',
          message: `dbt can't log in to ${label.name} with a passcode`,
          at: { file: adapter.at.file, path: [...adapter.at.path, 'passcode'] },
          hint: 'use a key pair or a programmatic access token',
        })
      }
      const ending = new AbortController()
      const signal = AbortSignal.any([site.signal, ending.signal])
      // The reader uses our session, which has timeouts. dbt's would convert some values differently.
      const client = sqlClientOver(connection, signal)
      const reader = createReader(client, readerSettings, label)
      const { scratch, sweep, end } = scratchOf({
        settings: readerSettings,
        label,
        owner: scratchOwner(site),
        startedAt: site.clock(),
        client,
        cleanUp: (sql) =>
          sqlClientOver(connection, AbortSignal.timeout(CLEAN_UP_TIMEOUT_MS)).query(sql),
        notice: site.notice,
      })
      connection.retain()
      try {
        // Safe: a borrower has the lease. An error here also fails `prepare`, which reports it.
        if (!hasSwept) await sweep().catch(() => undefined)
        hasSwept = true
        return ok(await use({ env: dbtEnv(settings), reader: () => reader, scratch }))
      } finally {
        await end()
        ending.abort()
        connection.release()
      }
    },
  })
}
