import { fail, ok, type Result } from '../../model/problem.ts'
import type { Session } from '../../ports/warehouse.ts'
import type { Row } from './catalogue.ts'
import type { SharedConnection } from './connection.ts'
import type { Statement } from './driver.ts'
import { exportRows } from './export.ts'
import { type Doing, problemOf, type Whereabouts } from './problems.ts'
import { type Asking, createReader, type Place } from './reader.ts'
import { readStamps } from './stamps.ts'

const TAG = 'assets'

/**
 * A session on an account. All sessions of a process share one connection, and `close` cancels what this
 * one has running. Problems: unreachable, login refused, overdue, cancelled.
 */
export async function openSession(
  connection: SharedConnection,
  place: Place,
  where: Whereabouts,
  outer: AbortSignal,
): Promise<Result<Session>> {
  const closing = new AbortController()
  const signal = AbortSignal.any([outer, closing.signal])
  connection.enter()
  try {
    await connection.open(signal)
  } catch (error) {
    connection.leave()
    const doing: Doing = { code: 'warehouse-failed', message: `${where.name} could not be opened` }
    return fail(problemOf(error, where, doing))
  }
  const asking = askingOver(connection, signal)
  const reader = createReader(asking, place, where)
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
    stamps: (relation, syncId) => during(readStamps(asking.query, place, where, relation, syncId)),
    export: (request) => {
      const tag = request.tag === undefined ? TAG : `${TAG}/${request.tag}`
      const { describe } = askingOver(connection, signal, tag)
      const send = (sql: string) => connection.run(sql, { tag }, signal)
      return during(exportRows({ describe, send, signal }, place, where, request))
    },
    // Airbyte writes raw tables.
    loader: null,
    async close() {
      if (closing.signal.aborted) return
      closing.abort()
      await Promise.allSettled(running)
      connection.leave()
    },
  })
}

/** Asks over the connection; `signal` cancels what is asked. */
export function askingOver(
  connection: SharedConnection,
  signal: AbortSignal,
  tag: string = TAG,
): Asking {
  return {
    query: async (sql) => named(await connection.run(sql, { tag }, signal)),
    describe: async (sql) => (await connection.run(sql, { tag, describe: true }, signal)).columns,
  }
}

/** All rows of a small result, by the names of its columns. */
async function named(statement: Statement): Promise<readonly Row[]> {
  const names = statement.columns.map(({ name }) => name.toLowerCase())
  const rows: Row[] = []
  for await (const values of statement.rows() as AsyncIterable<readonly unknown[]>) {
    rows.push(Object.fromEntries(names.map((name, at) => [name, values[at]])))
  }
  return rows
}
