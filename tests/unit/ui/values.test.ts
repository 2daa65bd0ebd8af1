import { expect, test } from 'vitest'
import type { Chart, ChartColumn } from '../../../framework/ui/data/answers.ts'
import { captionOf, inWords } from '../../../framework/ui/page/answers/caption.ts'
import { panelsOf, secondsOf } from '../../../framework/ui/page/answers/line-data.ts'
import { rangeOf, spanOf } from '../../../framework/ui/page/answers/range.ts'
import {
  nameOf,
  roundUp,
  tick,
  timeTicks,
  written,
} from '../../../framework/ui/page/answers/values.ts'

const column = (more: Partial<ChartColumn>): ChartColumn => ({
  name: 'x',
  label: 'X',
  type: 'number',
  format: null,
  decimals: 0,
  unit: null,
  max: null,
  ...more,
})
const money = column({ label: 'Revenue', format: 'money', decimals: 2 })

test.each([
  [1234.5, money, '1,234.50'],
  [12.34, column({ format: 'percent', decimals: 1 }), '12.3 %'],
  [1234, column({ format: 'count' }), '1,234'],
  [5.0233, column({ format: 'decimal', decimals: 2, unit: 'days' }), '5.02 days'],
  [0.00123, column({ format: 'decimal', decimals: 2 }), '0.0012'],
  [-1234.5, money, '-1,234.50'],
  [14500, column({}), '14500'],
  [null, money, '–'],
  [true, column({ type: 'boolean' }), 'yes'],
  ['2007-02-01', column({ type: 'month' }), 'Feb 2007'],
  ['2007-02-07', column({ type: 'date' }), '7 Feb 2007'],
  ['2007-02-07 10:20:30', column({ type: 'time' }), '2007-02-07 10:20'],
  ['2007-02-07', column({ type: 'time' }), '2007-02-07'],
] as const)('%s is written as %s %s', (cell, how, text) => {
  expect(written(cell, how)).toBe(text)
})

test('a number that identifies something is named with its label', () => {
  expect(nameOf(1, column({ label: 'Store' }))).toBe('Store 1')
  expect(nameOf('India', column({ type: 'text' }))).toBe('India')
})

test('ticks are short and round', () => {
  expect([950, 23_500, 1_200_000, 0.25].map((value) => tick(value, 'money'))).toEqual([
    '950',
    '23.5K',
    '1.2M',
    '0.25',
  ])
  expect(tick(40, 'percent')).toBe('40 %')
  expect([0, 1, 23519, 1.1, 251, 0.03].map(roundUp)).toEqual([0, 1, 25000, 2, 500, 0.05])
})

test('ticks of time name the year once', () => {
  const at = (day: string) => Date.parse(day) / 1000
  const months = ['2006-12-01', '2007-01-01', '2007-02-01'].map(at)
  expect(timeTicks(months, 30 * 86_400)).toEqual(['Dec 2006', 'Jan 2007', 'Feb'])
  expect(timeTicks(['2007-02-07', '2007-02-08'].map(at), 86_400)).toEqual(['7 Feb\n2007', '8 Feb'])
  expect(timeTicks([at('2007-02-07T12:00Z'), at('2007-02-07T13:00Z')], 3600)).toEqual([
    '12:00\n7 Feb',
    '13:00',
  ])
  expect(timeTicks([at('2006-01-01')], 366 * 86_400)).toEqual(['2006'])
})

test('bars begin at zero, on either side', () => {
  expect(spanOf(50, rangeOf([50, 100], null))).toEqual({ from: 0, size: 50 })
  expect(spanOf(50, rangeOf([50], 100))).toEqual({ from: 0, size: 50 })
  expect(spanOf(-25, rangeOf([-25, 75], null))).toEqual({ from: 0, size: 25 })
  expect(spanOf(75, rangeOf([-25, 75], null))).toEqual({ from: 25, size: 75 })
  expect(spanOf(null, rangeOf([null], null))).toEqual({ from: 0, size: 0 })
})

test.each([
  ['2007-02', Date.UTC(2007, 1, 1)],
  ['2007-02-07', Date.UTC(2007, 1, 7)],
  ['2007-02-07 12:30', Date.UTC(2007, 1, 7, 12, 30)],
  ['2007-02-07 12:30:00+02', Date.UTC(2007, 1, 7, 10, 30)],
  ['2007-02-07T12:30:00.5Z', Date.UTC(2007, 1, 7, 12, 30, 0, 500)],
])('%s is a time of UTC', (text, at) => {
  expect(secondsOf(text)).toBe(at / 1000)
})

const line = (rows: Chart['rows'], more: Partial<Chart> = {}): Chart => ({
  type: 'line',
  columns: [
    column({ label: 'Day', type: 'date' }),
    column({ label: 'Store', type: 'text' }),
    column({ label: 'Partial', type: 'boolean' }),
    money,
    column({ label: 'Payments', format: 'count' }),
  ],
  rows,
  x: 0,
  series: null,
  partial: null,
  y: [3],
  top: null,
  ...more,
})

test('a line is broken where days are missing', () => {
  const chart = line(
    ['01', '02', '03', '04', '05', '06', '10'].map((day, k) => [`2007-02-${day}`, '', false, k, 1]),
  )
  const [panel] = panelsOf(chart)
  expect(panel!.lines[0]!.values).toEqual([0, 1, 2, 3, 4, 5, null, 6])
  expect(captionOf(chart)).toEqual(['A gap in the line: no rows for that time.'])
  expect(inWords(chart, panel!)).toBe(
    'Revenue: first 0.00 (1 Feb 2007), lowest 0.00 (1 Feb 2007), highest 6.00 (10 Feb 2007), last 6.00 (10 Feb 2007)',
  )
})

test('columns with other units have panels of their own', () => {
  const panels = panelsOf(line([['2007-02-01', 'a', true, 1, 2]], { y: [3, 4], partial: 2 }))
  expect(panels.map(({ lines }) => lines.map(({ name }) => name))).toEqual([
    ['Revenue'],
    ['Payments'],
  ])
  expect(panels[0]!.lines[0]!.partial).toEqual([true])
})

test('each value of a series is a line, six at most', () => {
  const rows = Array.from({ length: 8 }, (_, k) => ['2007-02-01', `s${k}`, false, k, 1] as const)
  const chart = line(rows, { series: 1 })
  expect(panelsOf(chart)[0]!.lines.map(({ name }) => name)).toHaveLength(6)
  expect(captionOf(chart)).toEqual(['6 of 8 lines; the table has all.'])
})

test('what a chart leaves out and marks is said', () => {
  const rows = [
    ['a', '', true, 1, 1],
    ['b', '', false, 2, 1],
  ] as const
  expect(captionOf(line(rows, { type: 'bar', top: 1, partial: 2 }))).toEqual([
    'The first 1 of 2; the table has all.',
    'Hollow: partial period, the data does not cover all of it.',
  ])
  expect(captionOf(line([]))).toEqual(['The file has no rows.'])
  expect(captionOf(line(rows, { type: 'table', top: 1 }))).toEqual(['1 of 2 rows.'])
})
