import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SpoolWriter } from '../../framework/connections/postgres/spool-writer.ts'
import type { Result } from '../../framework/model/problem.ts'
import type { Session, Spool, StreamColumn, TableLoad } from '../../framework/ports/warehouse.ts'
import { createReader } from '../../framework/warehouses/duckdb/reader.ts'
import { sharedPython } from '../rig/python.ts'
import { writeSpool } from '../rig/spool.ts'
import { borrowing, duckdbIn } from './suites/duckdb.ts'
import { must } from './suites/warehouse.ts'

const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

let root: string
const children: ChildProcess[] = []

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-duckdb-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('exit', resolve))
    }
  }
  rmSync(root, { recursive: true, force: true })
})

const file = () => join(root, '.assets', 'warehouse.duckdb')
const codes = <T>(result: Result<T>) => (result.ok ? [] : result.problems.map(({ code }) => code))

async function withSession<T>(use: (session: Session) => Promise<T>): Promise<T> {
  const session = must(await duckdbIn(root).open())
  try {
    return await use(session)
  } finally {
    await session.close()
  }
}

const ONE_COLUMN: readonly StreamColumn[] = [{ name: 'id', type: { type: 'integer', bits: 64 } }]

const numbers = (rows: readonly string[]) =>
  writeSpool(
    join(root, 'spool.parquet'),
    ONE_COLUMN,
    rows.map((row) => [row]),
  )

function oneColumn(rows: readonly string[], more: Partial<TableLoad> = {}): TableLoad {
  async function* spools() {
    yield await numbers(rows)
  }
  return {
    relation: 'raw.thing',
    columns: ONE_COLUMN,
    spools: spools(),
    mode: { how: 'replace' },
    extractedAt: 0,
    syncId: 1,
    generationId: 0,
    volatile: [],
    ...more,
  }
}

/** Starts a program that prints lines and gives each to whoever asks for the next. */
function start(command: string, args: readonly string[]) {
  const child = spawn(command, args, { cwd: REPOSITORY, stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return { child, ended, line: async () => String((await lines.next()).value) }
}

/** Another process that has the file open until its input ends. */
async function holder() {
  const program = `
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(process.argv[1])
    console.log('open')
    process.stdin.on('end', () => { instance.closeSync(); process.exit() }).resume()`
  const started = start(process.execPath, ['--input-type=module', '-e', program, file()])
  expect(await started.line()).toBe('open')
  return started
}

describe('content version', () => {
  /** Each is one table; `hash()` alone, or its text alone, would take some of them for equal. */
  const CONTENTS = [
    'select null::int[] as c',
    'select []::int[] as c',
    'select [null]::int[] as c',
    'select [[]]::int[][] as c',
    'select [null]::int[][] as c',
    'select [[1], [2]] as c',
    'select [[1, 2]] as c',
    "select ['1, 2'] as c",
    "select ['1', '2'] as c",
    "select ['NULL'] as c",
    'select [null]::varchar[] as c',
    "select {'a': null::int} as c",
    'select null::struct(a int) as c',
    "select {'a': 1} as c",
    "select {'b': 1} as c",
    "select map {'a': 1} as c",
    "select map {'a': null::int} as c",
    "select interval '1 month' as c",
    "select interval '30 days' as c",
    "select interval '720 hours' as c",
    'select union_value(a := 1)::union(a int, b int) as c',
    'select union_value(b := 1)::union(a int, b int) as c',
    'select 1::int as c',
    'select 1::bigint as c',
    'select 1::int as C',
    'select 1::int as d',
    "select 'a'::varchar as c",
    "select 'a'::blob as c",
    "select '{}'::json as c",
    'select 0.0::double as c',
    "select '-0.0'::double as c",
    "select 'nan'::double as c",
    "select 'inf'::double as c",
    'select null::double as c',
    'select 0.0::float as c',
    "select '-0.0'::float as c",
    'select 1.10::decimal(5, 2) as c',
    'select 1.10::decimal(6, 2) as c',
    "select time '10:00:00' as c",
    "select '10:00:00+00'::timetz as c",
    "select '12:00:00+02'::timetz as c",
    "select timestamp '2020-01-01' as c",
    "select timestamptz '2020-01-01 00:00:00+00' as c",
    "select 'x'::enum('x', 'y') as c",
    "select 'x'::enum('y', 'x') as c",
    "select '1'::bit as c",
    "select '01'::bit as c",
    'select null::int as c from range(2)',
    'select null::int as c',
    'select null::int as c where false',
    'select null::int as c, null::int as d',
    'select 0::int as c, null::int as d',
    'select null::int as c, 0::int as d',
    "select 'a' as c, 'b' as d",
    "select 'ab' as c, '' as d",
    "select '' as c, 'ab' as d",
  ]

  it('tells apart what hash() or text alone would not', async () => {
    await borrowing(
      duckdbIn(root),
      CONTENTS.map((sql, at) => `create table t${at} as ${sql}`).join(';'),
    )
    const byVersion = await withSession(async (session) => {
      const found = new Map<string, string[]>()
      for (const [at, sql] of CONTENTS.entries()) {
        const { version } = must(await session.fingerprint(`main.t${at}`, { volatile: [] }))
        found.set(version, [...(found.get(version) ?? []), sql])
      }
      return found
    })
    const same = [...byVersion.values()].filter((contents) => contents.length > 1)
    expect(same).toEqual([])
  })

  it('is what it was: another engine or another rule needs another scheme', async () => {
    await borrowing(
      duckdbIn(root),
      `create table t as select 1::bigint as id, 'x' as name, 1.5::double as n, [1, null] as list, date '2020-01-01' as day
       union all select 2, null, null, null, null`,
    )
    await withSession(async (session) => {
      expect(must(await session.fingerprint('main.t', { volatile: [] })).version).toBe(
        'c:duckdb-1.5/1:97be39661075c4586e74f2e0d1f4ab31',
      )
    })
  })

  const wide = `select i as id, 'text ' || i % 1000 as t, i / 7.0 as n, [i, null] as l from range(300000) r(i)`

  it('depends neither on threads nor on the order of rows', async () => {
    const warehouse = duckdbIn(root, { threads: 4 })
    await borrowing(
      warehouse,
      `create table a as ${wide}; create table b as ${wide} order by hash(i)`,
    )
    const versions = new Set<string>()
    for (const threads of [1, 4]) {
      const session = must(await duckdbIn(root, { threads }).open())
      for (const relation of ['main.a', 'main.b']) {
        versions.add(must(await session.fingerprint(relation, { volatile: [] })).version)
      }
      await session.close()
    }
    expect(versions.size).toBe(1)
  })

  it("is the same through Python's driver", async () => {
    const python = await sharedPython()
    const warehouse = duckdbIn(root)
    const sql = [
      `create table wide as ${wide}`,
      ...CONTENTS.map((one, at) => `create table t${at} as ${one}`),
    ]
    await borrowing(warehouse, sql.join(';'))
    const relations = ['main.wide', ...CONTENTS.map((_, at) => `main.t${at}`)]
    const ours = await withSession(async (session) => {
      const prints = []
      for (const one of relations)
        prints.push(must(await session.fingerprint(one, { volatile: [] })))
      return prints
    })
    const program = `
import duckdb, json, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("set TimeZone = 'UTC'")
for line in sys.stdin:
    print(json.dumps(connection.execute(json.loads(line)).fetchall()), flush=True)`
    const theirs = must(
      await warehouse.lend(async (loan) => {
        const worker = start(join(python, 'bin', 'python'), [
          '-c',
          program,
          loan.env.DBT_DUCKDB_PATH!,
        ])
        const reader = loan.reader(async (statement) => {
          worker.child.stdin.write(`${JSON.stringify(statement)}\n`)
          return JSON.parse(await worker.line())
        })
        const prints = []
        for (const one of relations)
          prints.push(must(await reader.fingerprint(one, { volatile: [] })))
        worker.child.stdin.end()
        await worker.ended
        return prints
      }),
    )
    expect(theirs).toEqual(ours)
  })

  it('is a problem, not a crash, when the borrower goes away', async () => {
    const reader = createReader(
      () => Promise.reject(new Error('the worker ended')),
      'warehouse.duckdb',
    )
    expect(codes(await reader.fingerprint('a.b', { volatile: [] }))).toEqual([
      'relation-unreadable',
    ])
    await expect(reader.inspect(['a.b'])).rejects.toThrow('warehouse.duckdb could not be inspected')
  })
})

describe('one owner', () => {
  it('shares one instance among all sessions and warehouses of a process', async () => {
    const one = must(await duckdbIn(root).open())
    const two = must(await duckdbIn(root).open())
    await one.load(oneColumn(['1']))
    await one.close()
    await two.load(oneColumn(['2'], { relation: 'raw.other' }))
    await two.close()
    await withSession(async (session) => {
      expect((await session.inspect(['raw.thing', 'raw.other'])).size).toBe(2)
    })
  })

  it('waits for another process, says for whom, and goes on when it ends', async () => {
    await withSession((session) => session.load(oneColumn(['1'])))
    const other = await holder()
    const notices: string[] = []
    const notice = (message: string) => {
      notices.push(message)
      other.child.stdin.end()
    }
    const session = must(await duckdbIn(root, {}, { notice }).open())
    expect((await session.inspect(['raw.thing'])).size).toBe(1)
    await session.close()
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain(`process ${other.child.pid}`)
  })

  it('gives up with a problem that names the other process', async () => {
    await withSession((session) => session.load(oneColumn(['1'])))
    const other = await holder()
    const abort = new AbortController()
    const warehouse = duckdbIn(root, {}, { signal: abort.signal, notice: () => abort.abort() })
    const results: Result<unknown>[] = [
      await warehouse.open(),
      await warehouse.lend(async () => {}),
    ]
    for (const result of results) {
      expect(codes(result)).toEqual(['warehouse-locked'])
      if (result.ok) continue
      expect(result.problems[0]?.message).toContain(`process ${other.child.pid}`)
      expect(result.problems[0]?.message).toContain('.assets/warehouse.duckdb')
      // It was waited for already; a retry on top would only make the wait longer.
      expect(result.problems[0]).not.toHaveProperty('transient')
    }
  })

  it('frees the lock when the last session is closed, even under work', async () => {
    const session = must(await duckdbIn(root).open())
    await session.load(oneColumn(['1']))
    const query =
      'select count(*) from range(100000000) a, range(1000000) b where a.range % 7 = b.range % 5'
    const slow = session.export({
      from: { query },
      columns: null,
      orderBy: [],
      format: 'csv',
      file: join(root, 'never.csv'),
    })
    await session.close()
    expect(codes(await slow)).toEqual(['cancelled'])
    await session.close()
    const other = await holder()
    other.child.stdin.end()
    await other.ended
    expect(other.child.exitCode).toBe(0)
  })

  it('is never lent under a session, nor opened under a loan', async () => {
    const warehouse = duckdbIn(root)
    const session = must(await warehouse.open())
    await session.load(oneColumn(['1']))
    await expect(warehouse.lend(async () => {})).rejects.toThrow('a session is open')
    await session.close()
    await warehouse.lend(async () => {
      await expect(duckdbIn(root).open()).resolves.toMatchObject({ ok: false })
    })
  })

  it('leaves nothing behind when there is nothing to look at', async () => {
    await withSession(async (session) => {
      expect(await session.inspect(['raw.thing'])).toEqual(new Map())
    })
    expect(readdirSync(root)).toEqual([])
  })

  it('lends a file that does not exist yet', async () => {
    const warehouse = duckdbIn(root, { path: 'deep/down/new.duckdb' })
    await borrowing(warehouse, 'create schema s; create table s.t as select 1 as one')
    const session = must(await warehouse.open())
    expect((await session.inspect(['s.t'])).size).toBe(1)
    await session.close()
  })

  it('reads a file whose name is that of a schema in it', async () => {
    const warehouse = duckdbIn(root, { path: 'raw.duckdb' })
    const session = must(await warehouse.open())
    const loaded = must(await session.load(oneColumn(['1'])))
    expect(must(await session.fingerprint('raw.thing', { volatile: [] }))).toEqual(
      loaded.fingerprint,
    )
    expect((await session.inspect(['raw.thing'])).size).toBe(1)
    await session.close()
  })
})

describe('files that are no warehouse', () => {
  it.each([
    [
      'text',
      () => writeFileSync(file(), 'no database at all, '.repeat(2_000)),
      'warehouse-not-duckdb',
    ],
    ['an empty file', () => writeFileSync(file(), ''), 'warehouse-not-duckdb'],
    ['a folder', () => mkdirSync(file()), 'warehouse-unwritable'],
  ] as const)('%s is a problem that says so', async (_name, make, code) => {
    mkdirSync(join(root, '.assets'))
    make()
    expect(codes(await duckdbIn(root).open())).toEqual([code])
    expect(codes(await duckdbIn(root).lend(async () => {}))).toEqual([code])
  })

  it('a folder that is a file is a problem that says so', async () => {
    writeFileSync(join(root, '.assets'), '')
    const session = must(await duckdbIn(root).open())
    expect(codes(await session.load(oneColumn(['1'])))).toEqual(['warehouse-unwritable'])
    await session.close()
  })
})

describe('gate', () => {
  it('knows an absent file, and no proof while changes are in a log', async () => {
    const warehouse = duckdbIn(root)
    expect(await warehouse.gate()).toBe('absent')
    await withSession((session) => session.load(oneColumn(['1'])))
    const other = duckdbIn(root)
    expect(await other.gate()).toMatch(/^\d+:[0-9a-f]{32}$/)
    writeFileSync(`${file()}.wal`, 'x')
    expect(await other.gate()).toBeNull()
    rmSync(`${file()}.wal`)
  })

  it('is none while the file is in use', async () => {
    const warehouse = duckdbIn(root)
    const session = must(await warehouse.open())
    await session.load(oneColumn(['1']))
    expect(await warehouse.gate()).toBeNull()
    await session.close()
    await warehouse.lend(async () => expect(await warehouse.gate()).toBeNull())
    expect(await warehouse.gate()).not.toBeNull()
  })

  it('vouches for what a borrower did', async () => {
    await withSession((session) => session.load(oneColumn(['1'])))
    const before = await duckdbIn(root).gate()
    await borrowing(duckdbIn(root), 'create table t as select 1 as one')
    const after = await duckdbIn(root).gate()
    expect(after).not.toBeNull()
    expect(after).not.toBe(before)
  })

  it('never vouches for what somebody else did in between', async () => {
    await withSession((session) => session.load(oneColumn(['1'])))
    expect(await duckdbIn(root).gate()).not.toBeNull()
    const program = `
      const { DuckDBInstance } = await import('@duckdb/node-api')
      const instance = await DuckDBInstance.create(process.argv[1])
      const connection = await instance.connect()
      await connection.run('update raw.thing set id = 2')
      connection.closeSync()
      instance.closeSync()`
    const other = start(process.execPath, ['--input-type=module', '-e', program, file()])
    await other.ended
    await withSession((session) => session.load(oneColumn(['1'], { relation: 'raw.other' })))
    expect(await duckdbIn(root).gate()).toBeNull()
  })
})

describe('a load that ends early', () => {
  let loader: string
  beforeAll(async () => {
    // Beside the packages that it imports.
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
  ])('by SIGKILL after "%s" leaves a whole table and no litter', async (moment) => {
    const victim = start(process.execPath, [loader, root])
    while ((await victim.line()) !== moment);
    victim.child.kill('SIGKILL')
    await victim.ended

    const seen = await borrowing(
      duckdbIn(root),
      `select table_name, estimated_size from duckdb_tables()`,
    )
    const names = seen.map(([name]) => name)
    const killedIn = Number(moment.at(-1))
    if (killedIn > 1 || moment.startsWith('loaded')) expect(names).toContain('thing')
    expect(names.filter((name) => name !== 'thing')).toEqual([])
    if (!names.includes('thing')) return
    const [counts] = await borrowing(
      duckdbIn(root),
      `select count(*)::int, count(distinct id)::int, count(distinct generation)::int, max(generation)::int from raw.thing`,
    )
    expect(counts?.slice(0, 3)).toEqual([20_000, 20_000, 1])
    expect(Number(counts?.[3])).toBeGreaterThanOrEqual(
      killedIn - (moment.startsWith('loaded') ? 0 : 1),
    )
  })

  it('by an abort leaves the table as it was and the file usable', async () => {
    const abort = new AbortController()
    const warehouse = duckdbIn(root, {}, { signal: abort.signal })
    const session = must(await warehouse.open())
    must(await session.load(oneColumn(['1'])))
    async function* spools() {
      const spool = await numbers(['2'])
      yield spool
      abort.abort()
      yield spool
    }
    expect(codes(await session.load(oneColumn([], { spools: spools() })))).toEqual(['cancelled'])
    await session.close()
    const rows = await borrowing(duckdbIn(root), 'select id::varchar from raw.thing')
    expect(rows).toEqual([['1']])
  })
})

describe('memory', () => {
  it('sorts more than it may keep, and cleans up', async () => {
    const warehouse = duckdbIn(root, { memory_limit: '100MB', threads: 2 })
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
    const out = join(root, 'big.parquet')
    expect(must(await session.export({ ...request, file: out })).rows).toBe(2_500_000)
    await session.close()
    const scratch = join(root, '.assets', 'tmp')
    const left = existsSync(scratch) ? readdirSync(scratch, { recursive: true }) : []
    expect(left.filter((name) => String(name).includes('duckdb_temp'))).toEqual([])
  })

  it.each([60, 200])('loads values longer than the limit for loading: %i MB', async (size) => {
    const columns = [{ name: 't', type: { type: 'string' } }] as const
    async function* spools() {
      const rows = [['x'.repeat(size * 1_000_000)], ['short']]
      yield await writeSpool(join(root, 'huge.parquet'), columns, rows)
    }
    await withSession(async (session) => {
      expect(must(await session.load(oneColumn([], { columns, spools: spools() }))).loaded).toBe(2)
    })
    const rows = await borrowing(duckdbIn(root), 'select max(length(t))::int from raw.thing')
    expect(rows).toEqual([[size * 1_000_000]])
  })

  it('loads many long values, more of them than the limit for loading', async () => {
    const columns = [{ name: 't', type: { type: 'string' } }] as const
    const spool = await longTexts(join(root, 'long.parquet'), 320)
    async function* spools() {
      for (let turn = 0; turn < 10; turn++) yield spool
    }
    await withSession(async (session) => {
      const load = oneColumn([], { columns, spools: spools() })
      expect(must(await session.load(load)).loaded).toBe(3200)
    })
  })
})

/** A spool of texts of 100 kB each that can't be compressed, in row groups as the loader writes them. */
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
    changes!.skip(changes!.rows++)
    writer.added()
    await writer.settle()
  }
  await writer.finish()
  return spools[0]!
}

describe('the order that a query has itself', () => {
  it.each([
    [
      'a common table',
      'with w as (select * from v order by n) select n, t from w order by w.n desc',
    ],
    ['a union', 'select n, t from v union all select n, t from v order by 1 desc'],
    ['an expression', 'select n, t from v order by -n, (select max(n) from v)'],
    ['a big number', 'select n, t from v where n < 123456789012345678901 order by n desc'],
    ['distinct', 'select distinct n, t from v order by n desc'],
  ])('holds over %s', async (_name, query) => {
    const warehouse = duckdbIn(root)
    await borrowing(
      warehouse,
      "create view v as select * from (values (1, 'b'), (2, 'z'), (1, 'a')) x(n, t)",
    )
    const session = must(await warehouse.open())
    const out = join(root, 'ordered.csv')
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
