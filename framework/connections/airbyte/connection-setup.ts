import type { Json } from '../../lib/json.ts'
import { field, listOf, pathsOf, textOf } from './json-fields.ts'

/** A connection as it is set up in Airbyte. */
export interface Setup {
  readonly status: string
  readonly statusReason: string
  readonly workspaceId: string | null
  readonly prefix: string
  readonly streams: readonly StreamSetup[]
}

/** A stream that is switched on. null and empty lists: Airbyte says nothing of it. */
export interface StreamSetup {
  readonly name: string
  readonly namespace: string | null
  readonly mode: string | null
  readonly cursor: string | null
  readonly primaryKey: readonly string[]
  /** null: all of them. */
  readonly columns: readonly string[] | null
}

export function setupOf(value: Json): Setup {
  return {
    status: textOf(value, 'status') ?? 'active',
    statusReason: textOf(value, 'statusReason') ?? '',
    workspaceId: textOf(value, 'workspaceId'),
    prefix: textOf(value, 'prefix') ?? '',
    streams: listOf(field(value, 'configurations'), 'streams').map(streamSetupOf),
  }
}

function streamSetupOf(value: Json): StreamSetup {
  const cursor = listOf(value, 'cursorField').join('.')
  const selected = listOf(value, 'selectedFields')
  return {
    name: textOf(value, 'name') ?? '',
    namespace: textOf(value, 'namespace'),
    mode: textOf(value, 'syncMode'),
    cursor: cursor === '' ? null : cursor,
    primaryKey: pathsOf(listOf(value, 'primaryKey')),
    columns:
      selected.length === 0 ? null : pathsOf(selected.map((one) => listOf(one, 'fieldPath'))),
  }
}
