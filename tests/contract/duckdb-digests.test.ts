import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { columnDifferences } from '../../framework/kinds/column-differences.ts'
import type { ColumnDigest } from '../../framework/ports/warehouse.ts'
import { createReader } from '../../framework/warehouses/duckdb/reader.ts'

// Which columns of two tables differ, by the hashes of a real DuckDB.

let instance: DuckDBInstance
const run = async (sql: string) => {
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson()
  } finally {
    connection.closeSync()
  }
}

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:')
  await run("attach ':memory:' as beside")
})
afterAll(() => instance.closeSync())

async function digests(query: string, database?: string): Promise<readonly ColumnDigest[]> {
  await run(`create or replace table ${database ?? 'memory'}.main.t as ${query}`)
  const read = await createReader(run, 'memory', database).digests('main.t', { volatile: ['seen'] })
  if (!read.ok) throw new Error(read.problems[0]!.message)
  return read.value
}

const ROWS = "select i as id, i % 3 as n, 'x' || i as name, i as seen from range(99) t(i)"

test('are equal for equal rows in any order, without regard to volatile columns', async () => {
  const one = await digests(ROWS)
  const two = await digests(
    `select * replace (id + 1 as seen) from (${ROWS}) order by id desc`,
    'beside',
  )
  expect(two).toEqual(one)
  expect(one.map(({ name }) => name)).toEqual(['id', 'n', 'name'])
})

test('identify the one column with different values', async () => {
  const one = await digests(ROWS)
  const two = await digests(`select * replace (id % 4 as n) from (${ROWS})`, 'beside')
  expect(columnDifferences(one, two)).toEqual([{ column: 'n', differs: 'values' }])
})

test('identify the column whose values are in different rows', async () => {
  const one = await digests(ROWS)
  const two = await digests(`select * replace ((id + 1) % 3 as n) from (${ROWS})`, 'beside')
  expect(columnDifferences(one, two)).toEqual([{ column: 'n', differs: 'pairing' }])
})

test('are empty for a table without columns, and a problem for a missing table', async () => {
  expect(await digests('select 1 as seen where false')).toEqual([])
  const gone = await createReader(run, 'memory').digests('main.gone', { volatile: [] })
  expect(gone).toMatchObject({ ok: false, problems: [{ code: 'relation-unreadable' }] })
})
