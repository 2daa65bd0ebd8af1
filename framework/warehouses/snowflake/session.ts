import { fail, ok, type Result } from '../../model/problem.ts'
import type { Session } from '../../ports/warehouse.ts'
import type { Row } from './catalogue.ts'
import { compareViews } from './compare-views.ts'
import type { SharedConnection } from './connection.ts'
import type { Statement } from './driver.ts'
import { exportRows } from './export.ts'
import { dropRelation, viewsOver } from './old-relations.ts'
import { type AccountLabel, problemOf } from './problems.ts'
import { createReader, type ReaderSettings, type SqlClient } from './reader.ts'
import { countSyncRows } from './sync-rows.ts'

const TAG = 'assets'

/**
 * Opens a session on the account. All sessions of a process share one connection; `close` cancels the
 * statements of this session. Problems: `warehouse-unreachable`, `warehouse-login`, `warehouse-timeout`,
 * `cancelled`.
 */
export async function openSession(
  connection: SharedConnection,
  settings: ReaderSettings,
  label: AccountLabel,
  runSignal: AbortSignal,
): Promise<Result<Session>> {
  const closing = new AbortController()
  const signal = AbortSignal.any([runSignal, closing.signal])
  connection.retain()
  try {
    await connection.open(signal)
  } catch (error) {
    connection.release()
    const message = `${label.name} could not be opened`
    return fail(problemOf(error, label, { code: 'warehouse-failed', message }))
  }
  const client = sqlClientOver(connection, signal)
  const reader = createReader(client, settings, label)
  const running = new Set<Promise<unknown>>()
  const during = <T>(work: Promise<T>): Promise<T> => {
    running.add(work)
    const done = () => void running.delete(work)
    work.then(done, done)
    return work
  }
  return ok({
    inspect: (relations) => during(reader.inspect(relations)),
    fingerprint: (relation, options) => during(reader.fingerprint(relation, options)),
    digests: (relation, options) => during(reader.digests(relation, options)),
    countSyncRows: (relation, syncId) =>
      during(countSyncRows(client.query, settings, label, relation, syncId)),
    export: (request) => {
      const tag = request.tag === undefined ? TAG : `${TAG}/${request.tag}`
      const { describe } = sqlClientOver(connection, signal, tag)
      const send = (sql: string) => connection.run(sql, { tag }, signal)
      return during(exportRows({ describe, send, signal }, settings, label, request))
    },
    compareViews: (wanted) => during(compareViews(client, settings, wanted)),
    viewsOver: (relations) => during(viewsOver(client.query, settings, label, relations)),
    drop: (relation, kind) => during(dropRelation(client.query, settings, label, relation, kind)),
    // Only Airbyte writes the raw tables of a Snowflake warehouse.
    loader: null,
    async close() {
      if (closing.signal.aborted) return
      closing.abort()
      await Promise.allSettled(running)
      connection.release()
    },
  })
}

/** A client over the connection. `signal` cancels its statements. */
export function sqlClientOver(
  connection: SharedConnection,
  signal: AbortSignal,
  tag: string = TAG,
): SqlClient {
  return {
    query: async (sql) => rowsByName(await connection.run(sql, { tag }, signal)),
    describe: async (sql) =>
      (await connection.run(sql, { tag, describeOnly: true }, signal)).columns,
  }
}

/** All rows of a small result as objects, with the column names in lower case. */
async function rowsByName(statement: Statement): Promise<readonly Row[]> {
  const names = statement.columns.map(({ name }) => name.toLowerCase())
  const rows: Row[] = []
  for await (const values of statement.rows() as AsyncIterable<readonly unknown[]>) {
    rows.push(Object.fromEntries(names.map((name, at) => [name, values[at]])))
  }
  return rows
}
