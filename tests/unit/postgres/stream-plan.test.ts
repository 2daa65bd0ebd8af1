import { describe, expect, test } from 'vitest'
import { copyStatement } from '../../../framework/connections/postgres/copy/copy-statement.ts'
import { pageRanges } from '../../../framework/connections/postgres/load/page-ranges.ts'
import {
  continuePlan,
  planStream,
} from '../../../framework/connections/postgres/load/stream-plan.ts'
import type {
  ComparedRows,
  CursorPosition,
} from '../../../framework/connections/postgres/probe/cursor-position.ts'
import {
  type Position,
  recordedPosition,
  type ServerPosition,
} from '../../../framework/connections/postgres/probe/position.ts'
import {
  compareRowVersions,
  probeCatalog,
  probeWithoutOpening,
} from '../../../framework/connections/postgres/probe/probe-rules.ts'
import type { Heaps, SourceTable } from '../../../framework/connections/postgres/source/catalog.ts'
import { hashColumns } from '../../../framework/connections/postgres/source/catalog.ts'
import { columnExpression } from '../../../framework/connections/postgres/source/column-expression.ts'
import type { StreamTable } from '../../../framework/connections/postgres/source/stream-tables.ts'
import type { Stream } from '../../../framework/model/stream.ts'
import { stream } from '../../rig/load.ts'

const column = (name: string, type = 'int4') => ({
  column: name,
  name: type,
  array: false,
  modifier: -1,
  hasNames: false,
  definition: `${name} ${type}`,
  isOrdered: true,
})

const table: SourceTable = {
  oid: '1',
  namespace: 'public',
  name: 't',
  columns: [column('id'), column('at', 'timestamp'), column('v', 'text')],
  identity: 'table 1',
  heaps: { own: 'table', others: ['2', '3'] },
  noVersions: null,
  pages: 10,
  estimatedRows: null,
  unique: [['id']],
}

/** The table after its tree of tables changed. */
const other = (heaps: Partial<Heaps> = {}): SourceTable => ({
  ...table,
  identity: 'table 2',
  heaps: { ...table.heaps!, ...heaps },
})

const at = { count: '1', hash: '5' }
const none = { count: '0', hash: '0' }
const recordedCursor = (column: string, value: string): CursorPosition => ({
  ...{ column, value, below: '1', at, apart: none },
  versions: { from: '4294967300', later: ['6'], isWhole: true },
})
/** One row at the cursor more than was recorded. */
const found: ComparedRows = {
  ...{ last: '2024-01-01 00:00:00', points: '3', apart: none },
  shown: { from: '4294967320', end: '4294967350', isRecent: true, isWhole: true },
  since: {
    at: { count: '2', hash: '8' },
    from: { count: '2', hash: '8' },
    attached: 0,
    isComparable: true,
    versions: { left: 2, newBelow: 0 },
  },
}

const NOW: ServerPosition = { system: 'one', copy: 'here', life: 'a', snapshot: '7:7:' }
const position: Position = {
  server: NOW,
  identity: 'table 1',
  heaps: { own: 'table', others: ['2', '3'] },
  columns: hashColumns(table.columns),
  rows: { count: '2', hash: '5' },
  cursor: recordedCursor('at', '2024-01-01 00:00:00'),
  generation: 3,
}

const factsOf = (one: Stream, there: SourceTable | null = table): StreamTable => ({
  stream: one,
  table: there,
  namespace: 'public',
  names: [],
})

const APPEND = { sync: 'incremental_append', cursor: 'at' } as const

function planned(
  one: Stream,
  {
    recorded = position as Position | null,
    now = NOW as Position['server'],
    full = false,
    there = table,
    rows = found,
  } = {},
) {
  const plan = planStream(factsOf(one, there), { server: now, lives: [now.life] }, recorded, full)
  if (!plan.ok) throw new Error(plan.problems[0]?.message)
  const { whole, recorded: before } = plan.value
  return before === null ? whole : continuePlan(whole, before, rows)
}

describe('how a stream is loaded', () => {
  const append = stream('t', APPEND)
  const dedup = stream('t', { sync: 'incremental_dedup', cursor: 'at', primaryKey: ['id'] })

  test('a full refresh replaces', () => {
    expect(planned(stream('t')).mode).toEqual({ how: 'replace' })
  })

  test('an incremental stream continues from its cursor and its generation', () => {
    const plan = planned(append)
    expect([plan.mode, plan.generation, plan.query.since]).toEqual([
      { how: 'append' },
      3,
      {
        ...{
          column: 'at',
          value: '2024-01-01 00:00:00',
          inclusive: false,
          point: 'isfinite("at")',
        },
        besides: {
          condition:
            "(((xmin::text::int8 - 4294967300) & 4294967295) < 50 and not xmin = any ('{6}'::xid[]))",
          below: false,
        },
      },
    ])
    expect(planned(dedup).mode).toEqual({ how: 'merge', key: ['id'] })
    expect(planned(dedup).query.since).toMatchObject({ inclusive: true, besides: null })
  })

  test('continues a table that only got partitions, which are named to the query of its rows', () => {
    const { mode, rows } = planned(dedup, { there: other({ others: ['1', '2', '3', '9'] }) })
    expect([mode.how, rows?.attached]).toEqual(['merge', ['1', '9']])
  })

  const inFull: readonly (readonly [string, Parameters<typeof planned>[1], string | null])[] = [
    ['nothing is recorded', { recorded: null }, null],
    ['it is asked for', { full: true }, null],
    ['no cursor was recorded', { recorded: { ...position, cursor: null } }, null],
    [
      'the cursor is another column',
      { recorded: { ...position, cursor: recordedCursor('id', '1') } },
      null,
    ],
    [
      'the columns changed',
      { recorded: { ...position, columns: 'others' } },
      'its columns changed',
    ],
    [
      'the database is another',
      { now: { ...NOW, system: 'two' } },
      'the source is another database',
    ],
    [
      'the database is another copy, after a failover',
      { now: { ...NOW, copy: 'there' } },
      'the source is another copy',
    ],
    ['the table is another', { there: other({ own: 'other' }) }, 'it is another table'],
    ['a partition was detached', { there: other({ others: ['2'] }) }, 'it is another table'],
    ['a partition was replaced', { there: other({ others: ['2', '4'] }) }, 'it is another table'],
    ['a view is another', { there: { ...other(), heaps: null } }, 'it is another table'],
    [
      'a view was recorded',
      { recorded: { ...position, heaps: null }, there: other() },
      'it is another table',
    ],
    [
      'the database cannot be identified',
      { now: { ...NOW, system: null } },
      'the source is another database',
    ],
    [
      'the server was restarted, and could have been restored',
      { now: { ...NOW, life: 'b' } },
      'the source was restarted',
    ],
    ['a cursor can not tell', { rows: { ...found, points: '1' } }, 'it has fewer rows'],
  ]
  test.each(inFull)('reads in full if %s', (_when, given, note) => {
    const plan = planned(dedup, given)
    expect([plan.mode, plan.generation, plan.query.since]).toEqual([{ how: 'replace' }, null, null])
    expect(plan.note?.startsWith(note ?? '') ?? null).toBe(note === null ? null : true)
  })

  test('reads in full without a cursor', () => {
    const plan = planned(stream('t', { sync: 'incremental_dedup', primaryKey: ['id'] }))
    expect([plan.mode, plan.note]).toEqual([{ how: 'replace' }, null])
  })
})

describe('the COPY', () => {
  const text = (one: Stream, more: Parameters<typeof planned>[1] = {}, versions = false) => {
    const { query } = planned(one, { recorded: null, ...more })
    return copyStatement(query, versions)
  }

  test('reads binary values of known types, and the text of all others', () => {
    expect(text(stream('t'), {}, true)).toBe(
      'copy (select xmin, "id", "at", "v" from "public"."t") to stdout (format binary)',
    )
    const there = { ...table, columns: [column('i', 'inet'), column('f', 'float4')] }
    expect(text(stream('t'), { there })).toBe(
      'copy (select case when "i" is distinct from null then concat("i") end, "f"::text::float8 from "public"."t") to stdout (format binary)',
    )
  })

  test('quotes any names and values', () => {
    const there = {
      ...table,
      name: 'o"dd',
      columns: [column(`it's "it"`, 'text')],
      unique: [],
    }
    const one = stream('o"dd', { sync: 'incremental_append', cursor: `it's "it"` })
    const recorded = {
      ...position,
      columns: hashColumns(there.columns),
      cursor: recordedCursor(one.cursor!, "x' or 1"),
    }
    const sql = text(one, { there, recorded })
    expect(sql).toContain('from "public"."o""dd" where "it\'s ""it""" >= \'x\'\' or 1\' and (')
    expect(sql).toMatch(/ and "it's ""it""" is not null\) to stdout/)
    expect(sql).toContain(`select "it's ""it""" from`)
  })

  test('reads the newest row of a key that the source does not enforce', () => {
    const there = { ...table, unique: [['v'], ['id', 'at']] }
    const one = stream('t', {
      sync: 'incremental_dedup',
      primaryKey: ['id'],
      cursor: 'at',
      columns: ['id'],
    })
    expect(text(one, { there })).toBe(
      'copy (select distinct on ("id") "id" from "public"."t" order by "id", "at" desc nulls last) to stdout (format binary)',
    )
    expect(
      text({ ...one, primaryKey: ['id', 'v'], columns: ['id', 'v'] }, { there }),
    ).not.toContain('distinct')
  })

  test('is divided into ranges that cover all pages, the last without an end', () => {
    const { query } = planned(stream('t'))
    const cut = (pages: number, more = {}) =>
      pageRanges({ query: { ...query, ...more }, table: { ...table, pages } })
    expect(cut(4096)).toEqual([null])
    expect(cut(10_000)).toEqual([
      { from: 0, to: 3334 },
      { from: 3334, to: 6668 },
      { from: 6668, to: null },
    ])
    expect(cut(10_000, { since: planned(stream('t', APPEND)).query.since })).toEqual([null])
    const conditions = cut(10_000).map(
      (pages) => copyStatement({ ...query, pages }, false).match(/ where (.*)\) to/)?.[1],
    )
    expect(conditions).toEqual([
      "ctid < '(3334,0)'",
      "ctid >= '(3334,0)' and ctid < '(6668,0)'",
      "ctid >= '(6668,0)'",
    ])
  })
})

describe('numeric', () => {
  const modifier = (precision: number, scale: number) => ((precision << 16) | (scale & 0x7ff)) + 4
  const numeric = (precision: number, scale: number) =>
    columnExpression('n', { name: 'numeric', array: false, modifier: modifier(precision, scale) })

  test.each([
    [10, 2, 'number', 'numeric'],
    [38, 0, 'integer', 'integer'],
    [60, 0, 'integer', 'integer'],
    [2, -37, 'integer', 'integer'],
    [400, 10, 'number', 'numeric'],
  ])('(%i, %i) is a %s', (precision, scale, type, wire) => {
    const read = numeric(precision, scale)
    expect([read.type.type, read.wire]).toEqual([type, wire])
  })

  test('without precision is a number', () => {
    expect(columnExpression('n', { name: 'numeric', array: false, modifier: -1 }).wire).toBe(
      'numeric',
    )
  })
})

describe('a probe of a stream', () => {
  const look = (
    recorded: Position | null,
    now = NOW,
    there: SourceTable | null = table,
    cursor = 'at',
  ) => {
    const asked = stream('t', { sync: 'incremental_append', cursor })
    const one = probeCatalog(factsOf(asked, there), recorded, continued(now))
    return one.is === 'answered' ? one.probe.answer : one.is
  }
  const continued = (server: ServerPosition) => ({ server, lives: ['a', server.life] })
  const later = { ...NOW, snapshot: '9:9:' }

  test('is unchanged only by a snapshot of the same server', () => {
    expect(look(position)).toBe('unchanged')
    expect(look(position, later)).toBe('cursor')
    expect(look({ ...position, cursor: null }, later)).toBe('undecided')
    expect(look(position, { ...NOW, copy: 'there' })).toBe('moved')
    expect(look(position, { ...NOW, system: 'two' })).toBe('moved')
  })

  test('is unknown if the database cannot be identified', () => {
    const unnamed = { ...NOW, system: null }
    expect(look({ ...position, server: unnamed }, unnamed)).toBe('unknown')
  })

  test('is unknown without row versions', () => {
    expect(look({ ...position, rows: null })).toBe('unknown')
    expect(look(position, NOW, { ...table, noVersions: 'policies' })).toBe('unknown')
    const named = [{ ...column('id', 'regclass'), hasNames: true }, column('at')]
    expect(look(position, NOW, { ...table, columns: named })).toBe('unknown')
    expect(look(null)).toBe('unknown')
  })

  test('is moved if the columns changed', () => {
    expect(look(position, later, { ...table, columns: [column('id'), column('at')] })).toBe('moved')
    expect(look(position, later, table, 'id')).toBe('moved')
  })

  test('is unknown after the history of the server could have forked', () => {
    const server = { ...NOW, life: 'b' }
    const asked = factsOf(stream('t', { sync: 'incremental_append', cursor: 'at' }))
    const probed = (lives: readonly string[]) => {
      const one = probeCatalog(asked, position, { server, lives })
      return one.is === 'answered' ? one.probe.answer : one.is
    }
    expect(probed(['b'])).toBe('unknown')
    expect(probed(['a', 'b'])).toBe('unchanged')
  })

  test('is undecided on a standby, whose snapshot does not tell what is in progress', () => {
    const standby = { ...NOW, snapshot: null }
    expect(look({ ...position, server: standby }, standby)).toBe('cursor')
  })

  test('is moved if it is another table, although nothing else differs', () => {
    expect(look(position, NOW, other({ own: 'other' }))).toBe('moved')
    expect(look(position, NOW, other({ others: ['2'] }))).toBe('moved')
  })

  test('is undecided after a partition was attached, if a cursor tells what is in it', () => {
    const more = other({ others: ['2', '3', '4'] })
    expect(look(position, later, more)).toBe('cursor')
    expect(look({ ...position, cursor: null }, later, more)).toBe('moved')
  })

  test('is refused for a missing stream', () => {
    expect(look(position, later, null)).toBe('refused')
  })

  test('of a closed source is answered without opening it', () => {
    const closed = { state: 'closed', now: continued(NOW) } as const
    expect(probeWithoutOpening(position, closed)).toEqual({ answer: 'unchanged', asFarAs: 'at' })
    expect(probeWithoutOpening({ ...position, cursor: null }, closed)).toEqual({
      answer: 'unchanged',
    })
    expect(probeWithoutOpening(position, { state: 'closed', now: continued(later) })).toBe(null)
    expect(
      probeWithoutOpening(position, { state: 'closed', now: { server: NOW, lives: [] } }),
    ).toBe(null)
    expect(probeWithoutOpening({ ...position, rows: null }, closed)?.answer).toBe('unknown')
    expect(probeWithoutOpening(null, closed)?.answer).toBe('unknown')
    expect(probeWithoutOpening(position, { state: 'absent' })?.answer).toBe('moved')
    expect(probeWithoutOpening(position, { state: 'ask' })).toBe(null)
  })

  test('reports the number of rows', () => {
    const rows = { count: '5', hash: '1' }
    expect(compareRowVersions('t', rows, rows)).toEqual({ answer: 'unchanged' })
    const say = (now: typeof rows) => {
      const probe = compareRowVersions('t', rows, now)
      return 'message' in probe ? probe.message : probe.answer
    }
    expect(say({ count: '5', hash: '2' })).toBe('t changed in the source since the last load')
    expect(say({ count: '6', hash: '2' })).toBe(
      't has 1 more row in the source since the last load',
    )
    expect(say({ count: '2', hash: '2' })).toBe(
      't has 3 fewer rows in the source since the last load',
    )
  })
})

test('a position of another connection or an older format is ignored', () => {
  expect(recordedPosition({ ...position })).toEqual(position)
  for (const other of [
    null,
    3,
    'x',
    [],
    {},
    { server: null },
    { server: {}, columns: 'x', generation: 1 },
    { ...position, cursor: { column: 'at', value: '1' } },
    { sync: 9 },
  ]) {
    expect(recordedPosition(other)).toBe(null)
  }
})
