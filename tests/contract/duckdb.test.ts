import { fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { duckdbVersion, openDuckdb } from '../../framework/engines/duckdb/engine.ts'
import type { Json } from '../../framework/lib/json.ts'
import type { Result } from '../../framework/model/problem.ts'
import { NEWEST_STORAGE } from '../../framework/warehouses/duckdb/file-header.ts'
import { newerDuckdb } from '../rig/newer-duckdb.ts'
import { borrowing, duckdbIn } from './suites/duckdb.ts'
import { codes, DuckdbFolder } from './suites/duckdb-folder.ts'
import { must } from './suites/warehouse.ts'

const folder = new DuckdbFolder()

describe('a function', () => {
  const inspect = async (sql: string) => {
    await borrowing(duckdbIn(folder.root), sql)
    return folder.withSession((session) => session.inspect(['main.twice()']))
  }

  it('is found under its name with parentheses, apart from a table of that name', async () => {
    expect((await inspect('create table twice (x int)')).size).toBe(0)
    const found = (await inspect('create macro Twice(x) as x * 2')).get('main.twice()')
    expect(found).toMatchObject({
      kind: 'view',
      columns: [],
      shape: { relation: 'main.twice()', columns: expect.any(String) },
      installed: expect.any(String),
    })
    expect((await inspect('drop macro twice')).size).toBe(0)
  })

  it('differs in its arguments, its body and what it returns', async () => {
    const of = async (definition: string) =>
      (await inspect(`create or replace macro ${definition}`)).get('main.twice()')!
    const first = await of('twice(x) as x * 2')
    expect(await of('twice(x) as x * 2')).toEqual(first)
    const body = await of('twice(x) as x * 3')
    expect(body.installed).not.toBe(first.installed)
    expect(body.shape).toEqual(first.shape)
    const renamed = await of('twice(y) as y * 2')
    expect(renamed.shape.columns).not.toBe(first.shape.columns)
    await inspect('drop macro twice')
    const table = await of('twice(x) as table select x * 2 as n')
    expect(table.installed).not.toBe(first.installed)
  })
})

describe('a view that names a file relative to the dbt project', () => {
  it('is read from there, wherever this process runs', async () => {
    mkdirSync(join(folder.root, 'dbt'))
    writeFileSync(join(folder.root, 'dbt/one.csv'), 'n\n1\n')
    const create = "create view shown as from read_csv('one.csv')"
    const folderOfDbt = `set file_search_path = '${join(folder.root, 'dbt')}'`
    await borrowing(duckdbIn(folder.root), `${folderOfDbt}; ${create}`)
    const read = async (projectDir: string) => {
      const session = must(await duckdbIn(folder.root, {}, { projectDir }).open())
      const found = await session.fingerprint('main.shown', { volatile: [] })
      await session.close()
      return found
    }
    expect(await read('dbt')).toMatchObject({ ok: true, value: { rows: 1 } })
    expect(codes(await read('elsewhere'))).toEqual(['relation-unreadable'])
  })
})

describe("a warehouse from dbt's profile", () => {
  const at = (path: string, more: Readonly<Record<string, Json>> = {}) =>
    duckdbIn(folder.root, { path, ...more })

  describe('if the profile attaches another file', () => {
    const file = (name: string) => join(folder.root, name)
    const attaching = (path: string, more = {}) =>
      at('a.duckdb', { attach: [{ path: file(path), alias: 'b', ...more }] })
    /** As another program, of which the warehouse under test knows nothing. */
    async function writeOther(name: string, ...statements: readonly string[]): Promise<void> {
      const engine = await openDuckdb(file(name))
      const connection = await engine.connect()
      for (const statement of statements) await connection.run(statement)
      connection.close()
      engine.close()
    }
    beforeEach(async () => {
      await borrowing(at('a.duckdb'), 'create table t as select 1 as id')
    })

    it('has a change token of both, which every write to either moves', async () => {
      const tokens = [await at('a.duckdb').changeToken(), await attaching('b.duckdb').changeToken()]
      await writeOther('c.duckdb', 'create table o as select 1 as id')
      tokens.push(await attaching('c.duckdb').changeToken())
      tokens.push(await at('a.duckdb', { attach: [{ path: file('c.duckdb') }] }).changeToken())
      await borrowing(attaching('c.duckdb'), 'insert into t values (2)')
      tokens.push(await attaching('c.duckdb').changeToken())
      expect(tokens).not.toContain(null)
      expect(new Set(tokens).size).toBe(tokens.length)
      expect(await attaching('c.duckdb').changeToken()).toBe(tokens.at(-1))
    })

    it('has another one after a copy with equal headers was moved there', async () => {
      await writeOther('d.duckdb', 'create table o as select 1 as id')
      copyFileSync(file('d.duckdb'), file('copy.duckdb'))
      const before = await attaching('d.duckdb').changeToken()
      renameSync(file('copy.duckdb'), file('d.duckdb'))
      expect(await attaching('d.duckdb').changeToken()).not.toBe(before)
    })

    it('has none after another program has changed that file between two looks', async () => {
      await writeOther('e.duckdb', 'create table o as select 1 as id')
      const session = must(await attaching('e.duckdb').open())
      expect((await session.inspect(['b.main.o'])).size).toBe(1)
      await session.close()
      expect(await attaching('e.duckdb').changeToken()).not.toBe(null)
      await writeOther('e.duckdb', 'insert into o values (2)')
      expect(await attaching('e.duckdb').changeToken()).toBe(null)
    })

    it('counts what dbt writes there during a loan as ours', async () => {
      await writeOther('f.duckdb', 'create table o as select 1 as id')
      const before = await attaching('f.duckdb').changeToken()
      const warehouse = attaching('f.duckdb')
      must(await warehouse.lend(() => writeOther('f.duckdb', 'insert into o values (2)')))
      const after = await warehouse.changeToken()
      expect(after).not.toBe(null)
      expect(after).not.toBe(before)
    })

    it('has none if that file has another format', async () => {
      expect(await attaching('g.sqlite', { type: 'sqlite' }).changeToken()).toBe(null)
    })

    it('opens without what another format needs, and says so of its relations', async () => {
      writeFileSync(file('k.sqlite'), 'no database at all')
      const warehouse = attaching('k.sqlite', { type: 'no_such_format' })
      const session = must(await warehouse.open())
      expect([...(await session.inspect(['main.t', 'b.main.o'])).keys()]).toEqual(['main.t'])
      expect(warehouse.whyUnseen('b.main.o')).toMatch(
        /k\.sqlite, which dbt's profile attaches as b, can't be attached: /,
      )
      expect(warehouse.whyUnseen('main.t')).toBe(null)
      await session.close()
    })

    it('reads it under its alias, in any case of letters, and its own tables under two names', async () => {
      await writeOther('h.duckdb', 'create table o as select 1 as id', 'create view t as from o')
      const session = must(await attaching('h.duckdb').open())
      const found = await session.inspect(['B.main.O', 'b.main.t', 'main.t', 'main.o', 'b.main.x'])
      expect([...found.keys()].sort()).toEqual(['B.main.O', 'b.main.t', 'main.t'])
      expect(found.get('b.main.t')).toMatchObject({ kind: 'view' })
      const own = must(await session.fingerprint('main.t', { volatile: [] }))
      const other = must(await session.fingerprint('b.main.t', { volatile: [] }))
      expect([own.rows, other.rows]).toEqual([1, 1])
      expect(other.shape.relation).toBe('b.main.t')
      await session.close()
    })

    it('names the views of all databases that may read a relation', async () => {
      await writeOther('i.duckdb', 'create table o as select 1 as id')
      const attach = `attach '${file('i.duckdb')}' as b`
      await borrowing(attaching('i.duckdb'), `${attach}; create view o as from b.main.o`)
      const session = must(await attaching('i.duckdb').open())
      const views = await session.viewsOver(['b.main.o', 'main.o'])
      expect(views.get('b.main.o')).toEqual(['main.o'])
      expect(views.get('main.o')).toEqual([])
      await session.close()
    })

    it('names the process that has it open, and reads it when that ends', async () => {
      await writeOther('j.duckdb', 'create table o as select 1 as id')
      const holder = fork(join(import.meta.dirname, '../rig/hold-duckdb.mjs'), [file('j.duckdb')])
      await once(holder, 'message')
      const refused = await attaching('j.duckdb').open(AbortSignal.abort())
      expect(refused).toMatchObject({
        problems: [
          {
            code: 'warehouse-locked',
            heldByOther: true,
            message: expect.stringMatching(
              /j\.duckdb, which dbt's profile attaches as b, is open in process \d+/,
            ),
          },
        ],
      })
      holder.kill()
      await once(holder, 'exit')
      const session = must(await attaching('j.duckdb').open())
      expect((await session.inspect(['b.main.o'])).size).toBe(1)
      await session.close()
    })
  })

  it('has the time zone of the profile in its sessions', async () => {
    const view = "create view v as select timestamptz '2026-01-01 23:00:00+00'::date as day"
    await borrowing(at('a.duckdb'), view)
    const versionIn = async (settings: Readonly<Record<string, Json>>) => {
      const session = must(await at('a.duckdb', settings).open())
      const found = must(await session.fingerprint('main.v', { volatile: [] }))
      await session.close()
      return found.version
    }
    const utc = await versionIn({})
    expect(await versionIn({ settings: { TimeZone: 'UTC' } })).toBe(utc)
    expect(await versionIn({ settings: { TimeZone: 'Europe/Berlin' } })).not.toBe(utc)
  })

  it('refuses to open if what the profile attaches can not be attached', async () => {
    await borrowing(at('a.duckdb'), 'create table t as select 1 as id')
    writeFileSync(join(folder.root, 'b.duckdb'), 'something else, and long enough for a header')
    const attach = [{ path: join(folder.root, 'b.duckdb'), alias: 'b' }]
    expect(codes(await at('a.duckdb', { attach }).open())).toEqual(['warehouse-attach'])
  })

  it('the change token of another file is another one, even of a copy', async () => {
    await borrowing(at('a.duckdb'), 'create table t as select 1 as id')
    copyFileSync(join(folder.root, 'a.duckdb'), join(folder.root, 'b.duckdb'))
    const tokens = await Promise.all(['a', 'b'].map((name) => at(`${name}.duckdb`).changeToken()))
    expect(tokens).not.toContain(null)
    expect(new Set(tokens).size).toBe(2)
  })
})

describe('the owner of a file', () => {
  it('shares one instance between all sessions and warehouses of a process', async () => {
    const one = must(await duckdbIn(folder.root).open())
    const two = must(await duckdbIn(folder.root).open())
    await one.loader!.load(folder.oneColumn(['1']))
    await one.close()
    await two.loader!.load(folder.oneColumn(['2'], { relation: 'raw.other' }))
    await two.close()
    await folder.withSession(async (session) => {
      expect((await session.inspect(['raw.thing', 'raw.other'])).size).toBe(2)
    })
  })

  it('waits for another process, names it, and continues when it ends', async () => {
    await folder.withSession((session) => session.loader!.load(folder.oneColumn(['1'])))
    const other = await folder.holder()
    const notices: string[] = []
    const notice = (message: string) => {
      notices.push(message)
      other.child.stdin.end()
    }
    const session = must(await duckdbIn(folder.root, {}, { notice }).open())
    expect((await session.inspect(['raw.thing'])).size).toBe(1)
    await session.close()
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain(`process ${other.child.pid}`)
  })

  it('fails with a problem that names the other process', async () => {
    await folder.withSession((session) => session.loader!.load(folder.oneColumn(['1'])))
    const other = await folder.holder()
    const abort = new AbortController()
    const warehouse = duckdbIn(
      folder.root,
      {},
      { signal: abort.signal, notice: () => abort.abort() },
    )
    const results: Result<unknown>[] = [
      await warehouse.open(),
      await warehouse.lend(async () => {}),
    ]
    for (const result of results) {
      expect(codes(result)).toEqual(['warehouse-locked'])
      if (result.ok) continue
      expect(result.problems[0]?.message).toContain(`process ${other.child.pid}`)
      expect(result.problems[0]?.message).toContain('.assets/warehouse.duckdb')
      // The session has waited already. A retry would only make the wait longer.
      expect(result.problems[0]).not.toHaveProperty('transient')
    }
  })

  it('releases the lock when the last session is closed, even during work', async () => {
    const session = must(await duckdbIn(folder.root).open())
    await session.loader!.load(folder.oneColumn(['1']))
    const query =
      'select count(*) from range(100000000) a, range(1000000) b where a.range % 7 = b.range % 5'
    const slow = session.export({
      from: { query },
      columns: null,
      orderBy: [],
      format: 'csv',
      file: join(folder.root, 'never.csv'),
    })
    await session.close()
    expect(codes(await slow)).toEqual(['cancelled'])
    await session.close()
    const other = await folder.holder()
    other.child.stdin.end()
    await other.ended
    expect(other.child.exitCode).toBe(0)
  })

  it('is not lent during a session and not opened during a loan', async () => {
    const warehouse = duckdbIn(folder.root)
    const session = must(await warehouse.open())
    await session.loader!.load(folder.oneColumn(['1']))
    await expect(warehouse.lend(async () => {})).rejects.toThrow('a session is open')
    await session.close()
    await warehouse.lend(async () => {
      await expect(duckdbIn(folder.root).open()).resolves.toMatchObject({ ok: false })
    })
  })

  it('creates no file for a session that only reads', async () => {
    await folder.withSession(async (session) => {
      expect(await session.inspect(['raw.thing'])).toEqual(new Map())
    })
    expect(readdirSync(folder.root)).toEqual([])
  })

  it('lends a file that does not exist yet', async () => {
    const warehouse = duckdbIn(folder.root, { path: 'deep/down/new.duckdb' })
    await borrowing(warehouse, 'create schema s; create table s.t as select 1 as one')
    const session = must(await warehouse.open())
    expect((await session.inspect(['s.t'])).size).toBe(1)
    await session.close()
  })

  it('reads a file with the name of one of its schemas', async () => {
    const warehouse = duckdbIn(folder.root, { path: 'raw.duckdb' })
    const session = must(await warehouse.open())
    const loaded = must(await session.loader!.load(folder.oneColumn(['1'])))
    expect(must(await session.fingerprint('raw.thing', { volatile: [] }))).toEqual(
      loaded.fingerprint,
    )
    expect((await session.inspect(['raw.thing'])).size).toBe(1)
    await session.close()
  })
})

describe('files that are not a warehouse', () => {
  it.each([
    [
      'text',
      () => writeFileSync(folder.file, 'no database at all, '.repeat(2_000)),
      'warehouse-not-duckdb',
    ],
    ['an empty file', () => writeFileSync(folder.file, ''), 'warehouse-not-duckdb'],
    ['a folder', () => mkdirSync(folder.file), 'warehouse-unwritable'],
  ] as const)('%s is a problem that says so', async (_name, make, code) => {
    mkdirSync(join(folder.root, '.assets'))
    make()
    expect(codes(await duckdbIn(folder.root).open())).toEqual([code])
    expect(codes(await duckdbIn(folder.root).lend(async () => {}))).toEqual([code])
  })

  it('a file that a later DuckDB wrote is a problem with both versions', async () => {
    mkdirSync(join(folder.root, '.assets'))
    await newerDuckdb(folder.file, NEWEST_STORAGE + 1n)
    const opened = await duckdbIn(folder.root).open()
    expect(codes(opened)).toEqual(['warehouse-newer-format'])
    const { message, hint } = opened.ok ? { message: '', hint: '' } : opened.problems[0]!
    expect(message).toBe(
      `.assets/warehouse.duckdb was written by DuckDB v9.8.7, and DuckDB ${await duckdbVersion()} of assets can't read it`,
    )
    expect(hint).toMatch(/move the file away .* copy it with DuckDB v9\.8\.7 .*'v\d+\.\d+\.0'/)
    expect(codes(await duckdbIn(folder.root).lend(async () => {}))).toEqual([
      'warehouse-newer-format',
    ])
  })

  it('the newest storage version is the one that DuckDB itself names', async () => {
    mkdirSync(join(folder.root, '.assets'))
    await newerDuckdb(folder.file, NEWEST_STORAGE + 1n)
    await expect(openDuckdb(folder.file)).rejects.toThrow(
      `versions between 64 and ${NEWEST_STORAGE}.`,
    )
  })

  it('a file in place of a folder is a problem that says so', async () => {
    writeFileSync(join(folder.root, '.assets'), '')
    const session = must(await duckdbIn(folder.root).open())
    expect(codes(await session.loader!.load(folder.oneColumn(['1'])))).toEqual([
      'warehouse-unwritable',
    ])
    await session.close()
  })
})

describe('change token', () => {
  it('is `absent` without a file, and null while a log holds changes', async () => {
    const warehouse = duckdbIn(folder.root)
    expect(await warehouse.changeToken()).toBe('absent')
    await folder.withSession((session) => session.loader!.load(folder.oneColumn(['1'])))
    const other = duckdbIn(folder.root)
    expect(await other.changeToken()).toMatch(/^\d+:[0-9a-f]{32}$/)
    writeFileSync(`${folder.file}.wal`, 'x')
    expect(await other.changeToken()).toBeNull()
    rmSync(`${folder.file}.wal`)
  })

  it('is null while the file is in use', async () => {
    const warehouse = duckdbIn(folder.root)
    const session = must(await warehouse.open())
    await session.loader!.load(folder.oneColumn(['1']))
    expect(await warehouse.changeToken()).toBeNull()
    await session.close()
    await warehouse.lend(async () => expect(await warehouse.changeToken()).toBeNull())
    expect(await warehouse.changeToken()).not.toBeNull()
  })

  it('covers the changes of a borrower', async () => {
    await folder.withSession((session) => session.loader!.load(folder.oneColumn(['1'])))
    const before = await duckdbIn(folder.root).changeToken()
    await borrowing(duckdbIn(folder.root), 'create table t as select 1 as one')
    const after = await duckdbIn(folder.root).changeToken()
    expect(after).not.toBeNull()
    expect(after).not.toBe(before)
  })

  it('is null after a change by another program', async () => {
    await folder.withSession((session) => session.loader!.load(folder.oneColumn(['1'])))
    expect(await duckdbIn(folder.root).changeToken()).not.toBeNull()
    const program = `
      const { DuckDBInstance } = await import('@duckdb/node-api')
      const instance = await DuckDBInstance.create(process.argv[1])
      const connection = await instance.connect()
      await connection.run('update raw.thing set id = 2')
      connection.closeSync()
      instance.closeSync()`
    const other = folder.start(process.execPath, [
      '--input-type=module',
      '-e',
      program,
      folder.file,
    ])
    await other.ended
    await folder.withSession((session) =>
      session.loader!.load(folder.oneColumn(['1'], { relation: 'raw.other' })),
    )
    expect(await duckdbIn(folder.root).changeToken()).toBeNull()
  })
})
