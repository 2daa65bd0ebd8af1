import type { Probe } from '../../../model/observation.ts'
import type { Problem } from '../../../model/problem.ts'
import { hashColumns } from '../source/catalog.ts'
import { selectColumns } from '../source/select-columns.ts'
import type { Peek } from '../source/source.ts'
import type { StreamTable } from '../source/stream-tables.ts'
import {
  isSameServer,
  nothingCommitted,
  type Position,
  type RowsPosition,
  type ServerPosition,
} from './position.ts'
import type { VersionedRows } from './row-versions.ts'

/** The result of comparing a recorded position with the source's catalog (SEMANTICS 8). */
export type CatalogProbe =
  | { readonly is: 'answered'; readonly probe: Probe }
  /** The catalog is not enough: the row versions must be compared. */
  | { readonly is: 'undecided'; readonly rows: VersionedRows; readonly recorded: RowsPosition }
  | { readonly is: 'refused'; readonly problems: readonly Problem[] }

const UNCHANGED: Probe = { answer: 'unchanged' }
const NEVER_LOADED: Probe = { answer: 'unknown', message: 'no load from this source is recorded' }
const NO_VERSIONS: Probe = {
  answer: 'unknown',
  message: 'its rows have no versions to compare (for example a view), so every run loads it',
}
const SYSTEM_UNKNOWN: Probe = {
  answer: 'unknown',
  message: 'the user may not call pg_control_system, so the database cannot be identified',
}
const moved = (message: string): Probe => ({ answer: 'moved', message })

/** Answers a probe without opening the source; null if that is not possible. Pure. */
export function probeWithoutOpening(recorded: Position | null, peek: Peek): Probe | null {
  if (peek.state === 'ask') return null
  if (recorded === null) return NEVER_LOADED
  if (peek.state === 'absent') return moved('the source was deleted and will be created again')
  if (recorded.rows === null) return NO_VERSIONS
  return nothingCommitted(recorded.server, peek.position) ? UNCHANGED : null
}

/** Answers a probe from the catalog and the server's position, as far as possible. Pure. */
export function probeCatalog(
  facts: StreamTable,
  recorded: Position | null,
  now: ServerPosition,
): CatalogProbe {
  const selected = selectColumns(facts)
  if (!selected.ok) return { is: 'refused', problems: selected.problems }
  const { table, columns } = selected.value
  const answered = (probe: Probe): CatalogProbe => ({ is: 'answered', probe })
  if (recorded === null) return answered(NEVER_LOADED)
  if (recorded.rows === null) return answered(NO_VERSIONS)
  if (now.system === null) return answered(SYSTEM_UNKNOWN)
  if (!isSameServer(recorded.server, now)) {
    return answered(moved('the source is another database than at the last load'))
  }
  if (nothingCommitted(recorded.server, now)) return answered(UNCHANGED)
  if (recorded.columns !== hashColumns(columns)) {
    return answered(moved(`columns of ${table.name} changed in the source since the last load`))
  }
  if (!table.hasRowVersions) return answered(NO_VERSIONS)
  const { cursor } = recorded
  if (cursor !== null && cursor.column !== facts.stream.cursor) {
    return answered(moved('its cursor was another column at the last load'))
  }
  return { is: 'undecided', rows: { table, cursor }, recorded: recorded.rows }
}

/** Answers a probe by comparing row versions. Pure. */
export function compareRowVersions(name: string, recorded: RowsPosition, now: RowsPosition): Probe {
  if (recorded.count !== now.count) {
    const [before, after] = [recorded.count, now.count].map((count) => Number(count))
    const rows = (after ?? 0) - (before ?? 0)
    const change = rows > 0 ? `${rows} more` : `${-rows} fewer`
    return moved(
      `${name} has ${change} ${Math.abs(rows) === 1 ? 'row' : 'rows'} in the source since the last load`,
    )
  }
  return recorded.hash === now.hash
    ? UNCHANGED
    : moved(`${name} changed in the source since the last load`)
}
