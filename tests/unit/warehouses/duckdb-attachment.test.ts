import { expect, test } from 'vitest'
import type { Json } from '../../../framework/lib/json.ts'
import { attachmentsOf, isDuckdbFile } from '../../../framework/warehouses/duckdb/attachment.ts'

test.each<[string, Readonly<Record<string, Json>>, readonly [string, string | null, string]]>([
  ['an alias', { path: '/d/lake.duckdb', alias: 'raw' }, ['raw', '/d/lake.duckdb', 'duckdb']],
  ['the name of its file', { path: '/d/lake.v1.db' }, ['lake.v1', '/d/lake.v1.db', 'duckdb']],
  ['a type', { path: '/d/a.db', alias: 'a', type: 'SQLite' }, ['a', '/d/a.db', 'sqlite']],
  ['a secret', { path: '/d/a.db', alias: 'a', secret: true }, ['a', null, 'duckdb']],
  ['a lake', { path: '/d/a.db', alias: 'a', is_ducklake: true }, ['a', null, 'ducklake']],
  ['a URL', { path: 'md:cloud', alias: 'a' }, ['a', null, 'md']],
  ['a connection', { path: 'dbname', alias: 'a', type: 'postgres' }, ['a', null, 'postgres']],
  ['no path, which is hidden', { alias: 'a' }, ['a', null, 'duckdb']],
])('an entry with %s', (_, entry, [alias, file, type]) => {
  expect(attachmentsOf([entry])).toEqual([{ alias, file, type }])
})

test('only the headers of a file of DuckDB itself say whether it changed', () => {
  const [own, other, hidden] = attachmentsOf([
    { path: '/d/a.db' },
    { path: '/d/b.db', type: 'sqlite' },
    { alias: 'c' },
  ])
  expect([own!, other!, hidden!].map(isDuckdbFile)).toEqual([true, false, false])
})

test('what is no list has none', () => {
  expect(attachmentsOf(undefined)).toEqual([])
  expect(attachmentsOf({ path: '/d/a.db' })).toEqual([])
})
