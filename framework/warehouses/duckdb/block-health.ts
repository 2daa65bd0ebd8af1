import { relative, resolve } from 'node:path'
import { type DuckdbLibrary, duckdbLibrary } from '../../engines/duckdb/library.ts'
import { literal, qualified } from '../../engines/duckdb/names.ts'
import { formatBytes } from '../../lib/bytes.ts'
import { fileStats } from '../../lib/file-stats.ts'
import { bad, doubtful, good, type HealthFact } from '../../model/health-fact.ts'
import type { HealthSubject } from '../../ports/health.ts'
import { readFileHeader } from './file-header.ts'
import { lockHolderOf } from './lock-holder.ts'
import { LOCKED } from './problems.ts'

const ALIAS = 'examined'

/**
 * Reads every table of the file once. DuckDB compares the checksum of each block that it reads, and no other command reads
 * all of them. While another process has the file open, nothing is read.
 */
export async function* examineBlocks({
  settings,
  site,
}: HealthSubject): AsyncGenerator<HealthFact> {
  const { path } = settings.settings
  if (typeof path !== 'string' || path === '' || path.startsWith(':')) return
  const absolute = resolve(site.root, path)
  const size = fileStats(absolute)?.size ?? 0
  if (size === 0 || !isDatabase(absolute)) return
  if (lockHolderOf(absolute) !== null) {
    yield notRead()
    return
  }
  const file = relative(site.root, absolute) || absolute
  yield await readBlocks(
    await duckdbLibrary(await site.pythonLibrary('duckdb')),
    absolute,
    site.signal,
    {
      file,
      size,
    },
  )
}

/** Whether DuckDB may open it. If not, another examination says why. */
function isDatabase(path: string): boolean {
  try {
    return readFileHeader(path) !== null
  } catch {
    return false
  }
}

async function readBlocks(
  duckdb: DuckdbLibrary,
  path: string,
  signal: AbortSignal,
  shown: { readonly file: string; readonly size: number },
): Promise<HealthFact> {
  const engine = await duckdb.open(':memory:')
  try {
    const connection = await engine.connect()
    const interrupt = () => connection.interrupt()
    signal.addEventListener('abort', interrupt)
    try {
      await connection.run(`attach ${literal(path)} as ${ALIAS} (read_only)`)
      const tables = (await connection.run(
        `select schema_name, table_name from duckdb_tables() where database_name = '${ALIAS}' order by 1, 2`,
      )) as readonly (readonly [string, string])[]
      const damaged: string[] = []
      for (const [schema, name] of tables) {
        const table = qualified(ALIAS, { database: null, schema, name })
        try {
          // `count(*)` would read no column.
          await connection.run(`select max(hash(t))::varchar from ${table} t`)
        } catch (error) {
          if (!isDamage(error)) throw error
          damaged.push(`${schema}.${name}`)
        }
      }
      return damaged.length === 0
        ? good('blocks', `read ${formatBytes(shown.size)} in ${tables.length} tables; no damage`)
        : bad('blocks', `${damaged.join(', ')}: a block of ${shown.file} is damaged`, REMEDY)
    } finally {
      signal.removeEventListener('abort', interrupt)
      connection.close()
    }
  } catch (error) {
    const { message } = error as Error
    if (LOCKED.test(message)) return notRead()
    if (isDamage(error))
      return bad('blocks', `${shown.file} is damaged: ${firstLine(message)}`, REMEDY)
    return doubtful(
      'blocks',
      `${shown.file} was not read to its end: ${firstLine(message)}`,
      'run assets doctor again',
    )
  } finally {
    await engine.close()
  }
}

const REMEDY =
  'restore the file from a backup; or drop these tables, then assets materialize builds them again'

const notRead = () => good('blocks', 'not read, because a process has the file open')

const isDamage = (error: unknown) => /checksum|Corrupt|corrupt/.test((error as Error).message)

const firstLine = (text: string) => text.split('\n')[0]!
