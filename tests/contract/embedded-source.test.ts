import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../framework/lib/json.ts'
import type { Result } from '../../framework/model/problem.ts'
import type { Loader, SqlAnswer } from '../../framework/ports/connection.ts'
import { load, stream } from '../rig/load.ts'
import { memorySession } from '../rig/memory-session.ts'
import {
  bundled,
  connectionTo,
  EMBEDDED,
  embeddedTemplate,
  testSite,
} from '../rig/postgres-source.ts'

// The life of the embedded source: created once, open in one process, safe after SIGKILL.

const made = stream('made')
let template: Awaited<ReturnType<typeof embeddedTemplate>>
let program: URL
const open: Loader[] = []
const children: ChildProcess[] = []
const projects: string[] = []

beforeAll(async () => {
  template = await embeddedTemplate()
  program = await bundled('tests/rig/embedded-child.ts')
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const connection of open.splice(0)) await connection.close()
  for (const root of projects.splice(0)) rmSync(root, { recursive: true, force: true })
})
afterAll(() => {
  template?.remove()
  if (program !== undefined)
    rmSync(dirname(fileURLToPath(program)), { recursive: true, force: true })
})

function connect(root: string, worker: URL = template.worker, settings = EMBEDDED) {
  const notices: string[] = []
  const connection = connectionTo(settings, testSite(root, notices), worker)
  open.push(connection)
  return { connection, notices }
}

const folderOf = (root: string) => join(root, '.assets', 'source')

async function recordOf(root: string): Promise<Json> {
  const { connection } = connect(root)
  const session = memorySession()
  const one = (await load(connection, [made], { session })).get('raw_made')
  await connection.close()
  return one?.step === 'built' ? one.product.source : null
}

async function probe(connection: Loader, recorded: Json) {
  const answer = await connection.probe([{ stream: made, recorded }])
  if (!answer.ok) throw new Error(answer.problems[0]?.message)
  return answer.value.get('raw_made')!.probe
}

async function rowsOf(connection: Loader): Promise<readonly (string | null)[]> {
  const answer = unwrap(await connection.admin!.sql('select x from made order by x'))
  return answer[0]!.rows.map(([x]) => x!)
}

function unwrap(answer: Result<readonly SqlAnswer[]>): readonly SqlAnswer[] {
  if (!answer.ok) throw new Error(answer.problems[0]?.message)
  return answer.value
}

/** Starts a process that runs `sql` on the source at `root`. `told` is its first message of kind `what`. */
function inChild(root: string, sql: string, then: 'stay' | 'leave', what: 'notice' | 'answer') {
  const child = fork(program, [root, template.worker.href, sql, then])
  children.push(child)
  const told = new Promise<unknown>((resolve, reject) => {
    child.on(
      'message',
      (message: Record<string, unknown>) => what in message && resolve(message[what]),
    )
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)))
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  told.catch(() => {})
  return { child, told, ended }
}

async function kill({ child, ended }: { child: ChildProcess; ended: Promise<unknown> }) {
  child.kill('SIGKILL')
  await ended
}

test('is created once with one notice, and keeps its rows', async () => {
  expect(template.notices).toEqual([
    'creating the embedded source shop from init.sql (once; takes about ten seconds)',
  ])
  const root = template.copy()
  const first = connect(root)
  unwrap(await first.connection.admin!.sql('insert into made values (2)'))
  await first.connection.close()
  const second = connect(root)
  expect(await rowsOf(second.connection)).toEqual(['1', '2'])
  expect([...first.notices, ...second.notices]).toEqual([])
})

describe('a probe', () => {
  const nowhere = new URL('file:///nowhere/worker.mjs')

  test('of an unchanged closed source opens nothing', async () => {
    const root = template.copy()
    const recorded = await recordOf(root)
    // The worker's program does not exist, so opening would fail.
    expect(await probe(connect(root, nowhere).connection, recorded)).toEqual({
      answer: 'unchanged',
    })
  })

  test('of a missing source does not create it', async () => {
    const root = template.copy()
    const recorded = await recordOf(root)
    rmSync(folderOf(root), { recursive: true })
    expect(await probe(connect(root, nowhere).connection, recorded)).toEqual({
      answer: 'moved',
      message: 'the source was deleted and will be created again',
    })
    expect(existsSync(folderOf(root))).toBe(false)
  })

  test.each([
    ['missing', (data: string) => rmSync(data, { recursive: true })],
    [
      'empty',
      (data: string) => {
        rmSync(data, { recursive: true })
        mkdirSync(data)
      },
    ],
    ['without its tables', (data: string) => rmSync(join(data, 'base'), { recursive: true })],
  ])('of a source whose data is %s does not call it unchanged', async (_, lose) => {
    const root = template.copy()
    const recorded = await recordOf(root)
    lose(join(folderOf(root), 'shop', 'data'))
    const { connection } = connect(root)
    const answer = await connection.probe([{ stream: made, recorded }])
    expect(answer.ok ? null : answer.problems[0]).toMatchObject({
      code: 'source-lost',
      hint: expect.stringContaining('assets source reset'),
    })
    // Neither a load nor SQL makes an empty source in its place.
    expect(
      (await load(connection, [made], { session: memorySession() })).get('raw_made'),
    ).toMatchObject({ step: 'failed', problem: { code: 'source-lost' } })
    expect((await connection.admin!.sql('select 1')).ok).toBe(false)
    expect((await connection.admin!.reset()).ok).toBe(true)
    expect(await rowsOf(connection)).toEqual(['1'])
    expect((await probe(connection, recorded)).answer).toBe('moved')
  })

  test('sees changes through SQL, and ignores reads', async () => {
    const root = template.copy()
    const recorded = await recordOf(root)
    const reader = connect(root)
    expect(await rowsOf(reader.connection)).toEqual(['1'])
    await reader.connection.close()
    expect(await probe(connect(root, nowhere).connection, recorded)).toEqual({
      answer: 'unchanged',
    })
    const writer = connect(root)
    unwrap(await writer.connection.admin!.sql('update made set x = x'))
    await writer.connection.close()
    expect((await probe(connect(root).connection, recorded)).answer).toBe('moved')
  })
})

describe('another process', () => {
  test('is waited for and named; after it is killed the source is free', async () => {
    const root = template.copy()
    const holder = inChild(root, 'insert into made values (2)', 'stay', 'answer')
    await holder.told
    const { connection, notices } = connect(root)
    const refused = await connection.admin!.sql('select 1')
    expect(refused.ok ? null : refused.problems[0]).toMatchObject({
      code: 'source-locked',
      message: `the embedded source shop is open in process ${holder.child.pid}`,
      transient: true,
    })
    expect(notices).toEqual([
      `waiting for process ${holder.child.pid}, which has the embedded source shop open`,
    ])
    await kill(holder)
    expect(await rowsOf(connection)).toEqual(['1', '2'])
  })

  test('that ends without closing leaves a source that a probe must open', async () => {
    const root = template.copy()
    const recorded = await recordOf(root)
    const holder = inChild(root, 'select 1', 'stay', 'answer')
    await holder.told
    await kill(holder)
    expect(await probe(connect(root).connection, recorded)).toEqual({ answer: 'unchanged' })
  })

  test('is not kept alive by an open source', async () => {
    const { told, ended } = inChild(template.copy(), 'select 1', 'leave', 'answer')
    await told
    expect(await ended).toBe(0)
  })
})

describe('creating the source', () => {
  test('is repeated after the process was killed', async () => {
    const root = emptyProject('create table made (x int); insert into made values (7);')
    const maker = inChild(root, 'select 1', 'stay', 'notice')
    await maker.told
    await appears(join(folderOf(root), 'shop.tmp', 'data', 'base'))
    await kill(maker)
    expect(readdirSync(folderOf(root))).not.toContain('shop')
    const { connection } = connect(root)
    expect(await rowsOf(connection)).toEqual(['7'])
    expect(readdirSync(folderOf(root))).not.toContain('shop.tmp')
  })

  test('from a file that fails reports the line and leaves nothing', async () => {
    const root = emptyProject('create table a (x int);\n\ninsert into b values (1);\n')
    const large = { init: ['init.sql'], settings: { 'sample.scale': 21 } }
    const { connection, notices } = connect(root, undefined, { ...EMBEDDED, embedded: large })
    const failed = await connection.admin!.sql('select 1')
    expect(notices.at(-1)).toBe(
      'sample.scale 21 is slow in an embedded source: set url to a server instead',
    )
    expect(failed.ok ? null : failed.problems[0]).toMatchObject({
      code: 'embedded-init-failed',
      message: 'init.sql fails: relation "b" does not exist',
      at: { file: 'init.sql', line: 3, column: 13 },
    })
    expect(readdirSync(folderOf(root))).not.toContain('shop')
  })

  test('from a missing file reports where the file is declared', async () => {
    const root = emptyProject(null)
    const failed = await connect(root).connection.admin!.sql('select 1')
    expect(failed.ok ? null : failed.problems[0]).toMatchObject({
      code: 'embedded-init-unreadable',
      at: {
        file: 'assets.yaml',
        path: ['targets', 'local', 'connections', 'shop', 'embedded', 'init', 0],
      },
    })
  })
})

describe('with changed init files', () => {
  const changed = 'create table made (x int); insert into made values (10);'

  test('the source keeps its rows with a notice, until it is reset', async () => {
    const root = template.copy()
    const recorded = await recordOf(root)
    writeFileSync(join(root, 'init.sql'), changed)
    const { connection, notices } = connect(root)
    expect(await rowsOf(connection)).toEqual(['1'])
    expect(notices).toEqual([
      'the init files or settings of the embedded source shop changed since it was created; its rows are kept (run assets source reset to create it again)',
    ])
    expect(await connection.admin!.reset()).toEqual({ ok: true, value: undefined })
    expect(await rowsOf(connection)).toEqual(['10'])
    expect((await probe(connection, recorded)).answer).toBe('moved')
  })

  test('that fail, a reset fails and keeps the old source', async () => {
    const root = template.copy()
    writeFileSync(join(root, 'init.sql'), 'nonsense')
    const { connection } = connect(root)
    const failed = await connection.admin!.reset()
    expect(failed.ok ? null : failed.problems[0]?.code).toBe('embedded-init-failed')
    expect(await rowsOf(connection)).toEqual(['1'])
  })
})

describe('SQL on the source', () => {
  test('returns one answer for each statement, as text', async () => {
    const { connection } = connect(template.copy())
    const answer = unwrap(
      await connection.admin!.sql(`
        create table t (a int, b text, c bytea, d timestamptz);
        insert into t values (1, null, '\\x00ff', '2024-01-01 00:00+02'), (2, '', null, null);
        update t set a = a + 1; select * from t order by a; select`),
    )
    expect(answer).toEqual([
      { columns: [], rows: [], affected: null },
      { columns: [], rows: [], affected: 2 },
      { columns: [], rows: [], affected: 2 },
      {
        columns: ['a', 'b', 'c', 'd'],
        rows: [
          ['2', null, '\\x00ff', '2023-12-31 22:00:00+00'],
          ['3', '', null, null],
        ],
        affected: null,
      },
      { columns: [], rows: [[]], affected: 1 },
    ])
  })

  test('reports the position of an error and changes nothing', async () => {
    const { connection } = connect(template.copy())
    const failed = await connection.admin!.sql(
      "update made set x = 5;\nselect 'ä', nothing from made",
    )
    expect(failed.ok ? null : failed.problems[0]).toEqual({
      code: 'sql-failed',
      message: 'the source rejected the SQL: column "nothing" does not exist',
      detail: "LINE 2: select 'ä', nothing from made\n                    ^",
    })
    expect(await rowsOf(connection)).toEqual(['1'])
  })

  test('does not affect the next session', async () => {
    const { connection } = connect(template.copy())
    unwrap(
      await connection.admin!.sql(
        "set datestyle = 'German'; begin; delete from made; set search_path = nowhere",
      ),
    )
    expect(await rowsOf(connection)).toEqual(['1'])
    const session = memorySession()
    await connection.admin!.sql(
      "create table dated (d date); insert into dated values ('2024-05-06')",
    )
    await load(connection, [stream('dated')], { session })
    expect(session.tables.get('raw.dated')!.rows).toEqual([{ d: '2024-05-06' }])
  })

  test('does not block this process', async () => {
    const { connection } = connect(template.copy())
    let turns = 0
    let done = false
    const count = () => {
      turns++
      if (!done) setImmediate(count)
    }
    const opened = connection.admin!.sql('select sum(sqrt(n)) from generate_series(1, 300000) n')
    count()
    unwrap(await opened)
    done = true
    expect(turns).toBeGreaterThan(100)
  })
})

/** A project without a source. */
function emptyProject(init: string | null): string {
  const root = mkdtempSync(join(tmpdir(), 'assets-embedded-'))
  projects.push(root)
  mkdirSync(join(root, '.assets'))
  if (init !== null) writeFileSync(join(root, 'init.sql'), init)
  return root
}

/** Resolves when the path exists. */
async function appears(path: string): Promise<void> {
  while (!existsSync(path)) await new Promise((resolve) => setImmediate(resolve))
}
