import type { QueryArrayResult } from 'pg'
import { fail, ok, ProblemError, type Result } from '../../../model/problem.ts'
import type { SourceAdmin, SqlAnswer } from '../../../ports/connection.ts'
import { type Client, disconnect } from '../source/client.ts'
import { sqlProblem } from './problems.ts'

/** SQL on the embedded source. Problems: those of `open`; PostgreSQL rejected the SQL. */
export function embeddedAdmin(
  open: () => Promise<Client>,
  reset: () => Promise<void>,
): SourceAdmin {
  return {
    async sql(text) {
      try {
        const client = await open()
        try {
          return ok(await run(client, text))
        } catch (error) {
          return fail(sqlProblem(text, error))
        } finally {
          await disconnect(client)
        }
      } catch (error) {
        return failWith(error)
      }
    },
    async reset() {
      try {
        return ok(await reset())
      } catch (error) {
        return failWith(error)
      }
    },
  }
}

/** Runs all statements in one transaction, unless they end it themselves, as `psql -c` does. */
async function run(client: Client, text: string): Promise<readonly SqlAnswer[]> {
  const types = { getTypeParser: () => (value: string) => value }
  const result = await client.query({ text, rowMode: 'array', types })
  // Several statements return a list. The driver's types omit that.
  const results = (Array.isArray(result) ? result : [result]) as QueryArrayResult<
    (string | null)[]
  >[]
  return results
    .filter(({ command }) => command !== null)
    .map(({ fields, rows, rowCount }) => ({
      columns: fields.map(({ name }) => name),
      rows,
      affected: fields.length > 0 ? null : rowCount,
    }))
}

function failWith(error: unknown): Result<never> {
  if (error instanceof ProblemError) return fail(...error.problems)
  throw error
}
