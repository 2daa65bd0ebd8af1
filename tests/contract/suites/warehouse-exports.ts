import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { a, codes, id, must, parseCsv, type WarehouseRig } from './warehouse.ts'

/** The contract of exported files. */
export function exportContract(rig: WarehouseRig): void {
  describe('export', () => {
    async function exported(request: {
      readonly query: string
      readonly columns?: readonly string[]
      readonly orderBy?: readonly string[]
    }): Promise<string> {
      const file = rig.newFile('csv')
      const { query, columns = null, orderBy = [] } = request
      must(await rig.session.export({ from: { query }, columns, orderBy, format: 'csv', file }))
      return readFileSync(file, 'utf8')
    }
    const values = (list: string, names: string) => `select * from (values ${list}) as v(${names})`

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

    it('orders by the requested columns, then by all columns, nulls last', async () => {
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

    it('keeps the ORDER BY of the query and breaks ties', async () => {
      const query = `${values("(1, 'b'), (3, 'a'), (1, 'a'), (2, 'x')", 'n, t')} order by n desc limit 3;`
      expect(parseCsv(await exported({ query })).slice(1)).toEqual([
        ['3', 'a'],
        ['2', 'x'],
        ['1', 'a'],
      ])
    })

    it('writes the requested columns in their order, ordered by any column', async () => {
      const query = values("(1, 'b', 'x'), (2, 'a', 'y')", 'n, t, u')
      const text = await exported({ query, columns: ['u', 'n'], orderBy: ['t'] })
      expect(parseCsv(text)).toEqual([
        ['u', 'n'],
        ['y', '2'],
        ['x', '1'],
      ])
    })

    it('reports an unknown column, invalid SQL and duplicate columns', async () => {
      const file = join(rig.scratch, 'never.csv')
      const request = { columns: null, orderBy: [], format: 'csv', file } as const
      const refused = async (query: string, more = {}) =>
        codes(await rig.session.export({ ...request, from: { query }, ...more }))
      expect(await refused('select 1 as n', { orderBy: ['m'] })).toEqual(['unknown-column'])
      expect(await refused('select 1 as n', { columns: ['m'] })).toEqual(['unknown-column'])
      expect(await refused('select nonsense from nowhere')).toEqual(['export-failed'])
      expect(await refused('select 1 as n, 2 as n')).toEqual(['column-collision'])
      const gone = await rig.session.export({ ...request, from: { relation: 'raw.gone' } })
      expect(codes(gone)).toEqual(['export-failed'])
    })

    it.each(['csv', 'parquet'] as const)(
      'writes the same bytes for the same rows: %s',
      async (format) => {
        const rows = Array.from({ length: 30_000 }, (_, at) => [`${at % 100}`, `row ${at % 7_000}`])
        const bytes: Buffer[] = []
        for (const order of [rows, [...rows].reverse()]) {
          await rig.load([id, a], order)
          const file = rig.newFile(format)
          const from = { relation: 'raw.thing' }
          const request = { from, columns: ['id', 'a'], orderBy: ['id'], format, file }
          expect(must(await rig.session.export(request)).rows).toBe(30_000)
          bytes.push(readFileSync(file))
        }
        expect(bytes[0]!.equals(bytes[1]!)).toBe(true)
      },
    )
  })
}
