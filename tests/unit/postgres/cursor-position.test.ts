import { describe, expect, test } from 'vitest'
import {
  type ComparedRows,
  type CursorPosition,
  type CursorRows,
  type CursorRowsSince,
  changeSince,
} from '../../../framework/connections/postgres/probe/cursor-position.ts'
import { isUnloaded } from '../../../framework/connections/postgres/probe/cursor-rows.ts'
import { isPoint } from '../../../framework/connections/postgres/source/cursor-type.ts'

const rows = (count: number, hash = count) => ({ count: String(count), hash: String(hash) })

/** Five rows below the cursor, two at it, one without. */
const recorded: CursorPosition = {
  ...{ column: 'at', value: '9', below: '5', at: rows(2), apart: rows(1) },
  versions: { from: '100', later: [], isWhole: true },
}

function now(
  since: Partial<CursorRowsSince> = {},
  more: Partial<Omit<CursorRows, 'since'>> = {},
): ComparedRows {
  return {
    ...{
      last: '9',
      points: '7',
      apart: rows(1),
      shown: null,
    },
    since: {
      at: rows(2),
      from: rows(2),
      attached: 0,
      isComparable: true,
      versions: { left: 8, newBelow: 0 },
      ...since,
    },
    ...more,
  }
}

const APPEND = { merges: false, isKeyUnique: false }
const MERGE = { merges: true, isKeyUnique: true }
const newer = (unloaded: string) => ({ is: 'newer', unloaded })
const other = (why: string) => ({ is: 'other', why })

describe('rows since a recorded position', () => {
  const cases: readonly (readonly [string, ComparedRows, object, object])[] = [
    ['are the same', now(), { is: 'none' }, { is: 'none' }],
    [
      'are more above the cursor',
      now({ from: rows(4) }, { points: '9' }),
      newer('at'),
      newer('none'),
    ],
    [
      'were attached up to the cursor',
      now({ from: rows(4), attached: 1 }, { points: '9' }),
      other('attached'),
      other('attached'),
    ],
    [
      'are others at the cursor',
      now({ at: rows(2, 7), from: rows(2, 7) }),
      newer('at'),
      newer('none'),
    ],
    ['moved above the cursor', now({ from: rows(3) }), newer('at'), newer('none')],
    [
      'were added below',
      now({ versions: { left: 8, newBelow: 1 } }, { points: '8' }),
      newer('below'),
      newer('below'),
    ],
    [
      'were updated below',
      now({ versions: { left: 7, newBelow: 1 } }),
      { is: 'none' },
      newer('below'),
    ],
    ['are fewer', now({}, { points: '6' }), other('fewer'), other('fewer')],
    [
      'are none at the cursor or above',
      now({ at: rows(0), from: rows(0) }, { last: '8' }),
      other('lower'),
      other('lower'),
    ],
    ['are others without a cursor', now({}, { apart: rows(1, 7) }), other('apart'), other('apart')],
    [
      'are all new',
      now({ from: rows(2, 7), versions: { left: 0, newBelow: 5 } }),
      other('refilled'),
      other('refilled'),
    ],
    [
      'are all new, and all above the cursor',
      now({ from: rows(8, 7), versions: { left: 0, newBelow: 0 } }, { points: '8' }),
      newer('at'),
      other('refilled'),
    ],
  ]
  test.each(cases)('%s', (_what, rowsNow, appended, merged) => {
    expect(changeSince(recorded, rowsNow, APPEND)).toEqual(appended)
    expect(changeSince(recorded, rowsNow, MERGE)).toEqual(merged)
  })

  test('at the cursor can not be told apart without versions', () => {
    const unversioned = { isComparable: false, versions: null, at: rows(3), from: rows(4) }
    const there = now(unversioned, { points: '9' })
    expect(changeSince(recorded, there, APPEND)).toEqual(other('ties'))
    expect(changeSince(recorded, there, MERGE)).toEqual(newer('none'))
    const above = now({ ...unversioned, at: rows(2) }, { points: '9' })
    expect(changeSince(recorded, above, APPEND)).toEqual(newer('none'))
  })

  test('that are very old are merged again, and end a history', () => {
    const there = now({ versions: null, at: rows(3), from: rows(3) })
    expect(changeSince(recorded, there, APPEND)).toEqual(newer('at'))
    const late = now({ versions: null }, { points: '8' })
    expect(changeSince(recorded, late, APPEND)).toEqual(other('late'))
    expect(changeSince(recorded, late, MERGE)).toEqual(newer('below'))
  })

  test('below the cursor are not merged if a newer row may have their key', () => {
    const there = now({ versions: { left: 7, newBelow: 1 } })
    expect(changeSince(recorded, there, { merges: true, isKeyUnique: false })).toEqual(
      other('late'),
    )
  })
})

test('a row version was loaded if it is before the snapshot, or is listed', () => {
  expect(isUnloaded({ from: '100', later: [], isWhole: true }, '150')).toBe(
    '(((xmin::text::int8 - 100) & 4294967295) < 50)',
  )
  expect(isUnloaded({ from: '100', later: ['101', '105'], isWhole: true }, '150')).toBe(
    "(((xmin::text::int8 - 100) & 4294967295) < 50 and not xmin = any ('{101,105}'::xid[]))",
  )
})

test.each([
  ['timestamptz', false, 'isfinite("at")'],
  ['numeric', false, '"at" - "at" = 0'],
  ['int8', false, '"at" is not null'],
  ['_float8', true, `"at"::text !~* 'infinity|nan'`],
  ['_text', true, '"at" is not null'],
])('others follow a cursor of the type %s (array: %s) if %s', (name, array, condition) => {
  expect(isPoint({ column: 'at', name, array })).toBe(condition)
})
