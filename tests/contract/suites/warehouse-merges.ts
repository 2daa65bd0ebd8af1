import { describe, expect, it } from 'vitest'
import type { StreamType } from '../../../framework/ports/warehouse.ts'
import { a, column, id, integer, type WarehouseRig } from './warehouse.ts'

/** The contract of loads that keep rows. */
export function mergeContract(rig: WarehouseRig): void {
  describe('append and merge', () => {
    const append = { mode: { how: 'append' } } as const
    const merge = { mode: { how: 'merge', key: ['id'] } } as const

    it('appends to the table, or creates it', async () => {
      const first = await rig.load([id, a], [['1', 'x']], append)
      const second = await rig.load(
        [id, a],
        [
          ['1', 'x'],
          ['2', 'y'],
        ],
        append,
      )
      expect([first.fingerprint.rows, second.fingerprint.rows, second.loaded]).toEqual([1, 3, 2])
      expect(await rig.read(['id', 'a'], ['id'])).toEqual([
        ['1', 'x'],
        ['1', 'x'],
        ['2', 'y'],
      ])
    })

    it('merges by key: new rows are added, changed ones replaced, others kept', async () => {
      await rig.load(
        [id, a],
        [
          ['1', 'x'],
          ['2', 'y'],
          ['3', 'z'],
        ],
        merge,
      )
      const merged = await rig.load(
        [id, a],
        [
          ['2', 'changed'],
          ['4', 'new'],
        ],
        merge,
      )
      expect([merged.loaded, merged.fingerprint.rows]).toEqual([2, 4])
      expect(await rig.read(['id', 'a'], ['id'])).toEqual([
        ['1', 'x'],
        ['2', 'changed'],
        ['3', 'z'],
        ['4', 'new'],
      ])
    })

    it('keeps the last of several rows with one key, within and across spools', async () => {
      const rows = (from: number, to: number, value: string) =>
        Array.from({ length: to - from }, (_, at) => [`${from + at}`, value])
      await rig.load([id, a], [], {
        ...merge,
        spools: rig.spooled(
          [id, a],
          [
            [...rows(0, 50_000, 'first'), ...rows(0, 40_000, 'second')],
            [...rows(0, 30_000, 'third'), ...rows(10, 20, 'fourth'), ...rows(5, 8, 'fifth')],
          ],
        ),
      })
      const counts = new Map<string | null, number>()
      for (const [value] of await rig.read(['a'])) counts.set(value!, (counts.get(value!) ?? 0) + 1)
      expect(Object.fromEntries(counts)).toEqual({
        first: 10_000,
        second: 10_000,
        third: 29_987,
        fourth: 10,
        fifth: 3,
      })
    })

    it('treats nulls in a key as equal', async () => {
      const both = { mode: { how: 'merge', key: ['id', 'k'] } } as const
      const columns = [id, column('k'), a]
      await rig.load(
        columns,
        [
          ['1', null, 'old'],
          [null, null, 'old'],
          ['1', '', 'kept'],
        ],
        both,
      )
      await rig.load(
        columns,
        [
          ['1', null, 'new'],
          [null, null, 'new'],
          [null, 'x', 'new'],
        ],
        both,
      )
      expect(await rig.read(['id', 'k', 'a'], ['id', 'k'])).toEqual([
        ['1', '', 'kept'],
        ['1', null, 'new'],
        [null, 'x', 'new'],
        [null, null, 'new'],
      ])
    })

    it('compares keys that lost information by their exact texts, within and across loads', async () => {
      const number: StreamType = { type: 'number' }
      const columns = [column('n', number), column('day', { type: 'date' }), a]
      const both = { mode: { how: 'merge', key: ['n', 'day'] } } as const
      const exact = (...texts: readonly (readonly [string, string])[]) =>
        JSON.stringify(
          texts.map(([field, text]) => ({
            ...{ change: 'TRUNCATED', exact: { [field]: text }, field },
            reason: 'DESTINATION_FIELD_SIZE_LIMITATION',
          })),
        )
      const noise = JSON.stringify([{ field: 'a', change: 'NULLED', reason: 'x' }])
      await rig.load(
        columns,
        [
          ['1', '2024-01-01', 'plain', null],
          ['1', '2024-01-01', 'n is longer', exact(['n', '1+'])],
          ['1', '2024-01-01', 'older', exact(['n', '1++'])],
          ['1', '2024-01-01', 'n is longest', exact(['n', '1++'])],
          ['1', null, 'no day', noise],
          ['1', null, 'infinite day', exact(['day', 'inf'])],
          ['1', null, 'both', exact(['n', '1+'], ['day', 'inf'])],
        ],
        both,
      )
      const read = async () => (await rig.read(['a'])).flat().sort()
      const first = ['both', 'infinite day', 'n is longer', 'n is longest', 'no day', 'plain']
      expect(await read()).toEqual(first)
      const changed = [
        ['1', '2024-01-01', 'n is longest', exact(['n', '1++'])],
        ['1', null, 'infinite day', exact(['day', 'inf'])],
        ['1', null, 'no day', null],
      ] as const
      const again = changed.map(([n, day, text, changes]) => [n, day, `${text}, again`, changes])
      await rig.load(columns, again, both)
      const second = [
        ...['both', 'infinite day, again', 'n is longer', 'n is longest, again'],
        ...['no day, again', 'plain'],
      ]
      expect(await read()).toEqual(second)
      // A column that is added takes another path: the rows that stay are copied.
      await rig.load(
        [...columns, column('new', integer)],
        [['1', null, 'both, again', '5', exact(['n', '1+'], ['day', 'inf'])]],
        both,
      )
      expect(await read()).toEqual(['both, again', ...second.slice(1)])
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
      await rig.load([id, a], [['1', 'x']], mode)
      await rig.load([id, column('new', integer), a], [['1', '5', 'y']], mode)
      expect(await rig.read(['id', 'a', 'new'], ['id', 'a'])).toEqual(expected)
      const inspected = (await rig.session.inspect(['raw.thing'])).get('raw.thing')!
      expect(inspected.columns.slice(4).map((one) => one.name.toLowerCase())).toEqual([
        'id',
        'new',
        'a',
      ])
    })

    it('merges by a key whose name needs quotes and has upper-case letters', async () => {
      const key = { mode: { how: 'merge', key: ['Order ID'] } } as const
      const columns = [column('Order ID', integer), a]
      await rig.load(columns, [['1', 'x']], key)
      await rig.load(columns, [['1', 'y']], key)
      expect(await rig.read(['a'])).toEqual([['y']])
    })
  })
}
