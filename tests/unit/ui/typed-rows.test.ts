import { expect, test } from 'vitest'
import { typedRows } from '../../../framework/ui/data/typed-rows.ts'

test.each([
  ['number', ['1', '-2.50', '1e3'], [1, -2.5, 1000]],
  ['text', ['007', '1'], ['007', '1']],
  ['text', ['1', 'one'], ['1', 'one']],
  ['text', ['12345678901234567890'], ['12345678901234567890']],
  ['number', ['9007199254740991'], [9007199254740991]],
  ['number', ['224178.75269675927'], [224178.75269675927]],
  ['text', ['nan'], ['nan']],
  ['boolean', ['true', 'FALSE'], [true, false]],
  ['month', ['2007-02-01', '2007-03-01'], ['2007-02-01', '2007-03-01']],
  ['month', ['2007-02', '2007-03'], ['2007-02', '2007-03']],
  ['date', ['2007-02-01'], ['2007-02-01']],
  ['date', ['2007-02-01', '2007-02-28'], ['2007-02-01', '2007-02-28']],
  ['text', ['2007-13-01'], ['2007-13-01']],
  ['time', ['2006-02-14 17:45:12'], ['2006-02-14 17:45:12']],
  ['time', ['2006-02-14T17:45:12.5+02'], ['2006-02-14T17:45:12.5+02']],
] as const)('a column of %s: %j', (type, texts, cells) => {
  const { columns, rows } = typedRows(
    ['x'],
    texts.map((text) => [text]),
  )
  expect(columns[0]!.type).toBe(type)
  expect(rows.map(([cell]) => cell)).toEqual(cells)
})

test('empty values have no type, and a column without values is text', () => {
  const { columns, rows } = typedRows(['a', 'b'], [[null, null], ['2', null], ['3']])
  expect(columns.map(({ type }) => type)).toEqual(['number', 'text'])
  expect(rows).toEqual([
    [null, null],
    [2, null],
    [3, null],
  ])
})

test('the digits behind the point are counted', () => {
  const { columns } = typedRows(
    ['a', 'b'],
    [
      ['1.50', '1'],
      ['2.25', '2.1250'],
    ],
  )
  expect(columns.map(({ decimals }) => decimals)).toEqual([
    [2, 2],
    [0, 4],
  ])
})
