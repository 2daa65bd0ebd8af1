import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../framework/model/problem.ts'
import { attempt } from '../../framework/state/database.ts'
import { MIGRATIONS, migrate } from '../../framework/state/migrations.ts'
import { openDatabase } from '../../framework/state/sqlite/database.ts'
import { changeToken, create } from '../../framework/state/sqlite/index.ts'
import { problemOf } from '../../framework/state/sqlite/problems.ts'
import { leased, record, SUCCEEDED, value } from './suites/state.ts'

const REQUEST = { target: 'local', command: 'materialize', job: null }

let root: string
let file: string

const open = (settings: { readonly path?: string } = {}) =>
  create(
    { type: 'sqlite', settings, at: { file: 'assets.yaml', path: [] } },
    { root, clock: Date.now },
  )

/** Builds one asset, so the state is not empty. */
async function build(): Promise<void> {
  const state = value(await open())
  const lease = leased(value(await state.acquire(REQUEST)))
  value(await lease.write([{ change: 'commit', record: record('a') }]))
  value(await lease.release(SUCCEEDED))
  await state.close()
}

async function refusalOf(opening: ReturnType<typeof open>): Promise<Problem> {
  const opened = await opening
  if (!opened.ok) return opened.problems[0]!
  const read = await opened.value.snapshot('local')
  await opened.value.close()
  if (read.ok) throw new Error('it was opened and read')
  return read.problems[0]!
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-state-'))
  file = join(root, '.assets', 'state.sqlite')
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('an unusable path', () => {
  test('the path can be configured, and its folders are created', async () => {
    await value(await open({ path: 'deep/er/state.db' })).close()
    expect(statSync(join(root, 'deep/er/state.db')).isFile()).toBe(true)
  })

  test('the path is a folder', async () => {
    mkdirSync(file, { recursive: true })
    const problem = await refusalOf(open())
    expect(problem.code).toBe('state-not-a-file')
    expect(problem.message).toContain(file)
  })

  test('the folder is a file', async () => {
    writeFileSync(join(root, '.assets'), '')
    const problem = await refusalOf(open())
    expect(problem.code).toBe('state-unwritable')
    expect(problem.message).toContain(`${join(root, '.assets')} is a file, not a folder`)
  })
})

describe('an unusable file', () => {
  test('a file that is not a database is reported and not changed', async () => {
    mkdirSync(join(root, '.assets'))
    writeFileSync(file, 'not a database at all, but long enough to look at')
    const problem = await refusalOf(open())
    expect(problem.code).toBe('state-corrupted')
    expect(problem.hint).toContain(`mv ${file} ${file}.damaged`)
    expect(readFileSync(file, 'utf8')).toContain('not a database at all')
  })

  test('a damaged database is reported, not read as an empty one', async () => {
    await build()
    const bytes = readFileSync(file)
    bytes.fill(0xee, 4_096)
    writeFileSync(file, bytes)
    expect((await refusalOf(open())).code).toBe('state-corrupted')
  })

  test('a truncated database is reported', async () => {
    await build()
    writeFileSync(file, readFileSync(file).subarray(0, 10_000))
    expect((await refusalOf(open())).code).toBe('state-corrupted')
  })

  test('a database that another process keeps locked is reported', async () => {
    await build()
    const other = new DatabaseSync(file)
    other.exec('begin immediate')
    const database = await openDatabase(file, 30)
    const writing = await attempt(() => database.transaction('write', async () => {}))
    expect(writing).toMatchObject({
      ok: false,
      problems: [{ code: 'state-locked', transient: true }],
    })
    // Reading works during any write, and writing works once the lock is released.
    expect(await database.transaction('read', (tx) => tx.schema())).toBe(MIGRATIONS.length)
    other.exec('rollback')
    expect((await attempt(() => database.transaction('write', async () => {}))).ok).toBe(true)
    other.close()
    await database.close()
  })

  test('a full disk and a failing disk are distinguished', () => {
    const small = new DatabaseSync(join(root, 'small.sqlite'))
    small.exec('create table t (a); pragma max_page_count = 3')
    const fill = () => small.exec('insert into t values (zeroblob(100000))')
    expect(fill).toThrow()
    expect(toldOf(fill)).toBe('disk-full')
    small.close()
    const failing = { code: 'ERR_SQLITE_ERROR', errcode: 778, systemErrno: 5 }
    expect(
      toldOf(() => {
        throw Object.assign(new Error('disk I/O error'), failing)
      }),
    ).toBe('state-unreadable')
    const quota = { code: 'ERR_SQLITE_ERROR', errcode: 778, systemErrno: 122 }
    expect(
      toldOf(() => {
        throw Object.assign(new Error('disk I/O error'), quota)
      }),
    ).toBe('disk-full')
    expect(toldOf(() => small.exec('select'))).toBeNull()
  })
})

/** The problem code for an error; null for a bug. */
function toldOf(work: () => void): string | null {
  try {
    work()
  } catch (error) {
    return problemOf(error, file)?.code ?? null
  }
  throw new Error('nothing was thrown')
}

describe('a wrong call', () => {
  test('too few or too many values throw instead of binding NULL', async () => {
    const database = await openDatabase(file)
    for (const values of [[], [1, 2]]) {
      await expect(
        database.transaction('read', (tx) => tx.all('select ?', values)),
      ).rejects.toThrow(`${values.length} values for 1 parameters`)
    }
    await database.close()
  })

  test('a transaction that throws is rolled back and does not block the next', async () => {
    const database = await openDatabase(file)
    await migrate(database, file)
    const insert = `insert into marks (target, name, mark) values ('local', ?, 'forced')`
    const broken = database.transaction('write', async (tx) => {
      await tx.run(insert, ['a'])
      throw new Error('a bug')
    })
    const next = database.transaction('write', (tx) => tx.run(insert, ['b']))
    await expect(broken).rejects.toThrow('a bug')
    expect(await next).toBe(1)
    const left = await database.transaction('read', (tx) => tx.all('select name from marks'))
    expect(left).toEqual([['b']])
    await database.close()
  })
})

describe('migrations', () => {
  const NEXT = [
    `alter table records add column note text`,
    `insert into marks (target, name, mark) values ('local', 'a', 'forced')`,
  ]

  test('an older state is migrated and keeps its data', async () => {
    await build()
    const database = await openDatabase(file)
    await migrate(database, file, [...MIGRATIONS, NEXT])
    const [schema, names, marks] = await database.transaction('read', async (tx) => [
      await tx.schema(),
      await tx.all('select name, note from records'),
      await tx.all('select name from marks'),
    ])
    expect(schema).toBe(MIGRATIONS.length + 1)
    expect(names).toEqual([['a', null]])
    expect(marks).toEqual([['a']])
    // Migrating again changes nothing.
    await migrate(database, file, [...MIGRATIONS, NEXT])
    await database.close()
  })

  test('a failed migration leaves the state unchanged', async () => {
    await build()
    const database = await openDatabase(file)
    await expect(
      migrate(database, file, [...MIGRATIONS, [...NEXT, 'this is not sql']]),
    ).rejects.toThrow()
    const marks = await database.transaction('read', (tx) => tx.all('select name from marks'))
    expect(marks).toEqual([])
    expect(await database.transaction('read', (tx) => tx.schema())).toBe(MIGRATIONS.length)
    await database.close()
    expect(value(await value(await open()).snapshot('local')).records.has('a')).toBe(true)
  })

  test('two migrations at the same time apply once', async () => {
    await build()
    const both = await Promise.all([openDatabase(file), openDatabase(file)])
    await Promise.all(both.map((each) => migrate(each, file, [...MIGRATIONS, NEXT])))
    for (const each of both) await each.close()
  })

  test('the state of a newer version is refused with a problem that says so', async () => {
    await build()
    const database = await openDatabase(file)
    await migrate(database, file, [...MIGRATIONS, NEXT])
    await database.close()
    const problem = await refusalOf(open())
    expect(problem.code).toBe('state-newer')
    expect(problem.message).toContain(
      `it has schema ${MIGRATIONS.length + 1}, this version supports ${MIGRATIONS.length}`,
    )
  })
})

describe('the file alone', () => {
  const log = () => statSync(`${file}-wal`).size
  const copied = async () => {
    copyFileSync(file, join(root, 'copy.sqlite'))
    const state = value(await open({ path: 'copy.sqlite' }))
    const { records, journal } = value(await state.snapshot('local'))
    await state.close()
    return [records.get('a'), journal.get('b')]
  }

  test('is a backup after a command that wrote', async () => {
    const state = value(await open())
    const lease = leased(value(await state.acquire(REQUEST)))
    value(await lease.write([{ change: 'commit', record: record('a') }]))
    value(await lease.write([{ change: 'begin', name: 'b', at: 1 }]))
    expect(log()).toBeGreaterThan(0)
    await state.close()
    expect(log()).toBe(0)
    expect(await copied()).toEqual([record('a'), expect.objectContaining({ name: 'b' })])
  })

  test('is one after the next command, if a process was killed or another one was reading', async () => {
    await build()
    const state = value(await open())
    const reader = new DatabaseSync(file)
    reader.exec('begin')
    reader.prepare('select * from records').all()
    const lease = leased(value(await state.acquire(REQUEST)))
    value(await lease.write([{ change: 'begin', name: 'b', at: 1 }]))
    await state.close()
    expect(log()).toBeGreaterThan(0)
    reader.exec('commit')
    reader.close()
    await value(await open()).close()
    expect(log()).toBe(0)
    expect(await copied()).toEqual([record('a'), expect.objectContaining({ name: 'b' })])
  })

  test('is not touched by a command that only reads', async () => {
    await build()
    const before = statSync(file, { bigint: true }).mtimeNs
    const reader = value(await open())
    value(await reader.snapshot('local'))
    await reader.close()
    expect(statSync(file, { bigint: true }).mtimeNs).toBe(before)
  })

  test('has the same change token without a log and with an empty one', async () => {
    await build()
    const token = () =>
      changeToken(
        { type: 'sqlite', settings: {}, at: { file: 'assets.yaml', path: [] } },
        { root, clock: () => Date.now() + 10_000 },
      )
    const withLog = token()
    rmSync(`${file}-wal`)
    expect(token()).toBe(withLog)
    expect(withLog).not.toBeNull()
  })
})
