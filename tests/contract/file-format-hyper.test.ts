import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { plainQuery } from '../../framework/engines/duckdb/copy.ts'
import { create } from '../../framework/formats/hyper/index.ts'
import type { FileContent, FileFormat } from '../../framework/ports/file-format.ts'
import { sharedHyper } from '../rig/python.ts'
import { readHyper } from '../rig/read-hyper.ts'
import { siteOf } from './suites/site.ts'

// Files of Hyper, written by its server over PostgreSQL's protocol and by the vendor's driver, and read by the latter.

const folder = await sharedHyper()
const never = new AbortController().signal

let root: string
let format: FileFormat

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-format-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const PATH = process.env.PATH ?? ''
const formatOf = (environment: string): FileFormat =>
  create(
    siteOf({
      root: mkdtempSync(join(tmpdir(), 'assets-format-')),
      env: { PATH, ASSETS_HYPER_PYTHON_ENV: environment },
    }),
  )

/** Writes the rows of a query to a Parquet file as a warehouse does, and then to a .hyper file. */
async function write(query: string, name = 'a.hyper', by = format): Promise<FileContent> {
  const parquet = await parquetOf(query)
  const written = await by.write(parquet, join(root, name), never)
  rmSync(parquet)
  if (!written.ok) throw new Error(JSON.stringify(written.problems))
  return written.value
}

async function parquetOf(query: string): Promise<string> {
  const parquet = join(root, 'rows.parquet')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run("set timezone = 'UTC'")
  const { columnNames, columnTypes } = await describeQuery(connection, query)
  const columns = columnNames.map((each, at) => ({ name: each, type: columnTypes[at]! }))
  await connection.run(`copy (${plainQuery(query, columns)}) to '${parquet}' (format parquet)`)
  connection.closeSync()
  instance.closeSync()
  return parquet
}

async function describeQuery(
  connection: Awaited<ReturnType<DuckDBInstance['connect']>>,
  query: string,
) {
  const reader = await connection.runAndReadAll(`describe ${query}`)
  const rows = reader.getRowsJson() as [string, string][]
  return { columnNames: rows.map(([name]) => name), columnTypes: rows.map(([, type]) => type) }
}

/** An environment whose `hyperd` does not start, with the Python of the shared one. */
function brokenServer(): string {
  const broken = join(root, 'env')
  const program = join(broken, 'lib/python3/site-packages/tableauhyperapi/bin/hyper/hyperd')
  mkdirSync(join(program, '..'), { recursive: true })
  writeFileSync(program, '#!/bin/sh\necho no license >&2\nexit 3\n')
  chmodSync(program, 0o755)
  mkdirSync(join(broken, 'bin'))
  const python = `#!/bin/sh\nexec '${folder}/bin/python' "$@"\n`
  writeFileSync(join(broken, 'bin/python'), python, { mode: 0o755 })
  return broken
}

const running = () =>
  spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.includes('hyperd') && line.includes(`assets-hyper-${process.pid}-`))

describe.skipIf(folder === null)('a .hyper file', () => {
  beforeAll(() => {
    format = formatOf(folder!)
  })
  afterAll(() => format.close())

  const VALUES = [
    ['true', 'BOOL', 'True'],
    ['7::tinyint', 'SMALL_INT', '7'],
    ['(-32768)::smallint', 'SMALL_INT', '-32768'],
    ['2147483647::integer', 'INT', '2147483647'],
    ['9223372036854775807::bigint', 'BIG_INT', '9223372036854775807'],
    [
      '170141183460469231731687303715884105::hugeint',
      'NUMERIC(38, 0)',
      '170141183460469231731687303715884105',
    ],
    ['18446744073709551615::ubigint', 'NUMERIC(20, 0)', '18446744073709551615'],
    ['4294967295::uinteger', 'BIG_INT', '4294967295'],
    ['12.5::decimal(4, 1)', 'NUMERIC(4, 1)', '12.5'],
    ['1234567890123456.78::decimal(18, 2)', 'NUMERIC(18, 2)', '1234567890123456.78'],
    [
      '-12345678901234567890123456789012345.123::decimal(38, 3)',
      'NUMERIC(38, 3)',
      '-12345678901234567890123456789012345.123',
    ],
    ['0.1::float', 'DOUBLE', '0.1'],
    ['0.1::double + 0.2::double', 'DOUBLE', '0.30000000000000004'],
    ["'nan'::double", 'DOUBLE', 'nan'],
    ["'-inf'::double", 'DOUBLE', '-inf'],
    ["'é \"q\", 😀' || chr(10) || 'b'", 'TEXT', 'é "q", 😀\nb'],
    ["''", 'TEXT', ''],
    ["date '0001-01-01'", 'DATE', '1-01-01'],
    ["date '9999-12-31'", 'DATE', '9999-12-31'],
    ["time '10:11:12.123456'", 'TIME', '10:11:12.123456'],
    ["timestamp '2020-01-02 03:04:05.123456'", 'TIMESTAMP', '2020-01-02 03:04:05.123456'],
    ["timestamp '1969-12-31 23:59:59.999999'", 'TIMESTAMP', '1969-12-31 23:59:59.999999'],
    ["timestamptz '2020-01-02 03:04:05.5+02'", 'TIMESTAMP_TZ', '2020-01-02 01:04:05.500000+00:00'],
    ["'2020-01-02 03:04:05.123456789'::timestamp_ns", 'TIMESTAMP', '2020-01-02 03:04:05.123456'],
    ["uuid '7f0e5d0e-9d3c-4b43-8f6e-000000000001'", 'TEXT', '7f0e5d0e-9d3c-4b43-8f6e-000000000001'],
    ["interval '3 days'", 'TEXT', '3 days'],
    ["'10:11:12+02'::timetz", 'TEXT', '10:11:12+02'],
    ["'b'::enum('a', 'b')", 'TEXT', 'b'],
    ['[1, 2]', 'TEXT', '[1, 2]'],
    ["{'a': 1}", 'TEXT', "{'a': 1}"],
    [`'{"a": 1}'::json`, 'TEXT', '{"a": 1}'],
    ["'101'::bit", 'TEXT', '101'],
    ['null', 'INT', null],
    ['null::varchar', 'TEXT', null],
    ['null::decimal(5, 2)', 'NUMERIC(5, 2)', null],
    ['null::timestamptz', 'TIMESTAMP_TZ', null],
  ] as const

  test('has one table, Extract.Extract, with the types and values of the rows', async () => {
    const list = VALUES.map(([value], at) => `${value} as c${at}`)
    const { rows } = await write(`select ${list.join(', ')}`)
    expect(rows).toBe(1)
    const [read] = await readHyper(folder!, join(root, 'a.hyper'))
    expect(read!.tables).toEqual(['"Extract"."Extract"'])
    const seen = VALUES.map(([value], at) => [value, read!.columns[at]![1], read!.rows[0]![at]])
    expect(seen).toEqual(VALUES.map((value) => [...value]))
    expect(read!.columns.map(([name]) => name)).toEqual(VALUES.map((_, at) => `c${at}`))
  })

  test('gives its rows as texts, as the page draws them', async () => {
    const values = `12.50::decimal(9, 2) as amount, true as yes, date '2026-03-01' as day,
      timestamp '2026-03-01 10:11:12.5' as at, 0.1::double as x, 'a "b"' as "t ""u""", null::int as none`
    await write(`select ${values}`)
    expect(await format.rows(join(root, 'a.hyper'))).toEqual({
      columns: ['amount', 'yes', 'day', 'at', 'x', 't "u"', 'none'],
      rows: [['12.50', 'true', '2026-03-01', '2026-03-01 10:11:12.5', '0.1', 'a "b"', null]],
    })
    writeFileSync(join(root, 'text.hyper'), 'text')
    await expect(format.rows(join(root, 'text.hyper'))).rejects.toThrow('no file of Hyper')
  })

  test('keeps any name of a column', async () => {
    await write(`select 1 as "a ""b""", 2 as "é.c", 3 as "select"`)
    const [read] = await readHyper(folder!, join(root, 'a.hyper'))
    expect(read!.columns.map(([name]) => name)).toEqual(['a "b"', 'é.c', 'select'])
  })

  test.each([
    ["'infinity'::date", 'date'],
    ["'-infinity'::timestamp", 'timestamp'],
  ])('does not hold %s', async (value, type) => {
    await expect(parquetOf(`select ${value} as due`)).rejects.toThrow(
      `column due has an infinite ${type}`,
    )
  })

  const ROWS = `select i as id, i / 3.0 as x, case when i % 2 = 0 then 't' || i end as t from range(300000) r(i)`

  test('has a version that follows from its columns and rows, in any order', async () => {
    const first = await write(ROWS)
    const bytes = readFileSync(join(root, 'a.hyper'))
    const again = await write(`${ROWS} order by id desc`, 'b.hyper')
    expect(again).toEqual(first)
    // The vendor's bytes are others each time, so they are no version.
    expect(readFileSync(join(root, 'b.hyper')).equals(bytes)).toBe(false)
    expect(await format.read(join(root, 'a.hyper'))).toEqual(first)
  })

  test.each([
    ['another value', 'select * replace (case when id = 7 then 8 else id end as id) from'],
    ['a row less', 'select * from (select * from'],
    ['a row twice', 'select * from (values (0, 0.0, null)) union all select * from'],
    ['a null for an empty text', `select * replace (coalesce(t, '') as t) from`],
    ['the last bit of a double', 'select * replace (x + 1e-16 as x) from'],
    ['another name', 'select * rename (x as y) from'],
    ['another type', 'select * replace (id::decimal(20, 0) as id) from'],
    ['another order of columns', 'select x, id, t from'],
  ])('has another version after %s', async (what, change) => {
    const base = `select * from (select i as id, 1.0::double / (i + 1) as x, case when i > 2 then 't' end as t from range(9) r(i))`
    const first = await write(base)
    const end = what === 'a row less' ? ` limit 8) as u` : ''
    const other = await write(`${change} (${base})${end}`, 'b.hyper')
    expect(other.version).not.toBe(first.version)
  })

  test("is the same when the vendor's driver writes it", async () => {
    const driver = formatOf(brokenServer())
    try {
      const list = VALUES.map(([value], at) => `${value} as c${at}`)
      const query = `select ${list.join(', ')} from range(3)`
      const first = await write(query)
      expect(await write(query, 'b.hyper', driver)).toEqual(first)
      expect(await driver.read(join(root, 'a.hyper'))).toEqual(first)
      const [read] = await readHyper(folder!, join(root, 'b.hyper'))
      expect(read!.rows).toHaveLength(3)
    } finally {
      await driver.close()
    }
  })

  test('is the same in every time zone', async () => {
    const query = `select timestamptz '2020-01-02 03:04:05.5+02' as t, timestamp '2020-01-02 03:04:05' as u`
    const first = await write(query)
    const home = mkdtempSync(join(tmpdir(), 'assets-format-'))
    const env = { PATH, ASSETS_HYPER_PYTHON_ENV: folder!, TZ: 'Asia/Tokyo' }
    const elsewhere = create(siteOf({ root: home, env }))
    expect(await elsewhere.read(join(root, 'a.hyper'))).toEqual(first)
    await elsewhere.close()
  })

  test('can be written without a temporary folder for a socket', async () => {
    const first = await write('select 1 as a')
    const kept = process.env.TMPDIR
    process.env.TMPDIR = '/nonexistent'
    try {
      const driver = create(siteOf({ root, env: { PATH, ASSETS_HYPER_PYTHON_ENV: folder! } }))
      expect(await driver.read(join(root, 'a.hyper'))).toEqual(first)
      await driver.close()
    } finally {
      if (kept === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = kept
    }
  })

  test('needs an environment that has Hyper', async () => {
    const nowhere = formatOf('/nowhere')
    expect(await nowhere.write('/rows.parquet', join(root, 'a.hyper'), never)).toMatchObject({
      problems: [{ code: 'python-environment' }],
    })
    expect(await nowhere.read(join(root, 'a.hyper'))).toBeNull()
  })

  test('that can be written in no way says what both ways said', async () => {
    const broken = brokenServer()
    writeFileSync(join(broken, 'bin/python'), '#!/bin/sh\necho no driver >&2\nexit 3\n', {
      mode: 0o755,
    })
    const neither = formatOf(broken)
    const parquet = await parquetOf('select 1 as a')
    const written = await neither.write(parquet, join(root, 'a.hyper'), never)
    expect(written).toMatchObject({ problems: [{ code: 'hyper-failed' }] })
    const { detail } = (written as { problems: readonly { detail: string }[] }).problems[0]!
    expect(detail).toMatch(/no license[\s\S]*no driver/)
    await neither.close()
  })

  test('that is damaged is read as no other, and stays as it is', async () => {
    const good = await write(ROWS)
    const path = join(root, 'a.hyper')
    for (const damage of ['cut', 'more', 'zeros', 'text'] as const) {
      const bytes = Buffer.from(readFileSync(path))
      const damaged =
        damage === 'cut'
          ? bytes.subarray(0, bytes.length / 2)
          : damage === 'more'
            ? Buffer.concat([bytes, Buffer.from('x')])
            : damage === 'zeros'
              ? bytes.fill(0, 4_096, 60_000)
              : Buffer.from('not a database')
      const file = join(root, `${damage}.hyper`)
      writeFileSync(file, damaged)
      const before = statSync(file)
      const read = await format.read(file)
      // Bytes behind the end hold nothing.
      if (damage === 'more') expect(read).toEqual(good)
      else expect(read!.version, damage).not.toBe(good.version)
      expect(readFileSync(file).equals(damaged)).toBe(true)
      expect(statSync(file).mtimeMs).toBe(before.mtimeMs)
    }
    // The next file is read and written as before.
    expect(await format.read(path)).toEqual(good)
  })

  test('that is none is never taken for another one that is none', async () => {
    writeFileSync(join(root, 'a.hyper'), 'one text')
    writeFileSync(join(root, 'b.hyper'), 'another')
    const [a, b] = [
      await format.read(join(root, 'a.hyper')),
      await format.read(join(root, 'b.hyper')),
    ]
    expect([a!.rows, b!.rows]).toEqual([null, null])
    expect(a!.version).not.toBe(b!.version)
  })

  test('is not called damaged when Hyper ends while it is read', async () => {
    await write('select i from range(2000000) r(i)')
    const other = formatOf(folder!)
    await write('select 1 as a', 'b.hyper', other)
    const killing = setInterval(() => {
      for (const line of spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).stdout.split(
        '\n',
      )) {
        if (line.includes(`assets-hyper-${process.pid}-`))
          process.kill(Number(line.trim().split(' ')[0]), 'SIGKILL')
      }
    }, 5)
    const read = await other.read(join(root, 'a.hyper')).catch((error: Error) => error)
    clearInterval(killing)
    // It was read before it was killed, or it is an error; never another content.
    if (!(read instanceof Error)) expect(read!.rows).toBe(2_000_000)
    await other.close()
    await format.close()
  })

  test('can be read by all whom the umask allows it', async () => {
    await write('select 1 as a')
    expect(statSync(join(root, 'a.hyper')).mode & 0o777).toBe(0o666 & ~process.umask())
  })

  test('is not finished when the work is cancelled, and the next one is', async () => {
    const parquet = await parquetOf('select i, i * 2 as j from range(3000000) r(i)')
    const cancel = new AbortController()
    setTimeout(() => cancel.abort(), 150)
    const file = join(root, 'a.hyper')
    expect(await format.write(parquet, file, cancel.signal)).toMatchObject({
      problems: [{ code: 'cancelled' }],
    })
    rmSync(file, { force: true })
    expect(await format.write(parquet, file, never)).toMatchObject({ value: { rows: 3_000_000 } })
  })

  test('that already exists is not overwritten', async () => {
    writeFileSync(join(root, 'a.hyper'), 'mine')
    const parquet = await parquetOf('select 1 as a')
    expect(await format.write(parquet, join(root, 'a.hyper'), never)).toMatchObject({
      problems: [{ code: 'hyper-failed' }],
    })
    expect(readFileSync(join(root, 'a.hyper'), 'utf8')).toBe('mine')
  })

  test('leaves no program and no folder behind', async () => {
    const other = formatOf(folder!)
    await write('select 1 as a', 'a.hyper', other)
    const before = running().length
    expect(before).toBeGreaterThan(0)
    await other.close()
    expect(running().length).toBe(before - 1)
    // The folder of the socket is gone as soon as the connection is open.
    expect(
      readdirSync(tmpdir()).filter((name) => name.startsWith(`assets-hyper-${process.pid}-`)),
    ).toEqual([])
  })

  test('removes the socket folders of killed processes, and nothing else', async () => {
    // No process has this id: it is above the largest of Linux.
    const left = join(tmpdir(), 'assets-hyper-99999999-AbCd12')
    const mine = join(tmpdir(), 'assets-hyper-notes')
    const running = join(tmpdir(), `assets-hyper-${process.ppid}-AbCd12`)
    for (const each of [left, mine, running]) mkdirSync(each, { recursive: true })
    const other = formatOf(folder!)
    await write('select 1 as a', 'a.hyper', other)
    await other.close()
    expect([left, mine, running].map(existsSync)).toEqual([false, true, true])
    for (const each of [mine, running]) rmSync(each, { recursive: true })
  })

  test('has up to a thousand columns', async () => {
    const columns = Array.from({ length: 1_000 }, (_, at) => `${at} as c${at}`)
    expect((await write(`select ${columns.join(', ')}`)).rows).toBe(1)
  })

  test('of no rows has its columns', async () => {
    const { rows, version } = await write('select 1 as a where false')
    expect(rows).toBe(0)
    expect(version).not.toBe((await write('select 1 as b where false', 'b.hyper')).version)
    expect(existsSync(join(root, 'a.hyper'))).toBe(true)
  })
})

test.runIf(folder === null)('Hyper does not run on this machine', () => {
  expect(create(siteOf({ root })).unavailable()).toMatchObject({ code: 'hyper-unavailable' })
})
