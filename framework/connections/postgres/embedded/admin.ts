import type { QueryArrayResult } from 'pg'
import { fail, ok, type Problem, ProblemError, type Result } from '../../../model/problem.ts'
import type { SourceAdmin, SqlAnswer } from '../../../ports/connection.ts'
import { type Client, disconnect } from '../client.ts'

/** SQL on a source that is ours. Problems: what `open` throws, and what PostgreSQL says of the SQL. */
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
        return refused(error)
      }
    },
    async reset() {
      try {
        return ok(await reset())
      } catch (error) {
        return refused(error)
      }
    },
  }
}

/** All statements of a text are one transaction, unless it says otherwise; so with `psql -c`. */
async function run(client: Client, text: string): Promise<readonly SqlAnswer[]> {
  const types = { getTypeParser: () => (value: string) => value }
  const result = await client.query({ text, rowMode: 'array', types })
  // Several statements give a list, which the driver's types don't tell.
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

interface ServerError {
  readonly message: string
  readonly detail?: string
  readonly hint?: string
  readonly position?: string
}

function sqlProblem(text: string, error: unknown): Problem {
  const { message, detail, hint, position } = error as ServerError
  const excerpt = position === undefined ? [] : caret(text, Number(position))
  const lines = [...excerpt, ...(detail === undefined ? [] : [detail])]
  return {
    code: 'sql-failed',
    message: `the source refused: ${message}`,
    ...(lines.length > 0 ? { detail: lines.join('\n') } : {}),
    ...(hint === undefined ? {} : { hint }),
  }
}

/** The line that PostgreSQL points at, as psql shows it; `position` counts characters from 1. */
function caret(text: string, position: number): readonly string[] {
  const before = [...text]
    .slice(0, position - 1)
    .join('')
    .split('\n')
  const line = text.split('\n')[before.length - 1] ?? ''
  const label = `LINE ${before.length}: `
  return [`${label}${line}`, `${' '.repeat(label.length + before.at(-1)!.length)}^`]
}

function refused(error: unknown): Result<never> {
  if (error instanceof ProblemError) return fail(...error.problems)
  throw error
}
