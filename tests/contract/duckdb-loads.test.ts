import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SpoolWriter } from '../../framework/connections/postgres/spool/spool-writer.ts'
import type { Spool } from '../../framework/ports/warehouse.ts'
import { REPOSITORY } from '../rig/cli.ts'
import { writeSpool } from '../rig/spool.ts'
import { borrowing, duckdbIn } from './suites/duckdb.ts'
import { codes, DuckdbFolder } from './suites/duckdb-folder.ts'
import { must } from './suites/warehouse.ts'

const folder = new DuckdbFolder()

describe('a load that ends early', () => {
  let loader: string
  beforeAll(async () => {
    // In the repository, so that its imports are found.
    loader = join(REPOSITORY, 'node_modules', '.cache', `duckdb-loader-${process.pid}.mjs`)
    await build({
      entryPoints: [join(REPOSITORY, 'tests', 'contract', 'suites', 'duckdb-loader.ts')],
      outfile: loader,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
    })
  })
  afterAll(() => rmSync(loader, { force: true }))

  it.each([
    'read 0 of 1',
    'read 1 of 1',
    'loaded 1',
    'read 0 of 2',
    'read 1 of 2',
    'loaded 2',
    'read 1 of 3',
    'read 1 of 4',
  ])('by SIGKILL after "%s" leaves a complete table and no leftovers', async (moment) => {
    const victim = folder.start(process.execPath, [loader, folder.root])
    while ((await victim.line()) !== moment);
    victim.child.kill('SIGKILL')
    await victim.ended

    const seen = await borrowing(
      duckdbIn(folder.root),
      `select table_name, estimated_size from duckdb_tables()`,
    )
    const names = seen.map(([name]) => name)
    const killedIn = Number(moment.at(-1))
    if (killedIn > 1 || moment.startsWith('loaded')) expect(names).toContain('thing')
    expect(names.filter((name) => name !== 'thing')).toEqual([])
    if (!names.includes('thing')) return
    const [counts] = await borrowing(
      duckdbIn(folder.root),
      `select count(*)::int, count(distinct id)::int, count(distinct generation)::int, max(generation)::int from raw.thing`,
    )
    expect(counts?.slice(0, 3)).toEqual([20_000, 20_000, 1])
    expect(Number(counts?.[3])).toBeGreaterThanOrEqual(
      killedIn - (moment.startsWith('loaded') ? 0 : 1),
    )
  })

  it('by an abort leaves the table unchanged and the file usable', async () => {
    const abort = new AbortController()
    const warehouse = duckdbIn(folder.root, {}, { signal: abort.signal })
    const session = must(await warehouse.open())
    must(await session.loader!.load(folder.oneColumn(['1'])))
    async function* spools() {
      const spool = await folder.numbers(['2'])
      yield spool
      abort.abort()
      yield spool
    }
    expect(codes(await session.loader!.load(folder.oneColumn([], { spools: spools() })))).toEqual([
      'cancelled',
    ])
    await session.close()
    const rows = await borrowing(duckdbIn(folder.root), 'select id::varchar from raw.thing')
    expect(rows).toEqual([['1']])
  })
})

describe('memory', () => {
  it('sorts more than fits into memory, and cleans up', async () => {
    const warehouse = duckdbIn(folder.root, { memory_limit: '100MB', threads: 2 })
    await borrowing(
      warehouse,
      `create table big as select hash(i) as h, 'some text that takes space ' || hash(i + 1) as t, i from range(2500000) r(i)`,
    )
    const session = must(await warehouse.open())
    const request = {
      from: { relation: 'main.big' },
      columns: null,
      orderBy: ['h'],
      format: 'parquet',
    } as const
    const out = join(folder.root, 'big.parquet')
    expect(must(await session.export({ ...request, file: out })).rows).toBe(2_500_000)
    await session.close()
    const scratch = join(folder.root, '.assets', 'tmp')
    const left = existsSync(scratch) ? readdirSync(scratch, { recursive: true }) : []
    expect(left.filter((name) => String(name).includes('duckdb_temp'))).toEqual([])
  })

  it.each([60, 200])('loads values larger than the memory limit of loads: %i MB', async (size) => {
    const columns = [{ name: 't', type: { type: 'string' } }] as const
    async function* spools() {
      const rows = [['x'.repeat(size * 1_000_000)], ['short']]
      yield await writeSpool(join(folder.root, 'huge.parquet'), columns, rows)
    }
    await folder.withSession(async (session) => {
      expect(
        must(await session.loader!.load(folder.oneColumn([], { columns, spools: spools() })))
          .loaded,
      ).toBe(2)
    })
    const rows = await borrowing(duckdbIn(folder.root), 'select max(length(t))::int from raw.thing')
    expect(rows).toEqual([[size * 1_000_000]])
  })

  it('loads many long values that exceed the memory limit of loads', async () => {
    const columns = [{ name: 't', type: { type: 'string' } }] as const
    const spool = await longTexts(join(folder.root, 'long.parquet'), 320)
    async function* spools() {
      for (let turn = 0; turn < 10; turn++) yield spool
    }
    await folder.withSession(async (session) => {
      const load = folder.oneColumn([], { columns, spools: spools() })
      expect(must(await session.loader!.load(load)).loaded).toBe(3200)
    })
  })
})

/** A spool of incompressible texts of 100 kB each, in the row groups of the loader. */
async function longTexts(path: string, rows: number): Promise<Spool> {
  const spools: Spool[] = []
  const columns = ['t', 'changes'].map((name) => ({ name, type: 'text' }) as const)
  const writer = new SpoolWriter(
    columns,
    () => path,
    (spool) => spools.push(spool),
  )
  const [text, changes] = writer.chunks
  for (let row = 0; row < rows; row++) {
    const bytes = Buffer.from(randomBytes(50_000).toString('hex'))
    text!.reserve(4 + bytes.length)
    new DataView(text!.bytes.buffer).setInt32(text!.used, bytes.length, true)
    text!.bytes.set(bytes, text!.used + 4)
    text!.used += 4 + bytes.length
    text!.rows++
    changes!.addNull(changes!.rows++)
    writer.rowsAdded()
    await writer.ready()
  }
  await writer.finish()
  return spools[0]!
}

describe("a query's own ORDER BY", () => {
  it.each([
    [
      'a common table',
      'with w as (select * from v order by n) select n, t from w order by w.n desc',
    ],
    ['a union', 'select n, t from v union all select n, t from v order by 1 desc'],
    ['an expression', 'select n, t from v order by -n, (select max(n) from v)'],
    ['a big number', 'select n, t from v where n < 123456789012345678901 order by n desc'],
    ['distinct', 'select distinct n, t from v order by n desc'],
  ])('is kept for %s', async (_name, query) => {
    const warehouse = duckdbIn(folder.root)
    await borrowing(
      warehouse,
      "create view v as select * from (values (1, 'b'), (2, 'z'), (1, 'a')) x(n, t)",
    )
    const session = must(await warehouse.open())
    const out = join(folder.root, 'ordered.csv')
    const request = {
      from: { query },
      columns: null,
      orderBy: [],
      format: 'csv',
      file: out,
    } as const
    must(await session.export(request))
    await session.close()
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n').slice(1)
    expect([...new Set(lines)]).toEqual(['2,z', '1,a', '1,b'])
  })
})
