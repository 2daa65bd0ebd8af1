import { expect, test } from 'vitest'
import { parseCsv } from '../../../framework/lib/csv.ts'
import type { DeclaredChart } from '../../../framework/model/chart.ts'
import { chartOf } from '../../../framework/ui/data/chart-of.ts'
import { typedRows } from '../../../framework/ui/data/typed-rows.ts'

const CUSTOMERS = `customer_id,segment,paid,day
1,Key,10.10,2007-02-02
2,Key,20.20,2007-02-01
3,General,5.00,2007-02-03
4,,,
`

function draw(declared: DeclaredChart | null, csv = CUSTOMERS) {
  const [header, ...records] = parseCsv(csv)
  return chartOf(declared, typedRows(header!, records))
}

test('rows with the same name become one', () => {
  const { chart, notes } = draw({
    x: 'segment',
    y: ['paid', 'customer_id'],
    combine: { paid: 'sum', customer_id: 'count' },
    sort: 'paid desc',
    label: { customer_id: 'Customers' },
  })
  expect(notes).toEqual([])
  expect(chart).toMatchObject({
    type: 'bar',
    x: 0,
    y: [1, 2],
    top: 15,
    columns: [
      { label: 'Segment', format: null },
      { label: 'Paid', format: 'money', decimals: 2 },
      { label: 'Customers', format: 'count', type: 'number', decimals: 0 },
    ],
    rows: [
      ['Key', 30.3, 2],
      ['General', 5, 1],
      [null, null, 1],
    ],
  })
})

test.each([
  ['mean', 35.3 / 3],
  ['min', 5],
  ['max', 20.2],
  ['count', 3],
] as const)('all rows become one by their %s', (combine, value) => {
  const { chart } = draw({ type: 'number', y: 'paid', combine })
  expect(chart.rows).toHaveLength(1)
  expect(chart.rows[0]![0]).toBeCloseTo(value, 10)
})

test('sums of money have no error of their binary digits', () => {
  const csv = `paid\n${'0.10\n'.repeat(1000)}`
  expect(draw({ type: 'number', y: 'paid', combine: 'sum' }, csv).chart.rows).toEqual([[100]])
})

test('a column that sorts is not shown', () => {
  const { chart } = draw({ type: 'bar', x: 'segment', y: 'paid', sort: 'customer_id desc' })
  expect(chart.rows.map(([name]) => name)).toEqual([null, 'General', 'Key', 'Key'])
  expect(chart.columns).toHaveLength(2)
})

test('a line is in the order of time', () => {
  const { chart } = draw({ x: 'day', y: 'paid' })
  expect(chart.type).toBe('line')
  expect(chart.rows.map(([day]) => day)).toEqual(['2007-02-01', '2007-02-02', '2007-02-03', null])
})

test('a table without columns has all of them', () => {
  const { chart } = draw({ type: 'table', top: 2 })
  expect(chart.columns).toHaveLength(4)
  expect(chart).toMatchObject({ x: null, top: 2 })
})

test('other capitals name the same columns', () => {
  const { chart, notes } = draw({ type: 'bar', x: 'SEGMENT', y: 'Paid', format: { PAID: 'count' } })
  expect(notes).toEqual([])
  expect(chart.columns.map(({ name, format }) => [name, format])).toEqual([
    ['segment', null],
    ['paid', 'count'],
  ])
})

test.each([
  [
    { type: 'bar', x: 'segmnt', y: 'paid' },
    'The file has no column segmnt, which `chart:` names; did you mean segment?',
  ],
  [{ type: 'bar', x: 'segment', y: 'zzz' }, 'The file has no column zzz, which `chart:` names.'],
  [
    { type: 'bar', x: 'day', y: 'segment' },
    '`chart:` draws segment, which has no numbers in the file.',
  ],
  [
    { type: 'line', x: 'segment', y: 'paid' },
    '`chart:` draws a line over segment, which has neither times nor numbers in the file.',
  ],
  [
    { type: 'line', x: 'day', y: 'paid', partial: 'paid' },
    '`partial: paid` of `chart:` has values that are neither true nor false.',
  ],
] as const)('%j is not drawn', (declared, sentence) => {
  const { chart, notes } = draw(declared)
  expect(notes).toEqual([sentence])
  expect(chart).toEqual(draw(null).chart)
})

test('no more rows than the page takes', () => {
  const csv = `name,amount\n${Array.from({ length: 2100 }, (_, k) => `n${k},${k}\n`).join('')}`
  const { chart, notes } = draw({ type: 'bar', x: 'name', y: 'amount', sort: 'amount desc' }, csv)
  expect(chart.rows).toHaveLength(2000)
  expect(chart.rows[0]).toEqual(['n2099', 2099])
  expect(notes).toEqual(['The page has the first 2,000 of 2,100 rows; the file has all.'])
})

test('a long line is sampled evenly, up to its last value', () => {
  const day = (k: number) => new Date(Date.UTC(2000, 0, 1 + k)).toISOString().slice(0, 10)
  const csv = `day,amount\n${Array.from({ length: 4100 }, (_, k) => `${day(k)},${k}\n`).join('')}`
  const { chart, notes } = draw(null, csv)
  expect(chart.rows.length).toBeLessThanOrEqual(2000)
  expect(chart.rows.at(-1)).toEqual([day(4099), 4099])
  expect(notes).toEqual(['The line shows 1,367 of 4,100 points, evenly chosen.'])
})
