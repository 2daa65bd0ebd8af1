import { fail, ok, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Clock } from '../../ports/site.ts'
import type { State } from '../../ports/state.ts'
import { attempt } from '../database.ts'
import { localProcesses, type Processes } from '../lease-owner.ts'
import { MIGRATIONS, migrate } from '../migrations.ts'
import { stateOver } from '../sql-state.ts'
import { type Patience, PostgresDatabase } from './database.ts'
import { type Store, storeOf } from './problems.ts'

export const DEFAULT_SCHEMA = 'assets'

/**
 * The state in one schema of a PostgreSQL (12 or later), made on first use; any number of targets
 * and hosts may share it. Problems: `state-url`, `state-unreachable`, `state-refused`, `state-tls`,
 * `state-database-missing`, `state-not-permitted`, `state-newer`; later also
 * `state-connection-lost`, `state-in-doubt`, `state-read-only`, `state-locked`, `state-slow`,
 * `state-corrupted`, `disk-full`.
 */
export async function create(
  adapter: AdapterSettings,
  site: { readonly clock: Clock; readonly processes?: Processes; readonly patience?: Patience },
): Promise<Result<State>> {
  const read = readSettings(adapter)
  if (!read.ok) return read
  const { url, store } = read.value
  const { schema } = store
  const database = new PostgresDatabase(url, store, site.patience)
  const opened = await attempt(async () => {
    await migrate(database, `schema ${schema} of ${store.address}`, migrationsIn(schema))
    const processes = site.processes ?? localProcesses()
    return stateOver({ database, clock: site.clock, processes })
  })
  if (!opened.ok) await database.close()
  return opened
}

/** Where the state is. Problem: `state-url`. */
export function readSettings({
  settings,
  at,
}: AdapterSettings): Result<{ readonly url: string; readonly store: Store }> {
  const url = String(settings.url)
  const schema = typeof settings.schema === 'string' ? settings.schema : DEFAULT_SCHEMA
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) {
    return ok({ url, store: storeOf(url, schema, at) })
  }
  return fail({
    code: 'state-url',
    message: `the url of the state of target ${at.path[1]} is not one of PostgreSQL`,
    hint: 'write postgres://user:password@host:5432/database; characters such as @ : / # % in a password are written %40 %3A %2F %23 %25',
    at: { file: at.file, path: [...at.path, 'url'] },
  })
}

/**
 * The migrations of every state, the first of which makes room for itself. A schema that was made for
 * this user needs no right to make schemas, so it is only made when it is missing.
 */
function migrationsIn(schema: string): readonly (readonly string[])[] {
  const [first = [], ...later] = MIGRATIONS
  const room = [
    `do $$ begin
       if to_regnamespace('"${schema}"') is null then create schema "${schema}"; end if;
     end $$`,
    'create table schema_number (number bigint not null)',
  ]
  return [[...room, ...first], ...later]
}
