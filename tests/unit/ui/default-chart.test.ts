import { expect, test } from 'vitest'
import { parseCsv } from '../../../framework/lib/csv.ts'
import { formatOf, labelOf } from '../../../framework/ui/data/column-words.ts'
import { defaultChart } from '../../../framework/ui/data/default-chart.ts'
import { typedRows } from '../../../framework/ui/data/typed-rows.ts'

const rows = (csv: string) => {
  const [header, ...records] = parseCsv(csv)
  return typedRows(header!, records)
}
const days = (count: number, more: (k: number) => string) =>
  Array.from({ length: count }, (_, k) => {
    const day = new Date(Date.UTC(2007, 1, 1 + k)).toISOString().slice(0, 10)
    return `${day},${more(k)}\n`
  }).join('')

test('many days and a number are a line, money first', () => {
  expect(defaultChart(rows(`day,payments,revenue\n${days(20, (k) => `${k},${k}.50`)}`))).toEqual({
    type: 'line',
    x: 'day',
    y: ['revenue', 'payments'],
  })
})

test('a few months are columns, and partial ones are marked', () => {
  const months = 'month,revenue,is_partial\n2007-02-01,9.50,true\n2007-03-01,8.00,false\n'
  expect(defaultChart(rows(months))).toEqual({
    type: 'column',
    x: 'month',
    y: ['revenue'],
    partial: 'is_partial',
  })
})

test('days and a few categories are a line for each', () => {
  const csv = `day,store,revenue\n${days(4, () => 'a,1.50')}${days(4, () => 'b,2.50')}`
  expect(defaultChart(rows(csv))).toEqual({ type: 'line', x: 'day', y: 'revenue', series: 'store' })
})

test('names and a number are bars, the largest first', () => {
  expect(defaultChart(rows('id,country,customers\n1,India,3\n2,China,5\n'))).toEqual({
    type: 'bar',
    x: 'country',
    y: ['customers'],
    sort: 'customers desc',
    top: 15,
  })
})

test('one row is its numbers', () => {
  expect(defaultChart(rows('store_id,copies,out_pct\n1,20,3.5\n'))).toEqual({
    type: 'number',
    y: ['copies', 'out_pct'],
  })
})

test.each([
  ['no number that is an amount', 'id,title\n1,a\n2,b\n'],
  ['names that occur twice', 'name,amount\na,1\na,2\n'],
  ['no row', 'name,amount\n'],
  ['times that occur twice, without categories', 'at,amount\n2007-02-01,1\n2007-02-01,2\n'],
])('%s: a table', (_what, csv) => {
  expect(defaultChart(rows(csv))).toEqual({ type: 'table', top: 10 })
})

test.each([
  ['avg_days_kept', 'Average days kept'],
  ['late_pct', 'Late %'],
  ['revenuePerCustomer', 'Revenue Per Customer'],
  ['_', '_'],
])('%s in plain words', (name, label) => {
  expect(labelOf(name)).toBe(label)
})

test.each([
  ['revenue', '9.50', 'money'],
  ['revenue', '9', 'count'],
  ['rate', '9.50', 'money'],
  ['rate', '9.5', 'decimal'],
  ['out_pct', '9', 'percent'],
  ['customer_id', '9', null],
  ['name', 'a', null],
] as const)('%s %s is written as %s', (name, text, format) => {
  expect(formatOf(rows(`${name}\n${text}\n`).columns[0]!)).toBe(format)
})
