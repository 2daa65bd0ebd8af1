import { expect, test } from 'vitest'
import type { StreamColumn } from '../../../framework/ports/warehouse.ts'
import {
  compareFull,
  compareIncremental,
  readTwice,
  sameContent,
  unseenRows,
} from '../../property/source/compare.ts'
import type { Image } from '../../property/source/image.ts'
import type { MemoryTable } from '../../rig/memory-session.ts'

const COLUMNS: readonly StreamColumn[] = [
  { name: 'id', type: { type: 'integer', bits: 64 } },
  { name: 'v', type: { type: 'string' } },
  { name: 'n', type: { type: 'number' } },
]

type Values = readonly [string, string | null, (string | null)?]

/** An image of rows with an id, a text and a number. Rows whose id is in `below` are below the cursor. */
function image(rows: readonly Values[], below: readonly string[] = [], identity = '1'): Image {
  return {
    identity,
    columns: COLUMNS.map(({ name }) => ({ name, type: 'text' })),
    last: null,
    rows: rows.map(([id, v, n = null]) => ({
      text: JSON.stringify([id, v, n]),
      below: below.includes(id),
      passed: below.includes(id),
      version: '7',
    })),
  }
}

function table(rows: readonly Values[], changes: readonly (string | null)[] = []): MemoryTable {
  return {
    columns: COLUMNS,
    rows: rows.map(([id, v, n = null]) => ({ id, v, n })),
    changes: rows.map((_, index) => changes[index] ?? null),
    generationId: 1,
  }
}

const CHANGED = '[{"change":"NULLED","field":"n","reason":"x"}]'

test('a loaded table equals its source in any order', () => {
  const source = image([
    ['1', 'a', '0.50'],
    ['2', null, null],
  ])
  expect(
    compareFull(
      source,
      table([
        ['2', null],
        ['1', 'a', '0.5'],
      ]),
    ),
  ).toBeNull()
})

test.each([
  [
    'a lost row',
    [['1', 'a']],
    [
      ['1', 'a'],
      ['2', 'b'],
    ],
    'lost row',
  ],
  ['a changed row', [['1', 'x']], [['1', 'a']], 'changed row'],
  ['a null for a value', [['1', null]], [['1', 'a']], 'changed row'],
  [
    'a row too many',
    [
      ['1', 'a'],
      ['1', 'a'],
    ],
    [['1', 'a']],
    'row that is not in the source',
  ],
] as [string, Values[], Values[], string][])(
  '%s is a difference',
  (_name, loaded, source, what) => {
    expect(compareFull(image(source), table(loaded))).toMatchObject({ what })
  },
)

test.each(['NaN', 'Infinity', '9007199254740993', '0.12345678901234567890123', '1e400'])(
  'the number %s must be named in the changes',
  (number) => {
    const source = image([['1', 'a', number]])
    const near = String(Number(number))
    expect(compareFull(source, table([['1', 'a', near]]))).toMatchObject({ what: 'changed row' })
    expect(compareFull(source, table([['1', 'a', near]], [CHANGED]))).toBeNull()
    expect(compareFull(source, table([['1', 'a', null]], [CHANGED]))).toBeNull()
  },
)

test.each(['0', '-0.0', '1000000.00000', '0.1', '1e300', '9007199254740992'])(
  'the number %s must not be named in the changes',
  (number) => {
    const source = image([['1', 'a', number]])
    expect(compareFull(source, table([['1', 'a', String(Number(number))]]))).toBeNull()
    expect(compareFull(source, table([['1', 'a', null]], [CHANGED]))).not.toBeNull()
  },
)

test('a load from a cursor on need not see rows below it', () => {
  const source = image(
    [
      ['1', 'late'],
      ['2', 'b'],
    ],
    ['1'],
  )
  expect(
    compareIncremental(
      source,
      table([
        ['1', 'old'],
        ['2', 'b'],
      ]),
    ),
  ).toBeNull()
  expect(compareIncremental(source, table([['1', 'late']]))).toMatchObject({ what: 'lost row' })
  expect(
    unseenRows(
      source,
      table([
        ['1', 'old'],
        ['2', 'b'],
      ]),
    ),
  ).toBe(2)
  expect(
    unseenRows(
      source,
      table([
        ['1', 'late'],
        ['2', 'b'],
      ]),
    ),
  ).toBe(0)
})

test('only rows from the cursor on count as content, unless the table is another one', () => {
  const before = image(
    [
      ['1', 'a'],
      ['2', 'b'],
    ],
    ['1'],
  )
  expect(
    sameContent(
      before,
      image(
        [
          ['1', 'late'],
          ['2', 'b'],
        ],
        ['1'],
      ),
      true,
    ),
  ).toBe(true)
  expect(
    sameContent(
      before,
      image(
        [
          ['1', 'late'],
          ['2', 'b'],
        ],
        ['1'],
      ),
      false,
    ),
  ).toBe(false)
  expect(
    sameContent(
      before,
      image(
        [
          ['1', 'a'],
          ['2', 'x'],
        ],
        ['1'],
      ),
      true,
    ),
  ).toBe(false)
  expect(
    sameContent(
      before,
      image(
        [
          ['1', 'late'],
          ['2', 'b'],
        ],
        ['1'],
        '2',
      ),
      true,
    ),
  ).toBe(false)
})

test('a row that an append reads again is found', () => {
  const source = image([['1', 'a']])
  const once = table([['1', 'a']])
  const twice = table([
    ['1', 'a'],
    ['1', 'a'],
  ])
  expect(readTwice(source, source, once, twice)).toBe('["1","a",null]')
  expect(readTwice(source, source, once, once)).toBeNull()
  // An update that changes no value is another version, and a history has it twice.
  expect(readTwice(source, source, twice, twice)).toBeNull()
  const other = image([
    ['1', 'a'],
    ['1', 'a'],
  ])
  expect(readTwice(source, other, once, twice)).toBeNull()
})
