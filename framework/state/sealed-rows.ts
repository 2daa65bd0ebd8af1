import { crc32 } from 'node:zlib'
import type { Row, Transaction, Value } from './database.ts'
import { type StateTable, storedColumns, type TableName, tableOf } from './tables.ts'

// Each row that a decision reads has a checksum of all its columns, so a flipped bit in a version, a name or a
// time is damage and not another fact.

/** The checksum of a row: CRC-32 as eight hex digits. It finds every change of up to 32 bits in a row. */
export function sealOf(table: TableName, row: Row): string {
  // A database may replace NUL (PostgreSQL's text can't hold it).
  const text = JSON.stringify([table, ...row.map(storable)])
  return crc32(text).toString(16).padStart(8, '0')
}

function storable(value: Value): Value {
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value
}

/** Inserts a row or replaces the one with its key. `unless`: a condition without which a row is not replaced. */
export function putRow(
  tx: Transaction,
  name: TableName,
  row: Row,
  unless: { readonly where: string; readonly values: readonly Value[] } | null = null,
): Promise<number> {
  const table = tableOf(name)
  const { columns, keys } = table
  const all = storedColumns(table)
  const others = all.slice(keys).map((column) => `${column} = excluded.${column}`)
  const sql = `insert into ${name} (${all.join(', ')}) values (${all.map(() => '?').join(', ')})
     on conflict (${columns.slice(0, keys).join(', ')}) do update set ${others.join(', ')}`
  const values = [...row, sealOf(name, row)]
  if (unless === null) return tx.run(sql, values)
  return tx.run(`${sql} where ${unless.where}`, [...values, ...unless.values])
}

/** The columns of a table with the checksum last, for `opened`. */
export function sealedColumns(name: TableName): string {
  return storedColumns(tableOf(name)).join(', ')
}

/** The rows of a target. Throws `state-corrupted` for a row that is damaged. */
export async function openRows<R extends Row>(
  tx: Transaction,
  name: TableName,
  target: string,
): Promise<readonly R[]> {
  const rows = await tx.all(`select ${sealedColumns(name)} from ${name} where target = ?`, [target])
  return rows.map((row) => opened<R>(tx, name, row))
}

/** A row of `sealedColumns` without its checksum. Throws `state-corrupted` if they don't agree. */
export function opened<R extends Row>(tx: Transaction, name: TableName, row: Row): R {
  const columns = row.slice(0, -1)
  if (row.at(-1) !== sealOf(name, columns)) {
    throw tx.damaged(placeOf(tableOf(name), row), 'its checksum is wrong')
  }
  return columns as unknown as R
}

/** Decodes a text of a row. Throws `state-corrupted` for one that was not written by this program. */
export function decoded<T>(
  tx: Transaction,
  place: string,
  text: Value,
  decode: (text: string) => T,
): T {
  try {
    if (typeof text !== 'string') throw new TypeError('not a text')
    return decode(text)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw tx.damaged(place, error.message)
    }
    throw error
  }
}

/** Names a row in a message: `film in table records`. */
export function placeOf({ name, keys, columns }: StateTable, row: Row): string {
  const key = row.slice(columns[0] === 'target' ? 1 : 0, keys).join(' ')
  return `${key} in table ${name}`
}
