import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ProblemError, type Result } from '../../../framework/model/problem.ts'
import type {
  Fingerprint,
  Loaded,
  Loan,
  RunSql,
  Session,
  Spool,
  StreamColumn,
  StreamType,
  TableLoad,
  Warehouse,
} from '../../../framework/ports/warehouse.ts'
import { type Cell, writeSpool } from '../../rig/spool.ts'

/** One warehouse, empty, for one test. */
export interface WarehouseUnderTest {
  readonly warehouse: Warehouse
  /** Runs SQL as a borrower would; no session may be open. */
  execute(sql: string): Promise<void>
  /** Connects as a borrower does, and runs statements over its connection. */
  borrow<T>(loan: Loan, use: (run: RunSql) => Promise<T>): Promise<T>
  /** Fills a table as whoever does it there; absent where the warehouse itself loads. */
  fill?(load: TableLoad): Promise<Loaded>
  remove(): Promise<void>
}

export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2))
  return result.value
}

const type = (name: Exclude<StreamType['type'], 'integer'>): StreamType => ({ type: name })
const integer: StreamType = { type: 'integer', bits: 64 }

export function column(name: string, of: StreamType | 'text' = 'text'): StreamColumn {
  return { name, type: of === 'text' ? type('string') : of }
}

/** The rows of a CSV file with a header; null is an empty unquoted field. */
export function parseCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = []
  const field = /(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\n)/gy
  let row: (string | null)[] = []
  for (const [, quotedText, plain, end] of text.matchAll(field)) {
    row.push(quotedText?.replaceAll('""', '"') ?? (plain === '' ? null : (plain ?? null)))
    if (end === '\n') {
      rows.push(row)
      row = []
    }
  }
  return rows
}

/** In what warehouses may differ. */
export interface Abilities {
  /** Takes the rows of our own loader. */
  readonly loads: boolean
  /** Tells whole numbers of 64 bits from longer ones. */
  readonly tellsWidths: boolean
}

/** What every warehouse promises to those who use its port. */
export function warehouseContract(
  name: string,
  make: () => Promise<WarehouseUnderTest>,
  abilities: Abilities = { loads: true, tellsWidths: true },
): void {
  describe(`${name} as a warehouse`, () => {
    let scratch: string
    let subject: WarehouseUnderTest
    let session: Session
    let spools = 0

    beforeAll(() => {
      scratch = mkdtempSync(join(tmpdir(), 'assets-warehouse-'))
    })
    afterAll(() => rmSync(scratch, { recursive: true, force: true }))
    beforeEach(async () => {
      subject = await make()
      session = must(await subject.warehouse.open())
    })
    afterEach(async () => {
      await session.close()
      await subject.remove()
    })

    const spool = (columns: readonly StreamColumn[], rows: readonly (readonly Cell[])[]) =>
      writeSpool(join(scratch, `${++spools}.parquet`), columns, rows)
    async function* spooled(
      columns: readonly StreamColumn[],
      parts: readonly (readonly (readonly Cell[])[])[],
    ): AsyncGenerator<Spool> {
      for (const rows of parts) yield await spool(columns, rows)
    }
    /** Each part is a spool of rows; a row may have the changes as one more cell. */
    const loading = (
      columns: readonly StreamColumn[],
      parts: readonly (readonly (readonly Cell[])[])[],
    ): TableLoad => ({
      relation: 'raw.thing',
      columns,
      spools: spooled(columns, parts),
      mode: { how: 'replace' },
      extractedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      syncId: 7,
      generationId: 3,
      volatile: [],
    })
    const load = async (
      columns: readonly StreamColumn[],
      rows: readonly (readonly Cell[])[],
      more: Partial<TableLoad> = {},
    ): Promise<Loaded> => {
      const load = { ...loading(columns, [rows]), ...more }
      return subject.fill === undefined ? must(await session.load(load)) : subject.fill(load)
    }

    async function read(
      columns: readonly string[] | null,
      orderBy: readonly string[] = [],
      relation = 'raw.thing',
    ): Promise<(string | null)[][]> {
      const file = join(scratch, `read-${++spools}.csv`)
      const from = { relation }
      must(await session.export({ from, columns, orderBy, format: 'csv', file }))
      return parseCsv(readFileSync(file, 'utf8')).slice(1)
    }
    async function print(volatile: readonly string[] = []): Promise<Fingerprint> {
      return must(await session.fingerprint('raw.thing', { volatile }))
    }
    async function execute(sql: string): Promise<void> {
      await session.close()
      await subject.execute(sql)
      session = must(await subject.warehouse.open())
    }
    const problemCodes = <T>(result: Result<T>) =>
      result.ok ? [] : result.problems.map(({ code }) => code)

    const whereItLoads = abilities.loads ? describe : () => undefined
    const a = column('a')
    const id = column('id', integer)

    whereItLoads('load', () => {
      it('gives back text of every shape, and keeps empty text and null apart', async () => {
        const texts = [
          'plain',
          '',
          null,
          ' leading and trailing ',
          'comma, "quote" and \\ backslash',
          'two\nlines',
          'carriage\rreturn',
          'both\r\nof them\r\n',
          '\n',
          '\r',
          '"',
          '""',
          ',',
          'NULL',
          'null',
          '\\N',
          '#comment',
          'tab\there',
          'ünïcödé 日本語 🙂 👩‍👩‍👧',
          "it's; drop table x --",
          '\\.',
          '\\n',
          '\\\\n and \\\n',
          'back\b form\f vertical\v',
        ]
        const rows = texts.map((text, index) => [String(index), text])
        const { loaded } = await load([id, a], rows)
        expect(loaded).toBe(texts.length)
        expect(await read(['id', 'a'], ['id'])).toEqual(rows)
      })

      it('reads a table of one column with nulls in it', async () => {
        await load([a], [['x'], [null], [''], [null]])
        expect(await read(['a'], ['a'])).toEqual([[''], ['x'], [null], [null]])
      })

      it('reads values of several megabytes, whatever they hold', async () => {
        const long = 'line of "text", with\r\nbreaks\n'.repeat(120_000)
        await load(
          [id, a],
          [
            ['1', 'short'],
            ['2', long],
            ['3', null],
          ],
        )
        expect(await read(['id', 'a'], ['id'])).toEqual([
          ['1', 'short'],
          ['2', long],
          ['3', null],
        ])
      })

      it('makes the types of the table', async () => {
        const columns: StreamColumn[] = [
          column('i', integer),
          column('big', { type: 'integer', bits: 128 }),
          column('n', type('number')),
          column('s'),
          column('b', type('boolean')),
          column('d', type('date')),
          column('t', type('time')),
          column('tz', type('timetz')),
          column('ts', type('timestamp')),
          column('tstz', type('timestamptz')),
          column('arr', type('array')),
          column('obj', type('object')),
        ]
        const row = [
          '-9223372036854775808',
          '99999999999999999999999999999999999999',
          '0.1',
          'text',
          't',
          '2005-05-24',
          '22:53:30.5',
          '22:53:30+02',
          '2005-05-24 22:53:30',
          '2005-05-24 22:53:30.25+00',
          '[1, "two", null]',
          '{"a": {"b": [1]}}',
        ]
        await load(columns, [row, row.map(() => null)])
        const [values, nulls] = await read(
          columns.map((one) => one.name),
          ['i'],
        )
        expect(values!.slice(0, 9)).toEqual([...row.slice(0, 4), 'true', ...row.slice(5, 9)])
        expect(values![9]).toMatch(/^2005-05-24 22:53:30\.25/)
        expect(JSON.parse(values![10]!)).toEqual([1, 'two', null])
        expect(JSON.parse(values![11]!)).toEqual({ a: { b: [1] } })
        expect(nulls).toEqual(row.map(() => null))
      })

      it("puts Airbyte's columns first", async () => {
        await load([a], [['x'], ['y']])
        const inspected = (await session.inspect(['raw.thing'])).get('raw.thing')!
        expect(inspected.columns.map((one) => one.name.toLowerCase())).toEqual([
          '_airbyte_raw_id',
          '_airbyte_extracted_at',
          '_airbyte_meta',
          '_airbyte_generation_id',
          'a',
        ])
        const rows = await read([
          '_airbyte_raw_id',
          '_airbyte_extracted_at',
          '_airbyte_meta',
          '_airbyte_generation_id',
        ])
        expect(new Set(rows.map(([raw]) => raw)).size).toBe(2)
        for (const [raw, at, meta, generation] of rows) {
          expect(raw).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
          expect(at).toMatch(/^2026-01-02 03:04:05\.678/)
          expect(JSON.parse(meta!)).toEqual({ sync_id: 7, changes: [] })
          expect(generation).toBe('3')
        }
      })

      it('keeps the changes of a row in its meta column', async () => {
        const change = { field: 'a', change: 'NULLED', reason: 'SOURCE_FIELD_SIZE_LIMITATION' }
        await load(
          [id, a],
          [
            ['1', null, JSON.stringify([change])],
            ['2', 'x', null],
          ],
        )
        const rows = await read(['_airbyte_meta'], ['id'])
        expect(rows.map(([meta]) => JSON.parse(meta!))).toEqual([
          { sync_id: 7, changes: [change] },
          { sync_id: 7, changes: [] },
        ])
      })

      it('takes names that SQL reserves or that need quotes', async () => {
        const columns = ['order', 'select', 'with space', 'quo"te', "apos'trophe", 'ünïcode', '1st']
        const relation = 'raw.table'
        const rows = [columns.map((name) => `value of ${name}`)]
        await load(
          columns.map((name) => column(name)),
          rows,
          { relation },
        )
        expect(await read(columns, ['order'], relation)).toEqual(rows)
        const print = must(await session.fingerprint(relation, { volatile: [] }))
        expect(print.rows).toBe(1)
      })

      it('refuses two columns whose names differ in case alone', async () => {
        const result = await session.load(loading([column('Name'), column('name')], []))
        expect(problemCodes(result)).toEqual(['column-collision'])
      })

      it('makes an empty table of no spools and of empty ones', async () => {
        const none = must(await session.load(loading([id, a], [])))
        expect(none.loaded).toBe(0)
        const empty = must(await session.load(loading([id, a], [[], []])))
        expect(empty.fingerprint).toEqual(none.fingerprint)
        expect(empty.fingerprint.rows).toBe(0)
      })

      it('reads a spool while the next is still being written', async () => {
        let firstWasRead = false
        async function* slow() {
          yield await spool([id, a], [['1', 'x']])
          // Asking for the next means that the one before was read.
          firstWasRead = true
          yield await spool([id, a], [['2', 'y']])
        }
        await load([id, a], [], { spools: slow() })
        expect(firstWasRead).toBe(true)
        expect(await read(['id'], ['id'])).toEqual([['1'], ['2']])
      })

      it('replaces all rows and all columns', async () => {
        await load([id, a], [['1', 'x']])
        await load([id, column('b'), a], [['2', 'y', 'z']])
        expect(await read(['id', 'b', 'a'])).toEqual([['2', 'y', 'z']])
      })

      it('leaves views over the table working', async () => {
        await load([id, a], [['1', 'x']])
        await execute('create view raw.seen as select id, a from raw.thing')
        await load([id, a], [['2', 'y']])
        expect(await read(['id', 'a'], [], 'raw.seen')).toEqual([['2', 'y']])
      })

      it('takes the place of a view', async () => {
        await execute('create schema if not exists raw')
        await execute('create view raw.thing as select 1 as one')
        await load([id], [['1']])
        expect(await read(['id'])).toEqual([['1']])
        expect((await session.inspect(['raw.thing'])).get('raw.thing')?.kind).toBe('table')
      })

      it('leaves the table as it was when a row does not fit, and shows no row', async () => {
        await load([id, a], [['1', 'x']])
        // Nothing in the file stops a column from having another type than was said.
        async function* bad() {
          yield await spool(
            [column('id'), a],
            [
              ['2', 'fine'],
              ['not a number', 'a secret'],
            ],
          )
        }
        const result = await session.load({ ...loading([id, a], []), spools: bad() })
        expect(problemCodes(result)).toEqual(['load-failed'])
        expect(JSON.stringify(result)).not.toContain('a secret')
        expect(await read(['id', 'a'])).toEqual([['1', 'x']])
      })

      it('leaves the table as it was when the spools end in a problem', async () => {
        await load([id, a], [['1', 'x']])
        async function* broken() {
          yield await spool([id, a], [['2', 'y']])
          throw new ProblemError({ code: 'source-unreachable', message: 'the source went away' })
        }
        const result = await session.load({ ...loading([id, a], []), spools: broken() })
        expect(problemCodes(result)).toEqual(['source-unreachable'])
        expect(await read(['id', 'a'])).toEqual([['1', 'x']])
      })

      it('shows readers the old table or the new one, never half', async () => {
        await load([id], [['1'], ['2']])
        let seen: (string | null)[][] = []
        async function* watched() {
          yield await spool([id], [['3'], ['4'], ['5']])
          seen = await read(['id'], ['id'])
          yield await spool([id], [['6']])
        }
        await load([id], [], { spools: watched() })
        expect(seen).toEqual([['1'], ['2']])
        expect(await read(['id'], ['id'])).toEqual([['3'], ['4'], ['5'], ['6']])
      })

      it('loads several tables at once', async () => {
        const names = ['raw.one', 'raw.two', 'raw.three']
        await Promise.all(names.map((relation, at) => load([id], [[`${at}`]], { relation })))
        for (const [at, relation] of names.entries()) {
          expect(await read(['id'], [], relation)).toEqual([[`${at}`]])
        }
      })
    })

    whereItLoads('append and merge', () => {
      const append = { mode: { how: 'append' } } as const
      const merge = { mode: { how: 'merge', key: ['id'] } } as const

      it('appends to what is there, or makes the table', async () => {
        const first = await load([id, a], [['1', 'x']], append)
        const second = await load(
          [id, a],
          [
            ['1', 'x'],
            ['2', 'y'],
          ],
          append,
        )
        expect([first.fingerprint.rows, second.fingerprint.rows, second.loaded]).toEqual([1, 3, 2])
        expect(await read(['id', 'a'], ['id'])).toEqual([
          ['1', 'x'],
          ['1', 'x'],
          ['2', 'y'],
        ])
      })

      it('merges by key: new rows are added, changed ones replaced, others kept', async () => {
        await load(
          [id, a],
          [
            ['1', 'x'],
            ['2', 'y'],
            ['3', 'z'],
          ],
          merge,
        )
        const merged = await load(
          [id, a],
          [
            ['2', 'changed'],
            ['4', 'new'],
          ],
          merge,
        )
        expect([merged.loaded, merged.fingerprint.rows]).toEqual([2, 4])
        expect(await read(['id', 'a'], ['id'])).toEqual([
          ['1', 'x'],
          ['2', 'changed'],
          ['3', 'z'],
          ['4', 'new'],
        ])
      })

      it('keeps the last of several rows with one key, over spools and within one', async () => {
        const rows = (from: number, to: number, value: string) =>
          Array.from({ length: to - from }, (_, at) => [`${from + at}`, value])
        await load([id, a], [], {
          ...merge,
          spools: spooled(
            [id, a],
            [
              [...rows(0, 50_000, 'first'), ...rows(0, 40_000, 'second')],
              [...rows(0, 30_000, 'third'), ...rows(10, 20, 'fourth'), ...rows(5, 8, 'fifth')],
            ],
          ),
        })
        const counts = new Map<string | null, number>()
        for (const [value] of await read(['a'])) counts.set(value!, (counts.get(value!) ?? 0) + 1)
        expect(Object.fromEntries(counts)).toEqual({
          first: 10_000,
          second: 10_000,
          third: 29_987,
          fourth: 10,
          fifth: 3,
        })
      })

      it('takes a null in a key for equal to a null', async () => {
        const both = { mode: { how: 'merge', key: ['id', 'k'] } } as const
        const columns = [id, column('k'), a]
        await load(
          columns,
          [
            ['1', null, 'old'],
            [null, null, 'old'],
            ['1', '', 'kept'],
          ],
          both,
        )
        await load(
          columns,
          [
            ['1', null, 'new'],
            [null, null, 'new'],
            [null, 'x', 'new'],
          ],
          both,
        )
        expect(await read(['id', 'k', 'a'], ['id', 'k'])).toEqual([
          ['1', '', 'kept'],
          ['1', null, 'new'],
          [null, 'x', 'new'],
          [null, null, 'new'],
        ])
      })

      it.each([
        [
          'append',
          append,
          [
            ['1', 'x', null],
            ['1', 'y', '5'],
          ],
        ],
        ['merge', merge, [['1', 'y', '5']]],
      ] as const)('%s takes a new column, in its place', async (_name, mode, expected) => {
        await load([id, a], [['1', 'x']], mode)
        await load([id, column('new', integer), a], [['1', '5', 'y']], mode)
        expect(await read(['id', 'a', 'new'], ['id', 'a'])).toEqual(expected)
        const inspected = (await session.inspect(['raw.thing'])).get('raw.thing')!
        expect(inspected.columns.slice(4).map((one) => one.name.toLowerCase())).toEqual([
          'id',
          'new',
          'a',
        ])
      })

      it('merges by a key whose name needs quotes and has capitals', async () => {
        const key = { mode: { how: 'merge', key: ['Order ID'] } } as const
        const columns = [column('Order ID', integer), a]
        await load(columns, [['1', 'x']], key)
        await load(columns, [['1', 'y']], key)
        expect(await read(['a'])).toEqual([['y']])
      })
    })

    describe('inspect', () => {
      it('answers only for what exists', async () => {
        expect(await session.inspect(['raw.thing', 'nowhere.at_all'])).toEqual(new Map())
        await load([id], [['1']])
        const found = await session.inspect(['raw.thing', 'raw.other', 'nowhere.at_all'])
        expect([...found.keys()]).toEqual(['raw.thing'])
        expect(found.get('raw.thing')).toMatchObject({
          kind: 'table',
          installed: null,
          shape: { relation: 'raw.thing' },
        })
      })

      it('tells shapes and definitions of views apart', async () => {
        await load([id, a], [['1', 'x']])
        await execute('create view raw.v as select id, a from raw.thing')
        const first = (await session.inspect(['raw.v'])).get('raw.v')!
        await execute('create or replace view raw.v as select id, upper(a) as a from raw.thing')
        const second = (await session.inspect(['raw.v'])).get('raw.v')!
        await execute('create or replace view raw.v as select id, a as b from raw.thing')
        const third = (await session.inspect(['raw.v'])).get('raw.v')!
        expect(first.kind).toBe('view')
        expect(first.installed).not.toBeNull()
        expect(second.installed).not.toBe(first.installed)
        expect(second.shape).toEqual(first.shape)
        expect(third.shape.columns).not.toBe(first.shape.columns)
      })

      it('still tells of a view that fails, and of the others', async () => {
        await load([id, a], [['1', 'x']])
        await execute('create view raw.broken as select a from raw.thing')
        await load([id], [['1']])
        const found = await session.inspect(['raw.broken', 'raw.thing'])
        expect([...found.keys()].sort()).toEqual(['raw.broken', 'raw.thing'])
      })
    })

    describe('fingerprint', () => {
      const rows = [
        ['1', 'x'],
        ['2', 'y'],
        ['3', null],
      ] as const

      it('is equal for equal content, whatever the order of rows and the way it got there', async () => {
        const first = await load([id, a], rows)
        const again = await load([id, a], [...rows].reverse(), { syncId: 9, generationId: 8 })
        await load([id, a], [rows[0]])
        const grown = await load([id, a], [rows[1], rows[2]], { mode: { how: 'append' } })
        // A token moves with every write, and the bytes of a table may.
        const content = { ...first.fingerprint, token: expect.anything(), bytes: expect.anything() }
        for (const one of [again.fingerprint, grown.fingerprint, await print()]) {
          expect({ ...one, token: one.token ?? 'none', bytes: one.bytes ?? 'unknown' }).toEqual(
            content,
          )
        }
        expect(first.fingerprint.version).toMatch(/^c:[^:]+:[0-9a-f]{32}$/)
        expect(first.fingerprint.rows).toBe(3)
      })

      it('differs with any change of rows, names, types or order of columns', async () => {
        const contents: [StreamColumn[], (string | null)[][]][] = [
          [
            [id, a],
            [
              ['1', 'x'],
              ['2', 'y'],
            ],
          ],
          [
            [id, a],
            [
              ['1', 'x'],
              ['2', 'z'],
            ],
          ],
          [
            [id, a],
            [
              ['1', 'y'],
              ['2', 'x'],
            ],
          ],
          [
            [id, a],
            [
              ['1', 'x'],
              ['2', null],
            ],
          ],
          [
            [id, a],
            [
              ['1', 'x'],
              ['2', ''],
            ],
          ],
          [
            [id, a],
            [
              ['1', 'x'],
              [null, 'y'],
            ],
          ],
          [[id, a], [['1', 'x']]],
          [
            [id, a],
            [
              ['1', 'x'],
              ['2', 'y'],
              ['2', 'y'],
              ['2', 'y'],
            ],
          ],
          [
            [id, a],
            [
              ['1', 'x'],
              ['1', 'x'],
              ['2', 'y'],
              ['2', 'y'],
            ],
          ],
          [[id, a], []],
          [[id, a], [[null, null]]],
          [
            [id, a],
            [
              [null, null],
              [null, null],
            ],
          ],
          [
            [a, id],
            [
              ['x', '1'],
              ['y', '2'],
            ],
          ],
          [
            [id, column('b')],
            [
              ['1', 'x'],
              ['2', 'y'],
            ],
          ],
          [
            [column('id'), a],
            [
              ['1', 'x'],
              ['2', 'y'],
            ],
          ],
          [[id], [['0']]],
          [[id], [[null]]],
          [[id], [['0'], ['0']]],
          [[column('n', type('number'))], [['0']]],
          [[column('n', type('number'))], [['-0']]],
          [[column('j', type('object'))], [['{"a":null}']]],
          [[column('j', type('object'))], [['{}']]],
          [[column('j', type('object'))], [[null]]],
          [[column('j', type('array'))], [['[]']]],
          [[column('j', type('array'))], [['[null]']]],
        ]
        if (abilities.tellsWidths) {
          const [[, rows]] = contents as [[StreamColumn[], (string | null)[][]]]
          contents.push([[column('id', { type: 'integer', bits: 128 }), a], rows])
        }
        const versions = new Set<string>()
        for (const [columns, rows] of contents) {
          versions.add((await load(columns, rows)).fingerprint.version)
        }
        expect(versions.size).toBe(contents.length)
      })

      it('leaves bookkeeping out, but not that a row was deleted', async () => {
        const cdc = ['_ab_cdc_lsn', '_ab_cdc_updated_at', '_ab_cdc_deleted_at'].map((name) =>
          column(name),
        )
        const of = async (lsn: string, updated: string, deleted: string | null) =>
          (await load([id, ...cdc], [['1', lsn, updated, deleted]])).fingerprint.version
        const version = await of('1', '2026-01-01', null)
        expect(await of('2', '2026-01-02', null)).toBe(version)
        const deleted = await of('2', '2026-01-02', '2026-01-02')
        expect(deleted).not.toBe(version)
        expect(await of('3', '2026-01-03', '2026-01-03')).toBe(deleted)
      })

      it('leaves volatile columns out, whatever the case they are written in', async () => {
        await load([id, column('seen_at')], [['1', 'monday']])
        const before = await print(['SEEN_AT'])
        await load([id, column('seen_at')], [['1', 'tuesday']])
        expect((await print(['seen_at'])).version).toBe(before.version)
        expect((await print()).version).not.toBe(before.version)
        const nothing = await print(['id', 'seen_at'])
        expect(nothing.rows).toBe(1)
      })

      it('is a problem for what is gone and for a view that fails', async () => {
        const gone = await session.fingerprint('raw.gone', { volatile: [] })
        expect(problemCodes(gone)).toEqual(['relation-unreadable'])
        await load([id, a], [['1', 'x']])
        await execute('create view raw.broken as select a from raw.thing')
        await load([id], [['1']])
        const broken = await session.fingerprint('raw.broken', { volatile: [] })
        expect(problemCodes(broken)).toEqual(['relation-unreadable'])
        expect(JSON.stringify(broken)).toContain('raw.broken')
      })

      it('follows a view to what it shows', async () => {
        await load([id, a], [['1', 'x']])
        await execute('create view raw.all_of_it as select * from raw.thing')
        const of = async () =>
          must(await session.fingerprint('raw.all_of_it', { volatile: [] })).version
        const before = await of()
        await load([id, column('more'), a], [['1', 'm', 'x']])
        expect(await of()).not.toBe(before)
      })

      it('is the same through a borrower', async () => {
        const loaded = await load([id, a], rows)
        const inspected = await session.inspect(['raw.thing'])
        await session.close()
        const lent = must(
          await subject.warehouse.lend((loan) =>
            subject.borrow(loan, async (run) => {
              const reader = loan.reader(run)
              return {
                print: must(await reader.fingerprint('raw.thing', { volatile: [] })),
                inspected: await reader.inspect(['raw.thing', 'raw.gone']),
              }
            }),
          ),
        )
        expect(lent.print).toEqual(loaded.fingerprint)
        expect(lent.inspected).toEqual(inspected)
        session = must(await subject.warehouse.open())
      })
    })

    describe('export', () => {
      async function exported(request: {
        readonly query: string
        readonly columns?: readonly string[]
        readonly orderBy?: readonly string[]
      }): Promise<string> {
        const file = join(scratch, `export-${++spools}.csv`)
        const { query, columns = null, orderBy = [] } = request
        must(await session.export({ from: { query }, columns, orderBy, format: 'csv', file }))
        return readFileSync(file, 'utf8')
      }
      const values = (list: string, names: string) =>
        `select * from (values ${list}) as v(${names})`

      it('writes values as documented', async () => {
        const text = await exported({
          query: `select cast(1.5 as double precision) as number, cast(1.10 as decimal(5, 2)) as amount,
            timestamp '2005-05-24 22:53:30' as moment, timestamp '2005-05-24 22:53:30.120' as exact,
            date '2005-05-24' as day, true as yes, false as no, cast(null as varchar) as nothing, '' as empty,
            'a,b' as comma, 'say "hi"' as quoted, 'é' as letter -- and a comment`,
        })
        expect(text.split('\n')[1]).toBe(
          '1.5,1.10,2005-05-24 22:53:30,2005-05-24 22:53:30.12,2005-05-24,true,false,,"","a,b","say ""hi""",é',
        )
        expect(text.endsWith('\n')).toBe(true)
      })

      it('orders by what is asked, then by all columns, nulls last', async () => {
        const query = values("(2, 'b'), (1, 'z'), (null, 'a'), (2, 'a'), (1, null)", 'n, t')
        expect(parseCsv(await exported({ query })).slice(1)).toEqual([
          ['1', 'z'],
          ['1', null],
          ['2', 'a'],
          ['2', 'b'],
          [null, 'a'],
        ])
        const falling = parseCsv(await exported({ query, orderBy: ['n desc'] })).slice(1)
        expect(falling.map(([n]) => n)).toEqual(['2', '2', '1', '1', null])
        expect(falling[0]).toEqual(['2', 'a'])
      })

      it('keeps the order that a query has itself, with ties broken', async () => {
        const query = `${values("(1, 'b'), (3, 'a'), (1, 'a'), (2, 'x')", 'n, t')} order by n desc limit 3;`
        expect(parseCsv(await exported({ query })).slice(1)).toEqual([
          ['3', 'a'],
          ['2', 'x'],
          ['1', 'a'],
        ])
      })

      it('writes the columns that are asked for, in their order, ordered by any', async () => {
        const query = values("(1, 'b', 'x'), (2, 'a', 'y')", 'n, t, u')
        const text = await exported({ query, columns: ['u', 'n'], orderBy: ['t'] })
        expect(parseCsv(text)).toEqual([
          ['u', 'n'],
          ['y', '2'],
          ['x', '1'],
        ])
      })

      it('names an unknown column, failing SQL and doubled columns', async () => {
        const file = join(scratch, 'never.csv')
        const request = { columns: null, orderBy: [], format: 'csv', file } as const
        const codes = async (query: string, more = {}) =>
          problemCodes(await session.export({ ...request, from: { query }, ...more }))
        expect(await codes('select 1 as n', { orderBy: ['m'] })).toEqual(['unknown-column'])
        expect(await codes('select 1 as n', { columns: ['m'] })).toEqual(['unknown-column'])
        expect(await codes('select nonsense from nowhere')).toEqual(['export-failed'])
        expect(await codes('select 1 as n, 2 as n')).toEqual(['column-collision'])
        const gone = await session.export({ ...request, from: { relation: 'raw.gone' } })
        expect(problemCodes(gone)).toEqual(['export-failed'])
      })

      it.each(['csv', 'parquet'] as const)(
        'gives the same bytes for the same rows: %s',
        async (format) => {
          const rows = Array.from({ length: 30_000 }, (_, at) => [
            `${at % 100}`,
            `row ${at % 7_000}`,
          ])
          const bytes: Buffer[] = []
          for (const order of [rows, [...rows].reverse()]) {
            await load([id, a], order)
            const file = join(scratch, `same-${++spools}.${format}`)
            const from = { relation: 'raw.thing' }
            const request = { from, columns: ['id', 'a'], orderBy: ['id'], format, file }
            expect(must(await session.export(request)).rows).toBe(30_000)
            bytes.push(readFileSync(file))
          }
          expect(bytes[0]!.equals(bytes[1]!)).toBe(true)
        },
      )
    })

    describe('gate', () => {
      it('stays over reading and moves with every change, or is no proof at all', async () => {
        await load([id], [['1']])
        await session.close()
        const before = await subject.warehouse.gate()
        session = must(await subject.warehouse.open())
        await session.inspect(['raw.thing'])
        await print()
        await session.close()
        expect(await subject.warehouse.gate()).toBe(before)
        await subject.execute('update raw.thing set id = id + 1')
        const after = await subject.warehouse.gate()
        if (before !== null) expect(after).not.toBe(before)
      })
    })
  })
}
