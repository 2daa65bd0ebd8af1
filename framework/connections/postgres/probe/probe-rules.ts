import type { Probe } from '../../../model/observation.ts'
import type { Problem } from '../../../model/problem.ts'
import type { NoVersions, SourceTable } from '../source/catalog.ts'
import { hashColumns } from '../source/catalog.ts'
import { selectColumns } from '../source/select-columns.ts'
import type { Peek } from '../source/source.ts'
import { loadModeOf } from '../source/stream-mode.ts'
import type { StreamTable } from '../source/stream-tables.ts'
import {
  type ComparedRows,
  type CursorPosition,
  changeSince,
  recordedRowCount,
  rowCount,
  WHY_IN_FULL,
} from './cursor-position.ts'
import type { StreamRows } from './cursor-rows.ts'
import {
  attachedSince,
  isContinued,
  isSameServer,
  nothingCommitted,
  type Position,
  type RowsPosition,
  type ServerNow,
} from './position.ts'

/** The result of comparing a recorded position with the source's catalog (SEMANTICS 8). */
export type CatalogProbe =
  | { readonly is: 'answered'; readonly probe: Probe }
  /** The catalog is not enough: the row versions must be compared. */
  | { readonly is: 'undecided'; readonly table: SourceTable; readonly recorded: RowsPosition }
  /** The catalog is not enough: the rows from the cursor on must be compared. */
  | { readonly is: 'cursor'; readonly rows: StreamRows; readonly recorded: CursorPosition }
  | { readonly is: 'refused'; readonly problems: readonly Problem[] }

const UNCHANGED: Probe = { answer: 'unchanged' }
const NEVER_LOADED: Probe = { answer: 'unknown', message: 'no load from this source is recorded' }
const NO_VERSIONS: Probe = {
  answer: 'unknown',
  message: 'its rows have no versions to compare (for example a view), so every run loads it',
}
const RESTARTED: Probe = {
  answer: 'unknown',
  message:
    'the source was restarted, restored or recovered since the last load, so no earlier position proves anything',
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
  return nothingCommitted(recorded.server, peek.now) ? unchangedSince(recorded) : null
}

/** Answers a probe from the catalog and the server's position, as far as possible. Pure. */
export function probeCatalog(
  facts: StreamTable,
  recorded: Position | null,
  now: ServerNow,
): CatalogProbe {
  const selected = selectColumns(facts)
  if (!selected.ok) return { is: 'refused', problems: selected.problems }
  const { table, columns } = selected.value
  const answered = (probe: Probe): CatalogProbe => ({ is: 'answered', probe })
  if (recorded === null) return answered(NEVER_LOADED)
  if (table.noVersions !== null) return answered(noVersions(table.noVersions))
  if (recorded.rows === null) return answered(NO_VERSIONS)
  if (now.server.system === null) return answered(SYSTEM_UNKNOWN)
  if (!isSameServer(recorded.server, now.server)) {
    return answered(moved('the source is another database than at the last load'))
  }
  if (!isContinued(recorded.server, now)) return answered(RESTARTED)
  const { cursor } = recorded
  const attached = attachedSince(recorded, table)
  if (attached === null || (attached.length > 0 && cursor === null)) {
    return answered(
      moved(
        `${table.name} is another table in the source than at the last load, or has other partitions`,
      ),
    )
  }
  if (recorded.columns !== hashColumns(columns)) {
    return answered(moved(`columns of ${table.name} changed in the source since the last load`))
  }
  if (nothingCommitted(recorded.server, now)) return answered(unchangedSince(recorded))
  if (cursor === null) return { is: 'undecided', table, recorded: recorded.rows }
  if (cursor.column !== facts.stream.cursor) {
    return answered(moved('its cursor was another column at the last load'))
  }
  return {
    is: 'cursor',
    rows: { table, columns, cursor: cursor.column, attached },
    recorded: cursor,
  }
}

/**
 * A table without commits is what it was at its load. What a cursor did not tell before that load, it does not
 * tell now (SEMANTICS 38).
 */
function unchangedSince({ cursor }: Position): Probe {
  return cursor === null ? UNCHANGED : { answer: 'unchanged', asFarAs: cursor.column }
}

/** Answers a probe by comparing the rows of a stream with a cursor. Pure. */
export function compareCursorRows(
  { stream, table }: StreamTable,
  recorded: CursorPosition,
  now: ComparedRows,
): Probe {
  const change = changeSince(recorded, now, loadModeOf(stream, table!))
  const name = stream.stream
  switch (change.is) {
    case 'none':
      return { answer: 'unchanged', asFarAs: recorded.column }
    case 'newer':
      return moved(changed(name, rowCount(now) - recordedRowCount(recorded)))
    case 'other':
      return moved(
        change.why === 'fewer'
          ? changed(name, rowCount(now) - recordedRowCount(recorded))
          : `${name}: ${WHY_IN_FULL[change.why]}`,
      )
  }
}

function noVersions(why: NoVersions): Probe {
  return { answer: 'unknown', message: `${NO_VERSIONS_TEXT[why]}, so every run loads it` }
}

const NO_VERSIONS_TEXT: Readonly<Record<NoVersions, string>> = {
  view: 'its rows have no versions to compare (it is a view, or reads a foreign table)',
  denied: 'the user may not read the versions of its rows',
  catalog: 'rows of a system catalog can change without a new version',
  unlogged: 'it is unlogged, and a crash empties it unseen',
  policies: 'row level security decides which of its rows the user sees',
  unpopulated: 'it is a materialized view that was not refreshed yet',
  names: 'it has a column whose text depends on the names of other objects, such as regclass',
}

/** Answers a probe by comparing row versions. Pure. */
export function compareRowVersions(name: string, recorded: RowsPosition, now: RowsPosition): Probe {
  return recorded.count === now.count && recorded.hash === now.hash
    ? UNCHANGED
    : moved(changed(name, Number(now.count) - Number(recorded.count)))
}

/** `t has 1 more row in the source since the last load`. */
function changed(name: string, more: number): string {
  if (more === 0) return `${name} changed in the source since the last load`
  const rows = Math.abs(more)
  return `${name} has ${rows} ${more > 0 ? 'more' : 'fewer'} ${rows === 1 ? 'row' : 'rows'} in the source since the last load`
}
