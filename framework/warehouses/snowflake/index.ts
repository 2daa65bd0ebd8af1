import { createRedactor } from '../../lib/redact.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Site } from '../../ports/site.ts'
import type { Warehouse } from '../../ports/warehouse.ts'
import { SharedConnection } from './connection.ts'
import { loanEnv } from './loan.ts'
import { secretsOf } from './login.ts'
import type { Whereabouts } from './problems.ts'
import { createReader } from './reader.ts'
import { scratchOf } from './scratch.ts'
import { scratchOwner } from './scratch-owner.ts'
import { askingOver, openSession } from './session.ts'
import { settingsOf } from './settings.ts'

/** What is removed at the end may take so long, also after a Ctrl-C. */
const LAST_MS = 60_000

/**
 * A database of a Snowflake account as a warehouse. Its settings are those of `declaration.ts`; nothing is
 * opened yet. Problems: what is missing or contradicts in the settings.
 */
export function create(adapter: AdapterSettings, site: Site): Result<Warehouse> {
  const read = settingsOf(adapter, site)
  if (!read.ok) return read
  const settings = read.value
  const { login, account, accessUrl, schema, hashUpTo } = settings
  const database = settings.database.toUpperCase()
  const where: Whereabouts = {
    name: `${settings.database} on ${account ?? new URL(accessUrl!).host}`,
    redact: createRedactor([...site.target.secrets, ...secretsOf(login)]),
  }
  const place = { database, schema, hashUpTo }
  const connection = new SharedConnection(settings, where, site.clock)
  let swept = false

  return ok({
    type: 'snowflake',
    // Everybody has sessions of their own.
    resource: null,
    // Nothing speaks for a whole account; each table has a token that costs no virtual warehouse.
    changeToken: async () => null,
    open: (signal) => openSession(connection, place, where, signal ?? site.signal),
    async lend(use) {
      const isPasscode =
        (login.how === 'password' || login.how === 'mfa') && login.passcode !== null
      if (isPasscode) {
        return fail({
          code: 'warehouse-passcode',
          message: `dbt can't log in to ${where.name} with a passcode`,
          at: { file: adapter.at.file, path: [...adapter.at.path, 'passcode'] },
          hint: 'use a key pair or a programmatic access token for what runs by itself',
        })
      }
      const ending = new AbortController()
      const signal = AbortSignal.any([site.signal, ending.signal])
      // Over our own session, which knows deadlines; dbt's would make other text of some values.
      const asking = askingOver(connection, signal)
      const reader = createReader(asking, place, where)
      const { scratch, sweep, end } = scratchOf({
        place,
        where,
        owner: scratchOwner(site),
        at: site.clock(),
        asking,
        last: (sql) => askingOver(connection, AbortSignal.timeout(LAST_MS)).query(sql),
        notice: site.notice,
      })
      connection.enter()
      try {
        // Whoever is lent the account has the lease. What fails here fails again where it is told.
        if (!swept) await sweep().catch(() => undefined)
        swept = true
        return ok(
          await use({ profile: 'prod', env: loanEnv(settings), reader: () => reader, scratch }),
        )
      } finally {
        await end()
        ending.abort()
        connection.leave()
      }
    },
  })
}
