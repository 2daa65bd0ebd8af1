import { expect, test } from 'vitest'
import {
  columnsLeftOut,
  contentColumns,
  contentQuery,
  tableToken,
  versionOfContent,
} from '../../../framework/warehouses/duckdb/fingerprint.ts'

const COLUMNS = [
  { name: 'id', type: 'INTEGER' },
  { name: 'Seen_At', type: 'TIMESTAMP' },
  { name: '_airbyte_raw_id', type: 'UUID' },
]
const ROW = ['v1.5.6', '3', '10', '20']

test("content hashes that leave out different columns have different schemes, so they don't show drift", () => {
  const leftOut = columnsLeftOut(COLUMNS, ['seen_at', 'no_such_column'])
  expect(leftOut).toEqual(['seen_at'])
  const content = contentColumns(COLUMNS, ['seen_at'])
  const scheme = (version: string) => version.slice(0, version.lastIndexOf(':'))
  const all = versionOfContent(contentColumns(COLUMNS, []), ROW)
  const some = versionOfContent(content, ROW, leftOut)
  expect(scheme(all)).toBe('c:duckdb-1.5/1')
  expect(scheme(some)).toMatch(/^c:duckdb-1\.5\/1-[0-9a-f]{8}$/)
})

test('the token of a table covers volatile columns', () => {
  const query = contentQuery('t', contentColumns(COLUMNS, ['seen_at']), COLUMNS)
  expect(query).toContain('hash("id") as h')
  expect(query).toContain('hash("id", "Seen_At", "_airbyte_raw_id") as w')
  const token = (...sums: string[]) => tableToken(COLUMNS, [...ROW, ...sums])
  expect(token('1', '2')).toBe(token('1', '2'))
  expect(token('1', '2')).not.toBe(token('1', '3'))
  // The token does not cover which columns are hashed.
  expect(tableToken(COLUMNS, ['v1.5.6', '3', '11', '21', '1', '2'])).toBe(token('1', '2'))
})
