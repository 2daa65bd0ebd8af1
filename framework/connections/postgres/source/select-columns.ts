import { closest } from '../../../lib/did-you-mean.ts'
import { fail, ok, type Problem, type ProblemCode, type Result } from '../../../model/problem.ts'
import type { Stream } from '../../../model/stream.ts'
import type { SourceColumn, SourceTable } from './catalog.ts'
import type { StreamFacts } from './stream-tables.ts'

/** A table and those of its columns that are to be loaded, in the table's order. */
export interface SelectedColumns {
  readonly table: SourceTable
  readonly columns: readonly SourceColumn[]
}

/**
 * The columns that a stream asks for. Problems, all of them at once: unknown stream or column, key or
 * cursor missing, names that the warehouse can't keep apart, nothing to load.
 */
export function selectColumns(facts: StreamFacts): Result<SelectedColumns> {
  const { stream, table, names, namespace } = facts
  const { asset } = stream
  if (table === null) return fail(unknownStream(stream, namespace, names))

  const all = table.columns.map(({ column }) => column)
  const problems: Problem[] = []
  const require = (code: ProblemCode, what: string, column: string) => {
    if (!all.includes(column)) problems.push(missingColumn(code, what, stream, column, all))
  }
  for (const column of stream.columns ?? []) require('unknown-column', 'column', column)
  for (const column of stream.exclude) require('unknown-column', 'excluded column', column)
  for (const column of stream.primaryKey) require('missing-key-column', 'key column', column)
  if (stream.cursor !== null) require('missing-cursor-column', 'cursor column', stream.cursor)

  const selected = table.columns.filter(
    ({ column }) => (stream.columns?.includes(column) ?? true) && !stream.exclude.includes(column),
  )
  const keys = stream.sync === 'incremental_dedup' ? stream.primaryKey : []
  for (const column of keys.filter((key) => all.includes(key))) {
    if (selected.some((other) => other.column === column)) continue
    problems.push({
      code: 'missing-key-column',
      message: `${asset}: key column ${column} of stream ${stream.stream} is not among the columns to load`,
      hint: `add ${column} to columns:, or take it out of exclude:`,
      asset,
    })
  }
  if (selected.length === 0 && problems.length === 0) {
    problems.push({
      code: 'no-columns',
      message: `${asset}: stream ${stream.stream} has no column to load`,
      hint: 'take a column out of exclude:',
      asset,
    })
  }
  problems.push(...clashes(stream, selected))
  return problems.length > 0 ? fail(...problems) : ok({ table, columns: selected })
}

function unknownStream(stream: Stream, namespace: string, names: readonly string[]): Problem {
  const near = closest(stream.stream, names)
  const some = names.slice(0, 12).join(', ')
  return {
    code: 'unknown-stream',
    message: `${stream.asset}: the source has no table or view ${stream.stream} in schema ${namespace}`,
    hint:
      near !== null
        ? `did you mean ${near}?`
        : names.length === 0
          ? `nothing in schema ${namespace} can be seen: is namespace right, and has the user rights there?`
          : `there are ${some}${names.length > 12 ? ', …' : ''}`,
    asset: stream.asset,
  }
}

function missingColumn(
  code: ProblemCode,
  what: string,
  stream: Stream,
  column: string,
  all: readonly string[],
): Problem {
  const near = closest(column, all)
  return {
    code,
    message: `${stream.asset}: stream ${stream.stream} has no ${what} ${column}`,
    hint: near === null ? `its columns are ${all.join(', ')}` : `did you mean ${near}?`,
    asset: stream.asset,
  }
}

/** Names that the warehouse can't keep apart: it ignores case and has bookkeeping columns of its own. */
function clashes({ asset, stream }: Stream, selected: readonly SourceColumn[]): readonly Problem[] {
  const seen = new Map<string, string>()
  return selected.flatMap(({ column }): readonly Problem[] => {
    const key = column.toLowerCase()
    const other = seen.get(key) ?? (key.startsWith('_airbyte_') ? 'a bookkeeping column' : null)
    seen.set(key, column)
    if (other === null) return []
    return [
      {
        code: 'column-clash',
        message: `${asset}: column ${column} of stream ${stream} has the same name as ${other} in the warehouse`,
        hint: `leave it out with exclude: [${column}]`,
        asset,
      },
    ]
  })
}
