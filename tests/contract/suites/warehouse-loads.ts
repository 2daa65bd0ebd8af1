import { describe, expect, it } from 'vitest'
import { ProblemError } from '../../../framework/model/problem.ts'
import type { StreamColumn } from '../../../framework/ports/warehouse.ts'
import { a, codes, column, id, integer, must, type, type WarehouseRig } from './warehouse.ts'

/** The contract of loads that replace a table. */
export function loadContract(rig: WarehouseRig): void {
  describe('load', () => {
    it('returns texts unchanged, and distinguishes empty text from null', async () => {
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
      const { loaded } = await rig.load([id, a], rows)
      expect(loaded).toBe(texts.length)
      expect(await rig.read(['id', 'a'], ['id'])).toEqual(rows)
    })

    it('loads a table of one column with nulls', async () => {
      await rig.load([a], [['x'], [null], [''], [null]])
      expect(await rig.read(['a'], ['a'])).toEqual([[''], ['x'], [null], [null]])
    })

    it('loads values of several megabytes', async () => {
      const long = 'line of "text", with\r\nbreaks\n'.repeat(120_000)
      await rig.load(
        [id, a],
        [
          ['1', 'short'],
          ['2', long],
          ['3', null],
        ],
      )
      expect(await rig.read(['id', 'a'], ['id'])).toEqual([
        ['1', 'short'],
        ['2', long],
        ['3', null],
      ])
    })

    it('creates columns of the documented types', async () => {
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
      await rig.load(columns, [row, row.map(() => null)])
      const [values, nulls] = await rig.read(
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
      await rig.load([a], [['x'], ['y']])
      const inspected = (await rig.session.inspect(['raw.thing'])).get('raw.thing')!
      expect(inspected.columns.map((one) => one.name.toLowerCase())).toEqual([
        '_airbyte_raw_id',
        '_airbyte_extracted_at',
        '_airbyte_meta',
        '_airbyte_generation_id',
        'a',
      ])
      const rows = await rig.read([
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
      await rig.load(
        [id, a],
        [
          ['1', null, JSON.stringify([change])],
          ['2', 'x', null],
        ],
      )
      const rows = await rig.read(['_airbyte_meta'], ['id'])
      expect(rows.map(([meta]) => JSON.parse(meta!))).toEqual([
        { sync_id: 7, changes: [change] },
        { sync_id: 7, changes: [] },
      ])
    })

    it('accepts names that SQL reserves or that need quotes', async () => {
      const columns = ['order', 'select', 'with space', 'quo"te', "apos'trophe", 'ünïcode', '1st']
      const relation = 'raw.table'
      const rows = [columns.map((name) => `value of ${name}`)]
      await rig.load(
        columns.map((name) => column(name)),
        rows,
        { relation },
      )
      expect(await rig.read(columns, ['order'], relation)).toEqual(rows)
      const print = must(await rig.session.fingerprint(relation, { volatile: [] }))
      expect(print.rows).toBe(1)
    })

    it('refuses two columns whose names differ only in case', async () => {
      const result = await rig.session.loader!.load(
        rig.loading([column('Name'), column('name')], []),
      )
      expect(codes(result)).toEqual(['column-collision'])
    })

    it('creates an empty table for no spools and for empty spools', async () => {
      const none = must(await rig.session.loader!.load(rig.loading([id, a], [])))
      expect(none.loaded).toBe(0)
      const empty = must(await rig.session.loader!.load(rig.loading([id, a], [[], []])))
      expect(empty.fingerprint).toEqual(none.fingerprint)
      expect(empty.fingerprint.rows).toBe(0)
    })

    it('reads a spool while the next one is being written', async () => {
      let firstWasRead = false
      async function* slow() {
        yield await rig.spool([id, a], [['1', 'x']])
        // The next spool is requested after the previous one was read.
        firstWasRead = true
        yield await rig.spool([id, a], [['2', 'y']])
      }
      await rig.load([id, a], [], { spools: slow() })
      expect(firstWasRead).toBe(true)
      expect(await rig.read(['id'], ['id'])).toEqual([['1'], ['2']])
    })

    it('replaces all rows and all columns', async () => {
      await rig.load([id, a], [['1', 'x']])
      await rig.load([id, column('b'), a], [['2', 'y', 'z']])
      expect(await rig.read(['id', 'b', 'a'])).toEqual([['2', 'y', 'z']])
    })

    it('keeps views over the table valid', async () => {
      await rig.load([id, a], [['1', 'x']])
      await rig.execute('create view raw.seen as select id, a from raw.thing')
      await rig.load([id, a], [['2', 'y']])
      expect(await rig.read(['id', 'a'], [], 'raw.seen')).toEqual([['2', 'y']])
    })

    it('replaces a view', async () => {
      await rig.execute('create schema if not exists raw')
      await rig.execute('create view raw.thing as select 1 as one')
      await rig.load([id], [['1']])
      expect(await rig.read(['id'])).toEqual([['1']])
      expect((await rig.session.inspect(['raw.thing'])).get('raw.thing')?.kind).toBe('table')
    })

    it('leaves the table unchanged when a row does not fit, and does not show the row', async () => {
      await rig.load([id, a], [['1', 'x']])
      // A column in the file can have another type than declared.
      async function* bad() {
        yield await rig.spool(
          [column('id'), a],
          [
            ['2', 'fine'],
            ['not a number', 'a secret'],
          ],
        )
      }
      const result = await rig.session.loader!.load({ ...rig.loading([id, a], []), spools: bad() })
      expect(codes(result)).toEqual(['load-failed'])
      expect(JSON.stringify(result)).not.toContain('a secret')
      expect(await rig.read(['id', 'a'])).toEqual([['1', 'x']])
    })

    it('leaves the table unchanged when the spools end in a problem', async () => {
      await rig.load([id, a], [['1', 'x']])
      async function* broken() {
        yield await rig.spool([id, a], [['2', 'y']])
        throw new ProblemError({ code: 'source-unreachable', message: 'the source went away' })
      }
      const result = await rig.session.loader!.load({
        ...rig.loading([id, a], []),
        spools: broken(),
      })
      expect(codes(result)).toEqual(['source-unreachable'])
      expect(await rig.read(['id', 'a'])).toEqual([['1', 'x']])
    })

    it('shows readers the old table or the new one, never a part', async () => {
      await rig.load([id], [['1'], ['2']])
      let seen: (string | null)[][] = []
      async function* watched() {
        yield await rig.spool([id], [['3'], ['4'], ['5']])
        seen = await rig.read(['id'], ['id'])
        yield await rig.spool([id], [['6']])
      }
      await rig.load([id], [], { spools: watched() })
      expect(seen).toEqual([['1'], ['2']])
      expect(await rig.read(['id'], ['id'])).toEqual([['3'], ['4'], ['5'], ['6']])
    })

    it('loads several tables at the same time', async () => {
      const names = ['raw.one', 'raw.two', 'raw.three']
      await Promise.all(names.map((relation, at) => rig.load([id], [[`${at}`]], { relation })))
      for (const [at, relation] of names.entries()) {
        expect(await rig.read(['id'], [], relation)).toEqual([[`${at}`]])
      }
    })
  })
}
