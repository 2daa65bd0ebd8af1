import type { Probe } from '../../../model/observation.ts'
import type { Problem } from '../../../model/problem.ts'
import { columnsHash } from '../source/catalog.ts'
import { selectColumns } from '../source/select-columns.ts'
import type { Peek } from '../source/source.ts'
import type { StreamFacts } from '../source/stream-tables.ts'
import {
  nothingCommitted,
  type Position,
  type RowsPosition,
  type ServerPosition,
  sameServer,
} from './position.ts'
import type { VersionedRows } from './row-versions.ts'

/** What a stream's recorded position and one look at the source say together (SEMANTICS 8). */
export type Look =
  | { readonly look: 'answered'; readonly probe: Probe }
  /** Only its row versions can tell. */
  | { readonly look: 'count'; readonly rows: VersionedRows; readonly recorded: RowsPosition }
  | { readonly look: 'refused'; readonly problems: readonly Problem[] }

const UNCHANGED: Probe = { answer: 'unchanged' }
const NEVER: Probe = { answer: 'unknown', message: 'no load from this source is recorded' }
const NO_VERSIONS: Probe = {
  answer: 'unknown',
  message: 'its rows have no versions to compare (a view, say), so it is loaded each time',
}
const NAMELESS: Probe = {
  answer: 'unknown',
  message: 'the server keeps from this user which database it is (pg_control_system)',
}
const moved = (message: string): Probe => ({ answer: 'moved', message })

/** What can be said without opening the source; null when that is not enough. */
export function glance(recorded: Position | null, peek: Peek): Probe | null {
  if (peek.state === 'ask') return null
  if (recorded === null) return NEVER
  if (peek.state === 'absent') return moved('the source is gone and will be made anew')
  if (recorded.rows === null) return NO_VERSIONS
  return nothingCommitted(recorded.server, peek.position) ? UNCHANGED : null
}

/** What the catalog and the server's position say. */
export function lookAt(facts: StreamFacts, recorded: Position | null, now: ServerPosition): Look {
  const selected = selectColumns(facts)
  if (!selected.ok) return { look: 'refused', problems: selected.problems }
  const { table, columns } = selected.value
  const answered = (probe: Probe): Look => ({ look: 'answered', probe })
  if (recorded === null) return answered(NEVER)
  if (recorded.rows === null) return answered(NO_VERSIONS)
  if (now.system === null) return answered(NAMELESS)
  if (!sameServer(recorded.server, now)) {
    return answered(moved('the source is another database than at the load'))
  }
  if (nothingCommitted(recorded.server, now)) return answered(UNCHANGED)
  if (recorded.columns !== columnsHash(columns)) {
    return answered(moved(`columns of ${table.name} changed in the source since the load`))
  }
  if (!table.versioned) return answered(NO_VERSIONS)
  const { cursor } = recorded
  if (cursor !== null && cursor.column !== facts.stream.cursor) {
    return answered(moved('its cursor was another column at the load'))
  }
  return { look: 'count', rows: { table, cursor }, recorded: recorded.rows }
}

/** What the row versions say. */
export function compareRows(name: string, recorded: RowsPosition, now: RowsPosition): Probe {
  if (recorded.count !== now.count) {
    const [before, after] = [recorded.count, now.count].map((count) => Number(count))
    const rows = (after ?? 0) - (before ?? 0)
    const change = rows > 0 ? `${rows} more` : `${-rows} fewer`
    return moved(
      `${name} has ${change} ${Math.abs(rows) === 1 ? 'row' : 'rows'} in the source since the load`,
    )
  }
  return recorded.hash === now.hash
    ? UNCHANGED
    : moved(`${name} changed in the source since the load`)
}
