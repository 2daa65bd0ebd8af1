import { statSync } from 'node:fs'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Loaded, Spool, TableLoad } from '../../ports/warehouse.ts'
import { ASIDE_PREFIX, type DatabaseFile } from './database-file.ts'
import type { Run } from './engine.ts'
import { qualified, quoted, relationName } from './names.ts'
import { problemOf } from './problems.ts'
import { createReader, keyOf, readCatalogue } from './reader.ts'
import {
  createStatement,
  dedupStatement,
  insertStatement,
  sharedName,
  tableColumns,
  takeOver,
} from './table.ts'
import { type Loading, WIDE_ROW } from './tuning.ts'

/** A connection of its own, since a load's transaction must hold nobody else's statements. */
export interface LoadContext {
  readonly run: Run
  /** As `run`, but it goes on when the load is cancelled. */
  readonly cleanUp: Run
  readonly database: DatabaseFile
  /** The warehouse as people know it. */
  readonly file: string
}

/** From here on a checkpoint costs less than what it saves: the log would be written twice. */
const CHECKPOINT_ROWS = 100_000

/**
 * Loads spools into a table beside the wanted one as they come, then makes it the wanted one in one
 * transaction. Problems: rows that don't fit the columns, two columns with one name, disk full,
 * cancelled; then the table is as it was.
 */
export async function loadTable(context: LoadContext, load: TableLoad): Promise<Result<Loaded>> {
  const columns = tableColumns(load.columns)
  const shared = sharedName(columns)
  if (shared !== null) return fail(collision(load.relation, shared))
  const loading: Loading = { ordered: load.mode.how === 'merge', largest: 0, wide: false }
  try {
    try {
      await context.database.beginLoading(context.run, loading)
      const loaded = await loadAside(context, load, loading)
      // A failing checkpoint loses nothing, and small loads share the one that closing the file makes.
      if (loaded >= CHECKPOINT_ROWS) await context.run('checkpoint').catch(() => undefined)
      const print = await createReader(context.run, context.file).fingerprint(load.relation, {
        volatile: load.volatile,
      })
      return print.ok ? ok({ loaded, fingerprint: print.value }) : print
    } finally {
      await context.database.endLoading(context.cleanUp, loading)
    }
  } catch (error) {
    return fail(
      problemOf(error, context.file, {
        code: 'load-failed',
        message: `${load.relation} could not be loaded into ${context.file}`,
      }),
    )
  }
}

async function loadAside(context: LoadContext, load: TableLoad, loading: Loading): Promise<number> {
  const { run } = context
  const catalog = String((await run('select current_database()'))[0]?.[0])
  const { schema, name } = relationName(load.relation.toLowerCase())
  const table = qualified(catalog, { schema, name })
  const aside = qualified(catalog, { schema, name: `${ASIDE_PREFIX}${name}` })
  const columns = tableColumns(load.columns)

  await context.database.alone(async () => {
    await run(`create schema if not exists ${quoted(catalog)}.${quoted(schema)}`)
    await run(`drop table if exists ${aside}`)
    await run(createStatement(aside, columns))
  })
  try {
    let loaded = 0
    for await (const spool of load.spools) {
      loaded += await insertSpool(context, load, loading, aside, spool)
    }
    if (load.mode.how === 'merge') await run(dedupStatement(aside, load.mode.key))
    const existing = (await readCatalogue(run, [load.relation])).get(keyOf(load.relation)) ?? null
    const statements = takeOver({ table, aside, name }, columns, existing, load.mode)
    await context.database.alone(() => transact(context, statements))
    return loaded
  } catch (error) {
    await context.cleanUp(`drop table if exists ${aside}`).catch(() => undefined)
    throw error
  }
}

/** Reads one spool and gives the number of its rows. */
async function insertSpool(
  context: LoadContext,
  load: TableLoad,
  loading: Loading,
  aside: string,
  spool: Spool,
): Promise<number> {
  if (spool.largest > loading.largest) {
    loading.largest = spool.largest
    await context.database.retune(context.run)
  }
  const answer = await context.run(insertStatement(aside, load, spool))
  const rows = Number(answer[0]?.[0] ?? 0)
  if (!loading.wide && statSync(spool.path).size > rows * WIDE_ROW) {
    loading.wide = true
    await context.database.retune(context.run)
  }
  return rows
}

async function transact(
  { run, cleanUp }: LoadContext,
  statements: readonly string[],
): Promise<void> {
  await run('begin')
  try {
    for (const statement of statements) await run(statement)
    await run('commit')
  } catch (error) {
    await cleanUp('rollback').catch(() => undefined)
    throw error
  }
}

function collision(relation: string, name: string): Problem {
  return {
    code: 'column-collision',
    message: `two columns of ${relation} would be called ${name}, since names in the warehouse don't depend on case`,
    hint: 'leave one of them out with `exclude:`',
  }
}
