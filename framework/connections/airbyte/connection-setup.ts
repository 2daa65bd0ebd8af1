import type { Json } from '../../lib/json.ts'
import { columnPaths, field, listOf, textOf } from './json-fields.ts'

/** The setup of a connection in Airbyte. */
export interface ConnectionSetup {
  readonly status: string
  readonly statusReason: string
  readonly workspaceId: string | null
  readonly prefix: string
  /** The enabled streams. */
  readonly streams: readonly StreamSetup[]
}

/** The setup of an enabled stream. null or empty: Airbyte does not report it. */
export interface StreamSetup {
  readonly name: string
  readonly namespace: string | null
  readonly mode: string | null
  readonly cursor: string | null
  readonly primaryKey: readonly string[]
  /** null: all columns. */
  readonly columns: readonly string[] | null
}

/** Parses a `ConnectionResponse` of the public API. */
export function parseSetup(value: Json): ConnectionSetup {
  return {
    status: textOf(value, 'status') ?? 'active',
    statusReason: textOf(value, 'statusReason') ?? '',
    workspaceId: textOf(value, 'workspaceId'),
    prefix: textOf(value, 'prefix') ?? '',
    streams: listOf(field(value, 'configurations'), 'streams').map(parseStreamSetup),
  }
}

function parseStreamSetup(value: Json): StreamSetup {
  const cursor = listOf(value, 'cursorField').join('.')
  const selected = listOf(value, 'selectedFields')
  return {
    name: textOf(value, 'name') ?? '',
    namespace: textOf(value, 'namespace'),
    mode: textOf(value, 'syncMode'),
    cursor: cursor === '' ? null : cursor,
    primaryKey: columnPaths(listOf(value, 'primaryKey')),
    columns:
      selected.length === 0 ? null : columnPaths(selected.map((one) => listOf(one, 'fieldPath'))),
  }
}
