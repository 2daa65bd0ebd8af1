import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCsv } from '../../../framework/lib/csv.ts'

test.each([
  ['', []],
  [
    'a,b\n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'a,b\n1,2',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  ['a\r\n1\r\n', [['a'], ['1']]],
  ['a\r1\r', [['a'], ['1']]],
  ['\ufeffa\n1\n', [['a'], ['1']]],
  [
    'a,b\n,""\n',
    [
      ['a', 'b'],
      [null, ''],
    ],
  ],
  [
    'a,b\n1,\n',
    [
      ['a', 'b'],
      ['1', null],
    ],
  ],
  [
    'a,b\n1,',
    [
      ['a', 'b'],
      ['1', null],
    ],
  ],
  ['a\n\nx\n', [['a'], [null], ['x']]],
  ['"a ""b""","c\nd,\r\n"\n', [['a "b"', 'c\nd,\r\n']]],
  ['"a"b,c\n', [['ab', 'c']]],
  ['a"b,c\n', [['a"b', 'c']]],
  ['"open\nto the end', [['open\nto the end']]],
  ['"', [['']]],
  [',', [[null, null]]],
])('%j is read', (text, records) => {
  expect(parseCsv(text)).toEqual(records)
})

test('every table comes back from its CSV text', () => {
  const cell = fc.oneof(
    fc.constant(null),
    fc.string(),
    fc.constantFrom('', '"', ',', '\n', '\r', 'a"b', ' '),
  )
  fc.assert(
    fc.property(
      fc
        .integer({ min: 1, max: 4 })
        .chain((width) =>
          fc.array(fc.array(cell, { minLength: width, maxLength: width }), { maxLength: 5 }),
        ),
      fc.constantFrom('\n', '\r\n'),
      (records, ending) => {
        const quoted = (field: string | null) =>
          field === null
            ? ''
            : /^$|[",\r\n\ufeff]/.test(field)
              ? `"${field.replaceAll('"', '""')}"`
              : field
        const text = records.map((record) => record.map(quoted).join(',') + ending).join('')
        expect(parseCsv(text)).toEqual(records)
      },
    ),
  )
})
