import type { Stream } from '../../../model/stream.ts'
import type { StreamProblem } from '../../../model/stream-problem.ts'
import { DECODERS } from '../copy/decoders.ts'
import type { SourceColumn } from './catalog.ts'
import { columnExpression } from './column-expression.ts'

/** The columns by which the warehouse merges rows of a stream. None if every load reads the stream in full. */
const mergeKey = (stream: Stream): readonly string[] =>
  stream.sync === 'incremental_dedup' && stream.cursor !== null ? stream.primaryKey : []

/** Whether rows are merged by a column of which some values lose information. Pure. */
export const isLossyKey = (stream: Stream, column: SourceColumn): boolean =>
  mergeKey(stream).includes(column.column) &&
  !DECODERS[columnExpression(column.column, column).wire].lossless

/** These two types of PostgreSQL's own are arrays whose bounds can't vary. */
const FIXED_BOUNDS = ['int2vector', 'oidvector']

/**
 * The problems of key columns whose values can become equal in the warehouse unseen (SEMANTICS 37b). Of every
 * other type, a value that loses information is listed. Pure.
 */
export function inexactKeys(
  stream: Stream,
  columns: readonly SourceColumn[],
): readonly StreamProblem[] {
  const keys = mergeKey(stream)
  return columns.flatMap((one): readonly StreamProblem[] => {
    const { column } = one
    const why = keys.includes(column) ? whyInexact(one) : null
    if (why === null) return []
    return [
      {
        code: 'inexact-key',
        message: `${stream.asset}: key column ${column} of stream ${stream.stream} ${why}, so two keys can become equal`,
        hint: `remove ${column} from primary_key:, or set sync: full_refresh`,
        asset: stream.asset,
        streamKey: 'primary_key',
      },
    ]
  })
}

function whyInexact({ array, name, hasNames }: SourceColumn): string | null {
  if (hasNames) return 'arrives as the names of other objects, which can change'
  if (array && !FIXED_BOUNDS.includes(name)) return 'is an array, which arrives without its bounds'
  return null
}
