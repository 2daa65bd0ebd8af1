import { describe, expect, it } from 'vitest'
import { copyStatement, orderedQuery } from '../../../framework/engines/duckdb/copy.ts'
import { literal, qualified, relationName } from '../../../framework/engines/duckdb/names.ts'
import type { StreamColumn, TableLoad } from '../../../framework/ports/warehouse.ts'
import {
  contentColumns,
  contentQuery,
  versionOfContent,
} from '../../../framework/warehouses/duckdb/fingerprint.ts'
import { problemOf } from '../../../framework/warehouses/duckdb/problems.ts'
import {
  createStatement,
  dedupStatement,
  duplicateName,
  insertStatement,
  publishStatements,
  tableColumns,
} from '../../../framework/warehouses/duckdb/raw-table.ts'
import { settingStatements } from '../../../framework/warehouses/duckdb/tuning.ts'

describe('names', () => {
  it('are split at their dots and quoted', () => {
    const name = 'pay"ment.x'
    expect(relationName('raw."pay""ment.x"')).toEqual({ database: null, schema: 'raw', name })
    expect(relationName('plain')).toEqual({ database: null, schema: 'main', name: 'plain' })
    expect(qualified('a', relationName('b.c.d'))).toBe('"b"."c"."d"')
    expect(qualified('a"b', relationName('raw.pay"ment'))).toBe('"a""b"."raw"."pay""ment"')
    expect(literal("it's")).toBe("'it''s'")
  })
})

describe('content', () => {
  const names = (columns: readonly { name: string }[]) => columns.map(({ name }) => name)
  const column = (name: string, type = 'INTEGER') => ({ name, type })

  it('leaves out bookkeeping and volatile columns in any case of letters', () => {
    const all = [
      '_airbyte_raw_id',
      '_AB_CDC_LSN',
      '_ab_cdc_updated_at',
      '_ab_cdc_deleted_at',
      'Seen',
      'id',
    ]
    expect(
      names(
        contentColumns(
          all.map((name) => column(name)),
          ['seen'],
        ),
      ),
    ).toEqual(['_ab_cdc_deleted_at', 'id'])
  })

  it('hashes columns, or their text where hash() does not distinguish values', () => {
    const columns = [
      column('i'),
      column('d', 'DECIMAL(9,2)'),
      column('f', 'DOUBLE'),
      column('l', 'INTEGER[]'),
      column('t', 'TIMESTAMP WITH TIME ZONE'),
      column('n', 'INTERVAL'),
      column('u', 'UNION(a INTEGER, b INTEGER)'),
      column('_ab_cdc_deleted_at', 'VARCHAR'),
    ]
    expect(contentQuery('r', columns)).toContain(
      'hash("i", "d", "f", signbit("f"), "l"::varchar, "t", "n"::varchar, "u"::varchar, to_json("u")::varchar, "_ab_cdc_deleted_at" is not null)',
    )
    expect(contentQuery('r', [])).toContain('hash(true)')
  })

  it('has a version with the engine, names, types and digests', () => {
    const columns = [column('a'), column('b')]
    const version = versionOfContent(columns, ['v1.5.6', '3', '10', '11'])
    expect(version).toMatch(/^c:duckdb-1\.5\/1:[0-9a-f]{32}$/)
    expect(versionOfContent(columns, ['v1.5.9', '3', '10', '11'])).toBe(version)
    expect(versionOfContent(columns, ['v2.0.0', '3', '10', '11'])).toMatch(/^c:duckdb-2\.0\/1:/)
    const others = [
      versionOfContent([...columns].reverse(), ['v1.5.6', '3', '10', '11']),
      versionOfContent([column('a'), column('b', 'BIGINT')], ['v1.5.6', '3', '10', '11']),
      versionOfContent(columns, ['v1.5.6', '31', '0', '11']),
      versionOfContent(columns, ['v1.5.6', '3', '101', '1']),
    ]
    expect(new Set([version, ...others]).size).toBe(5)
  })
})

describe('a raw table', () => {
  const stream: StreamColumn[] = [
    { name: 'ID', type: { type: 'integer', bits: 64 } },
    { name: 'it\'s "x"', type: { type: 'string' } },
  ]
  const columns = tableColumns(stream)
  const load: TableLoad = {
    relation: 'raw.t',
    columns: stream,
    spools: (async function* () {})(),
    mode: { how: 'replace' },
    extractedAt: 0,
    syncId: 5,
    generationId: 6,
    volatile: [],
  }
  const names = { table: 't', staging: 'a', name: 't' }
  const table = { kind: 'table', columns } as const

  it('has lower-case names without duplicates', () => {
    expect(columns.slice(4)).toEqual([
      { name: 'id', type: 'BIGINT' },
      { name: 'it\'s "x"', type: 'VARCHAR' },
    ])
    expect(duplicateName(columns)).toBeNull()
    expect(duplicateName(tableColumns([...stream, { name: 'Id', type: { type: 'date' } }]))).toBe(
      'id',
    )
    const own = tableColumns([{ name: '_AIRBYTE_META', type: { type: 'object' } }])
    expect(duplicateName(own)).toBe('_airbyte_meta')
    expect(createStatement('t', columns)).toBe(
      'create table t ("_airbyte_raw_id" UUID not null, "_airbyte_extracted_at" TIMESTAMP WITH TIME ZONE not null, "_airbyte_meta" JSON not null, "_airbyte_generation_id" BIGINT not null, "id" BIGINT, "it\'s ""x""" VARCHAR)',
    )
  })

  it('is filled by position, without regard to the names in the spool', () => {
    expect(insertStatement('a', load, { path: "/tmp/it's", largest: 5 })).toBe(
      "insert into a select uuid(), timestamptz '1970-01-01T00:00:00.000Z', " +
        `case when _airbyte_changes is null then '{"sync_id":5,"changes":[]}' else '{"sync_id":5,"changes":' || _airbyte_changes || '}' end::json, ` +
        `6, "id"::BIGINT, "it's ""x"""::VARCHAR from read_parquet('/tmp/it''s', hive_partitioning = false) as spool("id", "it's ""x""", _airbyte_changes)`,
    )
  })

  it('is published by a swap, by adding rows, or by copying old rows', () => {
    const merge = { how: 'merge', key: ['ID'] } as const
    const rename = 'alter table a rename to "t"'
    expect(publishStatements(names, columns, null, { how: 'append' })).toEqual([rename])
    expect(publishStatements(names, columns, table, { how: 'replace' })).toEqual([
      'drop table t',
      rename,
    ])
    expect(publishStatements(names, columns, { kind: 'view', columns: [] }, merge)).toEqual([
      'drop view t',
      rename,
    ])
    expect(publishStatements(names, columns, table, { how: 'append' })).toEqual([
      'insert into t select * from a',
      'drop table a',
    ])
    expect(publishStatements(names, columns, table, merge)).toEqual([
      'delete from t as t using a as a where t."id" is not distinct from a."id"',
      'insert into t select * from a',
      'drop table a',
    ])
    const narrow = { kind: 'table', columns: columns.slice(0, 5) } as const
    expect(publishStatements(names, columns, narrow, merge)).toEqual([
      expect.stringMatching(
        /^insert into a select .*t\."id"::BIGINT, null::VARCHAR from t as t where not exists \(select 1 from a as a where t\."id" is not distinct from a\."id"\)$/,
      ),
      'drop table t',
      rename,
    ])
  })

  it('keeps the last row of a key', () => {
    const columns = tableColumns(
      ['X', 'y'].map((name) => ({ name, type: { type: 'integer', bits: 64 } })),
    )
    expect(dedupStatement('a', columns, ['X', 'y'])).toBe(
      'delete from a as t using (select "x", "y", max(rowid) as newest from a as t group by "x", "y" having count(*) > 1) as d where t."x" is not distinct from d."x" and t."y" is not distinct from d."y" and t.rowid <> d.newest',
    )
  })
})

describe('tuning', () => {
  const defaults = { threads: null, memoryLimit: null }
  const plain = { ordered: false, largest: 16_000_000, wide: false }

  it('limits memory and does not preserve order, only during loads', () => {
    expect(settingStatements(defaults, [])).toEqual([
      'reset memory_limit',
      'reset threads',
      'set preserve_insertion_order = true',
    ])
    expect(settingStatements(defaults, [plain])).toEqual([
      "set memory_limit = '200000000B'",
      'reset threads',
      'set preserve_insertion_order = false',
    ])
  })

  it("keeps the user's limits, except that ordered loads use one thread", () => {
    const limits = { threads: 8, memoryLimit: '4GB' }
    expect(settingStatements(limits, [plain]).slice(0, 2)).toEqual([
      "set memory_limit = '4GB'",
      'set threads = 8',
    ])
    expect(settingStatements(limits, [plain, { ordered: true, largest: 0, wide: false }])[1]).toBe(
      'set threads = 1',
    )
  })

  it('raises the memory limit for large row groups', () => {
    const large = { ordered: false, largest: 100_000_000, wide: false }
    expect(settingStatements(defaults, [plain, large])[0]).toBe("set memory_limit = '600000000B'")
    const wide = { ...plain, wide: true }
    expect(settingStatements(defaults, [plain, wide])[0]).toBe("set memory_limit = '350000000B'")
  })
})

describe('export', () => {
  const columns = [
    { name: 'id', type: 'INTEGER' },
    { name: 'Amount', type: 'DOUBLE' },
    { name: 'price', type: 'DECIMAL(5,2)' },
    { name: 'span', type: 'INTERVAL' },
    { name: 'list', type: 'INTEGER[]' },
  ]

  it('orders by the requested columns, then by every written column', () => {
    expect(
      orderedQuery('s', columns, { columns: null, orderBy: ['amount DESC', 'id'] }, null),
    ).toBe(
      'select "id", "Amount", "price", "span", "list" from s order by "Amount" desc nulls last, "id" asc nulls last, "id" nulls last, "Amount"::varchar nulls last, "price" nulls last, "span"::varchar nulls last, "list"::varchar nulls last',
    )
    expect(orderedQuery('s', columns, { columns: ['price'], orderBy: ['id'] }, 'own')).toBe(
      'select "price" from s order by "id" asc nulls last, "price" nulls last',
    )
    expect(orderedQuery('s', columns, { columns: null, orderBy: [] }, 'own order')).toBe(
      'own order',
    )
  })

  it('names the format', () => {
    const request = { from: { relation: 'r' }, columns: null, orderBy: [], file: "/it's" }
    expect(copyStatement('q', { ...request, format: 'csv' })).toBe(
      `copy (q) to '/it''s' (format csv, header true, delimiter ',', quote '"', escape '"', nullstr '')`,
    )
    expect(copyStatement('q', { ...request, format: 'parquet' })).toContain('format parquet')
  })
})

describe('problems', () => {
  const doing = { code: 'load-failed' as const, message: 'raw.t could not be loaded' }
  const of = (text: string) => problemOf(new Error(text), 'w.duckdb', doing)

  it.each([
    [
      'IO Error: Could not set lock on file "/x": Conflicting lock is held in /usr/bin/python3.11 (PID 16452). See',
      'warehouse-locked',
      'process 16452 (/usr/bin/python3.11)',
    ],
    [
      'IO Error: Could not set lock on file "/x": Resource temporarily unavailable',
      'warehouse-locked',
      'another process',
    ],
    [
      'IO Error: The file "/x" exists, but it is not a valid DuckDB database file!',
      'warehouse-not-duckdb',
      'w.duckdb',
    ],
    [
      'IO Error: Corrupt database file: computed checksum 1 does not match',
      'warehouse-not-duckdb',
      'damaged',
    ],
    [
      'IO Error: Trying to read a database file with version number 99, but we can only read versions between 64 and 67.',
      'warehouse-newer-format',
      'newer',
    ],
    [
      'IO Error: Error opening "/x": file was written with a storage version greater than the latest',
      'warehouse-newer-format',
      'newer',
    ],
    ['IO Error: Could not write file "/x": No space left on device', 'disk-full', 'disk of /x'],
    ['IO Error: Cannot open file "/x": Permission denied', 'warehouse-unwritable', 'w.duckdb'],
    ["EACCES: permission denied, mkdir '/x'", 'warehouse-unwritable', 'w.duckdb'],
    ['Out of Memory Error: failed to pin block', 'warehouse-memory', 'w.duckdb'],
    ['INTERRUPT Error: Interrupted!', 'cancelled', 'cancelled'],
  ])('%s', (text, code, part) => {
    const problem = of(text)
    expect(problem.code).toBe(code)
    expect(problem.message).toContain(part)
  })

  it("shows DuckDB's message for other errors, without rows", () => {
    const text =
      'Conversion Error: CSV Error on Line: 2\nOriginal Line: 12,secret value\nError when converting column "id". Could not convert string "x" to \'BIGINT\'\n\nColumn id is being converted as type BIGINT\nPossible solutions:\n* Override'
    expect(of(text)).toEqual({
      ...doing,
      detail:
        'Conversion Error: CSV Error on Line: 2\nError when converting column "id". Could not convert string "x" to \'BIGINT\'',
    })
    expect(of(`Parser Error: ${'x'.repeat(5_000)}`).detail?.length).toBeLessThan(400)
  })
})
