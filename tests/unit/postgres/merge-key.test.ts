import { describe, expect, test } from 'vitest'
import {
  hashColumns,
  type SourceTable,
} from '../../../framework/connections/postgres/source/catalog.ts'
import { selectColumns } from '../../../framework/connections/postgres/source/select-columns.ts'
import type { Stream } from '../../../framework/model/stream.ts'
import { stream } from '../../rig/load.ts'

const column = (type: string, array = false, hasNames = false) => ({
  ...{ column: type, name: type, array, modifier: -1 },
  definition: type,
  hasNames,
  isOrdered: true,
})

const LOSSLESS = [
  ...['int2', 'int4', 'int8', 'oid', 'bool', 'text', 'varchar', 'bpchar', 'name', 'jsonb', 'uuid'],
  ...['timetz', 'interval', 'bytea', 'inet', 'public.mood', 'public.citext', 'public.pair'],
]
const LOSSY = ['numeric', 'money', 'float4', 'float8', 'date', 'time', 'timestamp', 'timestamptz']
const columns = [
  ...[...LOSSLESS, ...LOSSY].map((type) => column(type)),
  ...[column('_int4', true), column('int2vector', true), column('regclass', false, true)],
]

const select = (key: string, more: Partial<Stream> = {}) => {
  const one = stream('t', { sync: 'incremental_dedup', cursor: 'int8', primaryKey: [key], ...more })
  const table = { namespace: 'public', name: 't', columns } as unknown as SourceTable
  return selectColumns({ stream: one, table, namespace: 'public', names: [] })
}

/** The columns whose exact values are kept, and whether another key means other values. */
function kept(key: string, more: Partial<Stream> = {}) {
  const selected = select(key, more)
  if (!selected.ok) throw new Error(selected.problems[0]?.message)
  const own = selected.value.columns
  return {
    exact: own.filter(({ keepsExact }) => keepsExact).map((one) => one.column),
    isReadAgain: hashColumns(own) !== hashColumns(columns as SourceTable['columns']),
  }
}

describe('a key column', () => {
  test.each(LOSSLESS)('of type %s is compared as it arrives', (type) => {
    expect(kept(type)).toEqual({ exact: [], isReadAgain: false })
  })

  test.each(LOSSY)(
    'of type %s keeps its exact values, also in the rows of earlier loads',
    (type) => {
      expect(kept(type)).toEqual({ exact: [type], isReadAgain: true })
    },
  )

  test('keeps nothing in a stream whose rows are never merged', () => {
    for (const more of [
      { sync: 'full_refresh' },
      { sync: 'incremental_append' },
      { cursor: null },
    ] as const) {
      expect(kept('numeric', more)).toEqual({ exact: [], isReadAgain: false })
      expect(select('_int4', more).ok).toBe(true)
    }
  })

  test('that is an array is refused, unless its bounds can not vary', () => {
    const refused = select('_int4')
    expect(refused.ok ? [] : refused.problems).toMatchObject([
      { code: 'inexact-key', asset: 'raw_t', streamKey: 'primary_key' },
    ])
    expect(select('int2vector').ok).toBe(true)
  })

  test('that holds names of other objects is refused', () => {
    const refused = select('regclass')
    expect(refused.ok ? [] : refused.problems[0]?.message).toContain('regclass of stream t arrives')
  })
})
