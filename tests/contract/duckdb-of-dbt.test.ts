import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { PythonLibrary } from '../../framework/ports/site.ts'
import { pythonWith } from '../rig/python.ts'
import { duckdbUnderTest } from './suites/duckdb.ts'
import { scratchContract } from './suites/scratch.ts'
import { must } from './suites/warehouse.ts'
import { ALL_ABILITIES, warehouseContract } from './suites/warehouse-contract.ts'

// The warehouse of a project whose dbt has another minor version of DuckDB than ours (SEMANTICS 2d).

const VERSION = '1.4.4'
const made = await pythonWith('tests/rig/duckdb-versions/1.4.txt')
const missing = made.ok ? '' : ` (needs PyPI: ${made.problems[0]!.message})`

describe.skipIf(!made.ok)(`dbt's DuckDB ${VERSION}${missing}`, () => {
  const library: PythonLibrary = {
    python: join(made.ok ? made.value : '', 'bin/python'),
    version: VERSION,
  }
  warehouseContract("dbt's DuckDB", () => duckdbUnderTest(library), {
    ...ALL_ABILITIES,
    widensViews: false,
  })
  scratchContract("dbt's DuckDB", () => duckdbUnderTest(library))

  test('gives the contents that dbt gives', async () => {
    const subject = await duckdbUnderTest(library)
    const { warehouse } = subject
    await subject.execute('create table t as select range as id from range(5)')
    const lent = must(
      await warehouse.lend((loan) =>
        subject.borrow(loan, (run) => loan.reader(run).fingerprint('main.t', { volatile: [] })),
      ),
    )
    const session = must(await warehouse.open())
    const own = must(await session.fingerprint('main.t', { volatile: [] }))
    await session.close()
    await subject.remove()
    expect(own).toEqual(must(lent))
    expect(own.version).toContain('duckdb-1.4/')
  })
})
