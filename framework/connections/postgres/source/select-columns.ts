import { closest } from '../../../lib/did-you-mean.ts'
import { fail, ok, type Problem, type ProblemCode, type Result } from '../../../model/problem.ts'
import type { Stream } from '../../../model/stream.ts'
import type { StreamKey, StreamProblem } from '../../../model/stream-problem.ts'
import type { SourceColumn, SourceTable } from './catalog.ts'
import { inexactKeys, isLossyKey } from './merge-key.ts'
import { cursorOf } from './stream-mode.ts'
import type { StreamTable } from './stream-tables.ts'

/** A table and the columns to load, in the table's order. */
export interface SelectedColumns {
  readonly table: SourceTable
  readonly columns: readonly SelectedColumn[]
}

export interface SelectedColumn extends SourceColumn {
  /** Whether a value that loses information is kept exactly beside its row, because rows are merged by it. */
  readonly keepsExact: boolean
}

/**
 * Selects the columns that a stream loads. Returns all problems at once: unknown stream or column, key or
 * cursor column missing, a cursor without order, a key that can't be compared, column names that clash in the warehouse, no column to
 * load. Pure.
 */
export function selectColumns(streamTable: StreamTable): Result<SelectedColumns> {
  const { stream, table, names, namespace } = streamTable
  const { asset } = stream
  if (table === null) return fail(unknownStream(stream, namespace, names))

  const all = table.columns.map(({ column }) => column)
  const problems: StreamProblem[] = []
  const require = (code: ProblemCode, streamKey: StreamKey, what: string, column: string) => {
    if (all.includes(column)) return
    problems.push({ ...missingColumn(code, what, stream, column, all), streamKey })
  }
  for (const column of stream.columns ?? []) require('unknown-column', 'columns', 'column', column)
  for (const column of stream.exclude) {
    require('unknown-column', 'exclude', 'excluded column', column)
  }
  for (const column of stream.primaryKey) {
    require('missing-key-column', 'primary_key', 'key column', column)
  }
  if (stream.cursor !== null) {
    require('missing-cursor-column', 'cursor', 'cursor column', stream.cursor)
  }

  const cursor = table.columns.find(({ column }) => column === cursorOf(stream))
  if (cursor !== undefined && !cursor.isOrdered) {
    problems.push(unfitCursor(stream, cursor, table.columns))
  }
  const selected = table.columns.filter(
    ({ column }) => (stream.columns?.includes(column) ?? true) && !stream.exclude.includes(column),
  )
  const keys = stream.sync === 'incremental_dedup' ? stream.primaryKey : []
  for (const column of keys.filter((key) => all.includes(key))) {
    if (selected.some((other) => other.column === column)) continue
    problems.push({
      code: 'missing-key-column',
      message: `${asset}: key column ${column} of stream ${stream.stream} is not loaded`,
      hint: `add ${column} to columns:, or remove it from exclude:`,
      asset,
      streamKey: 'primary_key',
    })
  }
  if (selected.length === 0 && problems.length === 0) {
    problems.push({
      code: 'no-columns',
      message: `${asset}: stream ${stream.stream} has no column to load`,
      hint: 'remove a column from exclude:',
      asset,
      streamKey: 'stream',
    })
  }
  problems.push(...clashes(stream, selected), ...inexactKeys(stream, selected))
  if (problems.length > 0) return fail(...problems)
  const noVersions =
    table.noVersions ?? (selected.some(({ hasNames }) => hasNames) ? 'names' : null)
  const columns = selected.map((column) => selectedColumn(stream, column))
  return ok({ table: { ...table, noVersions }, columns })
}

/** The rows of earlier loads have no exact values of a column that becomes a key, so it counts as changed. */
function selectedColumn(stream: Stream, column: SourceColumn): SelectedColumn {
  const keepsExact = isLossyKey(stream, column)
  const definition = keepsExact ? `exact ${column.definition}` : column.definition
  return { ...column, keepsExact, definition }
}

function unknownStream(stream: Stream, namespace: string, names: readonly string[]): StreamProblem {
  const near = closest(stream.stream, names)
  const some = names.slice(0, 12).join(', ')
  return {
    code: 'unknown-stream',
    message: `${stream.asset}: the source has no table or view ${stream.stream} in schema ${namespace}`,
    hint:
      near !== null
        ? `did you mean ${near}?`
        : names.length === 0
          ? `schema ${namespace} shows no tables: check namespace, and the rights of the user`
          : `the schema has ${some}${names.length > 12 ? ', …' : ''}`,
    asset: stream.asset,
    streamKey: 'stream',
  }
}

function unfitCursor(
  { asset, stream }: Stream,
  { column, name }: SourceColumn,
  all: readonly SourceColumn[],
): StreamProblem {
  const fit = all.filter(({ isOrdered }) => isOrdered).map((one) => one.column)
  const others =
    fit.length === 0
      ? 'no column of the table does'
      : `these columns do: ${fit.slice(0, 12).join(', ')}${fit.length > 12 ? ', …' : ''}`
  return {
    code: 'unfit-cursor',
    message: `${asset}: cursor ${column} of stream ${stream} has the type ${name}, whose values have no order or no max() in this PostgreSQL`,
    hint: `set cursor: to a column that grows with each write and has both (${others}), or set sync: full_refresh`,
    asset,
    streamKey: 'cursor',
  }
}

function missingColumn(
  code: ProblemCode,
  what: string,
  stream: Stream,
  column: string,
  all: readonly string[],
): Problem & { readonly asset: string } {
  const near = closest(column, all)
  return {
    code,
    message: `${stream.asset}: stream ${stream.stream} has no ${what} ${column}`,
    hint: near === null ? `its columns are ${all.join(', ')}` : `did you mean ${near}?`,
    asset: stream.asset,
  }
}

/** Column names that clash in the warehouse: it ignores case, and adds Airbyte's metadata columns. */
function clashes(
  { asset, stream }: Stream,
  selected: readonly SourceColumn[],
): readonly StreamProblem[] {
  const seen = new Map<string, string>()
  return selected.flatMap(({ column }): readonly StreamProblem[] => {
    const key = column.toLowerCase()
    const other =
      seen.get(key) ?? (key.startsWith('_airbyte_') ? "one of Airbyte's metadata columns" : null)
    seen.set(key, column)
    if (other === null) return []
    return [
      {
        code: 'column-clash',
        message: `${asset}: column ${column} of stream ${stream} has the same name as ${other} in the warehouse`,
        hint: `leave it out with exclude: [${column}]`,
        asset,
        streamKey: 'stream',
      },
    ]
  })
}
