import type { Row, Transaction } from './database.ts'
import { sealOf } from './sealed-rows.ts'
import type { TableName } from './tables.ts'

// A migration is never edited, so the columns are those of its time, and not `TABLES`.

/** A table whose rows get a checksum: its columns, with the key first. */
type Sealed = readonly [table: TableName, keys: number, columns: readonly string[]]

const TABLES: readonly Sealed[] = [
  ['steps', 2, ['run', 'name', 'finished_at', 'outcome', 'body']],
  ['records', 2, ['target', 'name', 'written_by', 'version', 'body']],
  ['past_records', 3, ['target', 'name', 'version', 'body']],
  ['checks', 2, ['target', 'name', 'body']],
  ['journal', 2, ['target', 'name', 'run', 'at', 'state', 'message', 'reference']],
  ['marks', 2, ['target', 'name', 'mark']],
  ['remembered', 2, ['target', 'asset', 'versions']],
  ['observed', 2, ['target', 'name', 'at', 'body']],
  ['leftovers', 2, ['target', 'place', 'body']],
  ['gates', 2, ['target', 'subject', 'token']],
]

/** Rows per statement that reads. */
const PAGE = 1_000

/** Gives a checksum to each row that has none. Throws `state-corrupted`. */
export async function sealRows(tx: Transaction): Promise<void> {
  for (const [table, keys, columns] of TABLES) {
    const names = columns.join(', ')
    const isKey = columns.slice(0, keys).map((column) => `${column} = ?`)
    const update = `update ${table} set seal = ? where ${isKey.join(' and ')}`
    for (;;) {
      const rows = await tx.all<Row>(
        `select ${names} from ${table} where seal is null limit ${PAGE}`,
      )
      if (rows.length === 0) break
      await Promise.all(
        rows.map(async (row) => {
          const key = row.slice(0, keys)
          // A text that is not UTF-8 is read as another one, and would be found without a checksum for ever.
          if ((await tx.run(update, [sealOf(table, row), ...key])) === 1) return
          throw tx.damaged(`${key.join(' ')} in table ${table}`, 'its key is not as it was written')
        }),
      )
    }
  }
}
