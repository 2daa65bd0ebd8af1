import { describe, expect, it } from 'vitest'
import type { StreamColumn } from '../../../framework/ports/warehouse.ts'
import { a, codes, column, id, must, type, type WarehouseRig } from './warehouse.ts'
import type { Abilities } from './warehouse-contract.ts'

/** The contract of reading tables and views: shape, content, change token. */
export function lookContract(rig: WarehouseRig, abilities: Abilities): void {
  describe('inspect', () => {
    it('returns only relations that exist', async () => {
      expect(await rig.session.inspect(['raw.thing', 'nowhere.at_all'])).toEqual(new Map())
      await rig.load([id], [['1']])
      const found = await rig.session.inspect(['raw.thing', 'raw.other', 'nowhere.at_all'])
      expect([...found.keys()]).toEqual(['raw.thing'])
      expect(found.get('raw.thing')).toMatchObject({
        kind: 'table',
        installed: null,
        shape: { relation: 'raw.thing' },
      })
    })

    it('distinguishes shapes and definitions of views', async () => {
      await rig.load([id, a], [['1', 'x']])
      await rig.execute('create view raw.v as select id, a from raw.thing')
      const first = (await rig.session.inspect(['raw.v'])).get('raw.v')!
      await rig.execute('create or replace view raw.v as select id, upper(a) as a from raw.thing')
      const second = (await rig.session.inspect(['raw.v'])).get('raw.v')!
      await rig.execute('create or replace view raw.v as select id, a as b from raw.thing')
      const third = (await rig.session.inspect(['raw.v'])).get('raw.v')!
      expect(first.kind).toBe('view')
      expect(first.installed).not.toBeNull()
      expect(second.installed).not.toBe(first.installed)
      expect(second.shape).toEqual(first.shape)
      expect(third.shape.columns).not.toBe(first.shape.columns)
    })

    it('returns an invalid view, and the other relations', async () => {
      await rig.load([id, a], [['1', 'x']])
      await rig.execute('create view raw.broken as select a from raw.thing')
      await rig.load([id], [['1']])
      const found = await rig.session.inspect(['raw.broken', 'raw.thing'])
      expect([...found.keys()].sort()).toEqual(['raw.broken', 'raw.thing'])
    })
  })

  describe('fingerprint', () => {
    const rows = [
      ['1', 'x'],
      ['2', 'y'],
      ['3', null],
    ] as const

    it('is equal for equal content, for any order of rows and any history', async () => {
      const first = await rig.load([id, a], rows)
      const again = await rig.load([id, a], [...rows].reverse(), { syncId: 9, generationId: 8 })
      await rig.load([id, a], [rows[0]])
      const grown = await rig.load([id, a], [rows[1], rows[2]], { mode: { how: 'append' } })
      // A token changes with every write, and the bytes of a table may change.
      const content = { ...first.fingerprint, token: expect.anything(), bytes: expect.anything() }
      for (const one of [again.fingerprint, grown.fingerprint, await rig.print()]) {
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
        versions.add((await rig.load(columns, rows)).fingerprint.version)
      }
      expect(versions.size).toBe(contents.length)
    })

    it('ignores bookkeeping columns, except whether a row is deleted', async () => {
      const cdc = ['_ab_cdc_lsn', '_ab_cdc_updated_at', '_ab_cdc_deleted_at'].map((name) =>
        column(name),
      )
      const of = async (lsn: string, updated: string, deleted: string | null) =>
        (await rig.load([id, ...cdc], [['1', lsn, updated, deleted]])).fingerprint.version
      const version = await of('1', '2026-01-01', null)
      expect(await of('2', '2026-01-02', null)).toBe(version)
      const deleted = await of('2', '2026-01-02', '2026-01-02')
      expect(deleted).not.toBe(version)
      expect(await of('3', '2026-01-03', '2026-01-03')).toBe(deleted)
    })

    it('ignores volatile columns, in any case of letters', async () => {
      await rig.load([id, column('seen_at')], [['1', 'monday']])
      const before = await rig.print(['SEEN_AT'])
      await rig.load([id, column('seen_at')], [['1', 'tuesday']])
      expect((await rig.print(['seen_at'])).version).toBe(before.version)
      expect((await rig.print()).version).not.toBe(before.version)
      const nothing = await rig.print(['id', 'seen_at'])
      expect(nothing.rows).toBe(1)
    })

    it('is a problem for a missing relation and for an invalid view', async () => {
      const gone = await rig.session.fingerprint('raw.gone', { volatile: [] })
      expect(codes(gone)).toEqual(['relation-unreadable'])
      await rig.load([id, a], [['1', 'x']])
      await rig.execute('create view raw.broken as select a from raw.thing')
      await rig.load([id], [['1']])
      const broken = await rig.session.fingerprint('raw.broken', { volatile: [] })
      expect(codes(broken)).toEqual(['relation-unreadable'])
      expect(JSON.stringify(broken)).toContain('raw.broken')
    })

    it('is the content that a view shows', async () => {
      await rig.load([id, a], [['1', 'x']])
      await rig.execute('create view raw.all_of_it as select * from raw.thing')
      const of = () => rig.session.fingerprint('raw.all_of_it', { volatile: [] })
      const before = must(await of())
      await rig.load([id, column('more'), a], [['1', 'm', 'x']])
      const after = await of()
      if (abilities.widensViews) expect(must(after).version).not.toBe(before.version)
      else expect(codes(after)).toEqual(['relation-unreadable'])
    })

    it('is the same over the connection of a borrower', async () => {
      const loaded = await rig.load([id, a], rows)
      const inspected = await rig.session.inspect(['raw.thing'])
      await rig.session.close()
      const lent = must(
        await rig.subject.warehouse.lend((loan) =>
          rig.subject.borrow(loan, async (run) => {
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
      rig.session = must(await rig.subject.warehouse.open())
    })
  })

  describe('what was left at an old relation', () => {
    it('names the views over a relation, and not those over another one of the same name', async () => {
      await rig.load([id, a], [['1', 'x']])
      await rig.execute('create schema other')
      await rig.execute('create table other.thing as select id, a from raw.thing')
      await rig.execute('create view raw.over_it as select id from raw.thing')
      await rig.execute('create view other.over_other as select id from other.thing')
      await rig.execute(
        'create view other.joined as with thing as (select id from raw.thing) select id from thing',
      )
      await rig.execute('create view other.over_view as select id from raw.over_it')
      const relations = ['raw.thing', 'other.thing', 'raw.over_it', 'raw.gone']
      const found = await rig.session.viewsOver(relations)
      expect([...found].map(([relation, views]) => [relation, views.toSorted()])).toEqual([
        ['raw.thing', ['other.joined', 'raw.over_it']],
        ['other.thing', ['other.over_other']],
        ['raw.over_it', ['other.over_view']],
        ['raw.gone', []],
      ])
    })

    it('drops a table or a view, and nothing else', async () => {
      await rig.load([id, a], [['1', 'x']])
      await rig.execute('create view raw.over_it as select id from raw.thing')
      must(await rig.session.drop('raw.over_it', 'view'))
      const all = ['raw.thing', 'raw.over_it']
      expect([...(await rig.session.inspect(all)).keys()]).toEqual(['raw.thing'])
      must(await rig.session.drop('raw.thing', 'table'))
      expect((await rig.session.inspect(all)).size).toBe(0)
      must(await rig.session.drop('raw.thing', 'table'))
    })

    it('reports a relation of the wrong kind, and leaves it', async () => {
      await rig.load([id, a], [['1', 'x']])
      await rig.execute('create view raw.over_it as select id from raw.thing')
      const refused = await rig.session.drop('raw.over_it', 'table')
      expect(codes(refused)).toEqual(['drop-failed'])
      expect((await rig.session.inspect(['raw.over_it'])).size).toBe(1)
    })
  })

  describe('change token', () => {
    it('stays the same after reading and changes with every write, or is null', async () => {
      await rig.load([id], [['1']])
      await rig.session.close()
      const before = await rig.subject.warehouse.changeToken()
      rig.session = must(await rig.subject.warehouse.open())
      await rig.session.inspect(['raw.thing'])
      await rig.print()
      await rig.session.close()
      expect(await rig.subject.warehouse.changeToken()).toBe(before)
      await rig.subject.execute('update raw.thing set id = id + 1')
      const after = await rig.subject.warehouse.changeToken()
      if (before !== null) expect(after).not.toBe(before)
    })
  })
}
