import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Loan, RunSql, ScratchSchema, Warehouse } from '../../../framework/ports/warehouse.ts'
import { must, type WarehouseUnderTest } from './warehouse.ts'

const CONTENT = { volatile: [], content: true } as const

/** The contract of scratch schemas. */
export function scratchContract(name: string, make: () => Promise<WarehouseUnderTest>): void {
  describe(`scratch schemas of ${name}`, () => {
    let subject: WarehouseUnderTest
    let warehouse: Warehouse
    beforeEach(async () => {
      subject = await make()
      warehouse = subject.warehouse
      await subject.execute('create schema if not exists raw')
      await subject.execute("create table raw.thing as select 1 as id, 'x' as a")
    })
    afterEach(() => subject.remove())

    /** All relations that a borrower sees, in all its databases. */
    const objects = (run: RunSql) =>
      run('select table_schema, table_name from information_schema.tables order by 1, 2')
    const schemas = (run: RunSql) =>
      run('select schema_name from information_schema.schemata order by 1')
    const seen = async () =>
      must(
        await warehouse.lend((loan) =>
          subject.borrow(loan, async (run) => [await objects(run), await schemas(run)]),
        ),
      )
    /** Builds like dbt: creates the schema if it is missing, then the table. */
    async function build(
      run: RunSql,
      { database, prefix }: ScratchSchema,
      query: string,
    ): Promise<void> {
      const schema = `${database === null ? '' : `${database}.`}${prefix}raw`
      await run(`create schema if not exists ${schema}`)
      await run(`create table ${schema}.thing as ${query}`)
    }
    const inScratch = <T>(use: (loan: Loan, run: RunSql) => Promise<T>): Promise<T> =>
      warehouse
        .lend((loan) =>
          subject.borrow(loan, async (run) => {
            for (const sql of must(await loan.scratch.prepare(['raw.thing']))) await run(sql)
            return use(loan, run)
          }),
        )
        .then(must)

    it('compare two scratch builds with the warehouse', async () => {
      const [there, one, two] = await inScratch(async (loan, run) => {
        const [first, second] = loan.scratch.schemas
        await build(run, first, "select 1 as id, 'x' as a")
        await build(run, second, "select 1 as id, 'y' as a")
        const readers = [loan, first, second].map((from) => from.reader(run))
        const prints = []
        for (const reader of readers) {
          const { version, rows } = must(await reader.fingerprint('raw.thing', CONTENT))
          const digests = must(await reader.digests('raw.thing', CONTENT))
          prints.push({ version, rows, digests: digests.map((column) => column.alone) })
        }
        return prints
      })
      expect(one).toEqual(there)
      expect(two!.version).not.toBe(there!.version)
      expect(two!.digests[0]).toBe(there!.digests[0])
      expect(two!.digests[1]).not.toBe(there!.digests[1])
    })

    it('can be prepared twice', async () => {
      await inScratch(async ({ scratch }, run) => {
        for (const sql of must(await scratch.prepare(['raw.thing']))) await run(sql)
        for (const room of scratch.schemas) await build(run, room, 'select 1 as id')
      })
    })

    it('are removed at the end of a loan, even after an error', async () => {
      const before = await seen()
      const using = async ({ scratch: { schemas: rooms } }: Loan, run: RunSql) => {
        for (const room of rooms) await build(run, room, 'select 1 as id')
        expect(await objects(run)).not.toEqual(before[0])
        throw new Error('the borrower fell')
      }
      await expect(inScratch(using)).rejects.toThrow('the borrower fell')
      expect(await seen()).toEqual(before)
    })
  })
}
