import { fail, ok, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Clock } from '../../ports/site.ts'
import type { State } from '../../ports/state.ts'
import { attempt } from '../database.ts'
import { localProcesses, type Processes } from '../lease-owner.ts'
import { MIGRATIONS, type Migration, migrate } from '../migrations.ts'
import { historyOf } from '../prune.ts'
import { stateOver } from '../sql-state.ts'
import { PostgresDatabase, type ServerTimeouts } from './database.ts'
import { type PostgresStateLabel, stateLabel } from './problems.ts'

export const DEFAULT_SCHEMA = 'assets'

/**
 * The state in one schema of a PostgreSQL server (12 or newer). The schema is created at the first use. Any
 * number of targets and hosts can share it. Problems: `state-url`, `state-unreachable`, `state-refused`, `state-tls`,
 * `state-database-missing`, `state-not-permitted`, `state-newer`; later also
 * `state-connection-lost`, `state-in-doubt`, `state-read-only`, `state-locked`, `state-slow`,
 * `state-corrupted`, `disk-full`.
 */
export async function create(
  adapter: AdapterSettings,
  site: {
    readonly clock: Clock
    readonly processes?: Processes
    readonly timeouts?: ServerTimeouts
  },
): Promise<Result<State>> {
  const read = readSettings(adapter)
  if (!read.ok) return read
  const { url, label } = read.value
  const { schema } = label
  const database = new PostgresDatabase(url, label, site.timeouts)
  const opened = await attempt(async () => {
    await migrate(database, `schema ${schema} of ${label.address}`, migrationsIn(schema))
    const processes = site.processes ?? localProcesses()
    const history = historyOf(adapter)
    return stateOver({ database, clock: site.clock, processes, watches: new Map(), history })
  })
  if (!opened.ok) await database.close()
  return opened
}

/** Reads the settings of the state. Problem: `state-url`. */
export function readSettings({
  settings,
  at,
}: AdapterSettings): Result<{ readonly url: string; readonly label: PostgresStateLabel }> {
  const url = String(settings.url)
  const schema = typeof settings.schema === 'string' ? settings.schema : DEFAULT_SCHEMA
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) {
    return ok({ url, label: stateLabel(url, schema, at) })
  }
  return fail({
    code: 'state-url',
    message: `the url of the state of target ${at.path[1]} is not a PostgreSQL URL`,
    hint: 'write postgres://user:password@host:5432/database; in a password, encode the characters @ : / # % as %40 %3A %2F %23 %25',
    at: { file: at.file, path: [...at.path, 'url'] },
  })
}

/**
 * The migrations; the first one also creates the schema. It is only created if it is missing, because a user
 * for whom a schema was prepared may lack the right to create schemas.
 */
function migrationsIn(schema: string): readonly Migration[] {
  const [first = [], ...later] = MIGRATIONS
  const createSchema = [
    `do $$ begin
       if to_regnamespace('"${schema}"') is null then create schema "${schema}"; end if;
     end $$`,
    'create table schema_number (number bigint not null)',
  ]
  return [[...createSchema, ...first], ...later]
}
