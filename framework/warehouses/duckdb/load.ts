import { statSync } from 'node:fs'
import type { DuckdbConnection, RunStatement } from '../../engines/duckdb/engine.ts'
import { qualified, quoted, relationName } from '../../engines/duckdb/names.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Fingerprint, Loaded, Spool, TableLoad } from '../../ports/warehouse.ts'
import { type DatabaseFile, STAGING_PREFIX } from './database-file.ts'
import { problemOf } from './problems.ts'
import {
  createStatement,
  dedupStatement,
  duplicateName,
  insertStatement,
  publishStatements,
  tableColumns,
} from './raw-table.ts'
import { createReader, keyOf, readCatalogue } from './reader.ts'
import { type ActiveLoad, WIDE_ROW_BYTES } from './tuning.ts'
import { watched } from './watched.ts'

/** What a load works with. Its connection is separate, so its transaction has no other statements. */
export interface LoadContext {
  readonly run: RunStatement
  /** Like `run`, but also works after the load was cancelled. */
  readonly cleanUp: RunStatement
  /** How much of the running statement is done. */
  readonly progress: DuckdbConnection['progress']
  readonly database: DatabaseFile
  /** Path of the warehouse, for messages. */
  readonly file: string
}

/** From this many rows on a checkpoint is worth it: otherwise the rows are written twice. */
const CHECKPOINT_ROWS = 100_000

/**
 * Loads spools into a staging table as they arrive, then replaces or extends the raw table in one
 * transaction. After a problem the raw table is unchanged. Problems: `load-failed` (a row does not fit
 * the columns), `column-collision`, `disk-full`, `warehouse-memory`, `cancelled`.
 */
export async function loadTable(context: LoadContext, load: TableLoad): Promise<Result<Loaded>> {
  const columns = tableColumns(load.columns)
  const duplicate = duplicateName(columns)
  if (duplicate !== null) return fail(collision(load.relation, duplicate))
  const loading: ActiveLoad = { ordered: load.mode.how === 'merge', largest: 0, wide: false }
  try {
    try {
      await context.database.beginLoad(context.run, loading)
      const loaded = await loadStaging(context, load, loading)
      // A failed checkpoint loses nothing. Small loads wait for the checkpoint at closing.
      if (loaded >= CHECKPOINT_ROWS) {
        load.onStage?.({ is: 'storing', rows: loaded })
        await context.run('checkpoint').catch(() => undefined)
      }
      const print = await hash(context, load, load.mode.how === 'replace' ? loaded : null)
      return print.ok ? ok({ loaded, fingerprint: print.value }) : print
    } finally {
      await context.database.endLoad(context.cleanUp, loading)
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

/** The fingerprint of the table. `rows`: how many it has, if that is known. */
function hash(
  { run, file, progress }: LoadContext,
  { relation, volatile, onStage }: TableLoad,
  rows: number | null,
): Promise<Result<Fingerprint>> {
  const say = (share: number | null) => onStage?.({ is: 'hashing', rows, share })
  say(null)
  return watched(progress, say, () => createReader(run, file).fingerprint(relation, { volatile }))
}

async function loadStaging(
  context: LoadContext,
  load: TableLoad,
  loading: ActiveLoad,
): Promise<number> {
  const { run } = context
  const catalog = String((await run('select current_database()'))[0]?.[0])
  const { schema, name } = relationName(load.relation.toLowerCase())
  const inSchema = { database: null, schema }
  const table = qualified(catalog, { ...inSchema, name })
  const staging = qualified(catalog, { ...inSchema, name: `${STAGING_PREFIX}${name}` })
  const columns = tableColumns(load.columns)

  await context.database.changeCatalogue(async () => {
    await run(`create schema if not exists ${quoted(catalog)}.${quoted(schema)}`)
    await run(`drop table if exists ${staging}`)
    await run(createStatement(staging, columns))
  })
  try {
    let loaded = 0
    for await (const spool of load.spools) {
      loaded += await insertSpool(context, load, loading, staging, spool)
      load.onStage?.({ is: 'inserting', rows: loaded })
    }
    const dedup = load.mode.how === 'merge' ? [dedupStatement(staging, columns, load.mode.key)] : []
    const existing = (await readCatalogue(run, [load.relation])).get(keyOf(load.relation)) ?? null
    const statements = publishStatements({ table, staging, name }, columns, existing, load.mode)
    // A table that is replaced only gets another name.
    const publish =
      load.mode.how === 'replace'
        ? run
        : publishing(context, load, loaded, dedup.length + statements.length)
    for (const statement of dedup) await publish(statement)
    await context.database.changeCatalogue(() => transact(context, statements, publish))
    return loaded
  } catch (error) {
    await context.cleanUp(`drop table if exists ${staging}`).catch(() => undefined)
    throw error
  }
}

/** Inserts one spool into the staging table and returns the number of its rows. */
async function insertSpool(
  context: LoadContext,
  load: TableLoad,
  loading: ActiveLoad,
  staging: string,
  spool: Spool,
): Promise<number> {
  if (spool.largest > loading.largest) {
    loading.largest = spool.largest
    await context.database.retune(context.run)
  }
  const inserted = await context.run(insertStatement(staging, load, spool))
  const rows = Number(inserted[0]?.[0] ?? 0)
  if (!loading.wide && statSync(spool.path).size > rows * WIDE_ROW_BYTES) {
    loading.wide = true
    await context.database.retune(context.run)
  }
  return rows
}

/** Runs the statements that make the loaded rows the table, and says how much of all of them is done. */
function publishing(
  { run, progress }: LoadContext,
  { onStage }: TableLoad,
  rows: number,
  count: number,
): (statement: string) => Promise<void> {
  let done = 0
  return async (statement) => {
    const say = (share: number) => onStage?.({ is: 'merging', rows, share: (done + share) / count })
    say(0)
    await watched(progress, say, () => run(statement))
    done += 1
  }
}

async function transact(
  { run, cleanUp }: LoadContext,
  statements: readonly string[],
  publish: (statement: string) => Promise<unknown>,
): Promise<void> {
  await run('begin')
  try {
    for (const statement of statements) await publish(statement)
    await run('commit')
  } catch (error) {
    await cleanUp('rollback').catch(() => undefined)
    throw error
  }
}

function collision(relation: string, name: string): Problem {
  return {
    code: 'column-collision',
    message: `${relation} has two columns named ${name}: the warehouse ignores the case of names`,
    hint: 'exclude one of them with `exclude:`',
  }
}
