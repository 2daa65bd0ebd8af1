import type { Json } from '../../lib/json.ts'
import { fail, ok, type Problem } from '../../model/problem.ts'
import type { DbtOutput, FromDbt } from '../../ports/warehouse.ts'

/** dbt-duckdb's settings that this process has of its own. */
const OWN_SETTINGS = new Set([
  'threads',
  'worker_threads',
  'memory_limit',
  'max_memory',
  'temp_directory',
])

/**
 * The settings that this adapter takes from dbt-duckdb's keys: the file, and what a view in it may need to be
 * read. Secrets of object stores are not taken. Problem `warehouse-settings`: dbt builds in no file of its own.
 */
export const fromDbt: FromDbt = {
  secrets: ['path'],
  settings({ shown, secret }, output) {
    const path = secret.path ?? shown.path
    const { database, attach = [], extensions = [], settings = {} } = shown
    if (typeof path !== 'string' || path === '' || path.startsWith(':')) {
      return fail(
        unfit(output, 'path', 'keeps its tables in memory, which end with dbt', 'give it a `path`'),
      )
    }
    // A URL, such as MotherDuck's `md:`. A letter alone is a drive.
    if (/^\w\w+:/.test(path) || shown.remote !== undefined) {
      const [key, what] =
        shown.remote === undefined ? ['path', path] : ['remote', 'a remote server']
      return fail(
        unfit(
          output,
          key!,
          `leads to ${what}, which assets can't open`,
          'use the path of a DuckDB file',
        ),
      )
    }
    const aliases = listOf(attach).map(({ alias }) => alias)
    if (aliases.includes(database ?? null)) {
      const why = `builds in the attached database ${String(database)}`
      return fail(
        unfit(output, 'database', why, 'make its file the `path`, and attach the other one'),
      )
    }
    const taken = Object.entries(settings as Json & object).filter(
      ([key]) => !OWN_SETTINGS.has(key.toLowerCase()),
    )
    const hasZone = taken.some(([key]) => key.toLowerCase() === 'timezone')
    // dbt's session has the machine's time zone unless the profile sets one, and a view may show it.
    const zone = hasZone ? {} : { TimeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone }
    return ok({
      type: 'duckdb',
      settings: { path, attach, extensions, settings: { ...zone, ...Object.fromEntries(taken) } },
      at: output.at,
    })
  },
}

const listOf = (value: Json): readonly Readonly<Record<string, Json>>[] =>
  Array.isArray(value) ? (value as readonly Readonly<Record<string, Json>>[]) : []

function unfit(
  { name, at }: Pick<DbtOutput, 'name' | 'at'>,
  key: string,
  why: string,
  hint: string,
): Problem {
  return {
    code: 'warehouse-settings',
    message: `${name} ${why}`,
    at: { file: at.file, path: [...at.path, key] },
    hint,
    mistake: true,
  }
}
