import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { columnDifferences } from '../../framework/kinds/column-differences.ts'
import type { ColumnDigest } from '../../framework/ports/warehouse.ts'
import { createReader } from '../../framework/warehouses/duckdb/reader.ts'

// Which columns of two tables differ, told by the hashes that DuckDB really gives.

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

test('are equal for equal rows in any order, whatever the volatile columns hold', async () => {
  const one = await digests(ROWS)
  const two = await digests(
    `select * replace (id + 1 as seen) from (${ROWS}) order by id desc`,
    'beside',
  )
  expect(two).toEqual(one)
  expect(one.map(({ name }) => name)).toEqual(['id', 'n', 'name'])
})

test('tell the one column with other values', async () => {
  const one = await digests(ROWS)
  const two = await digests(`select * replace (id % 4 as n) from (${ROWS})`, 'beside')
  expect(columnDifferences(one, two)).toEqual([{ column: 'n', differs: 'values' }])
})

test('tell the column whose values stand in other rows', async () => {
  const one = await digests(ROWS)
  const two = await digests(`select * replace ((id + 1) % 3 as n) from (${ROWS})`, 'beside')
  expect(columnDifferences(one, two)).toEqual([{ column: 'n', differs: 'pairing' }])
})

test('are of no column in an empty table of none, and a problem for none at all', async () => {
  expect(await digests('select 1 as seen where false')).toEqual([])
  const gone = await createReader(run, 'memory').digests('main.gone', { volatile: [] })
  expect(gone).toMatchObject({ ok: false, problems: [{ code: 'relation-unreadable' }] })
})
