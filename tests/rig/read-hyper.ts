import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'

/** What the vendor's own driver reads in a .hyper file. Values are as Python writes them. */
export interface ReadHyper {
  readonly tables: readonly string[]
  readonly columns: readonly (readonly [name: string, type: string])[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** Reads .hyper files with the vendor's driver, in the Python environment `folder`. */
export async function readHyper(
  folder: string,
  ...files: readonly string[]
): Promise<readonly ReadHyper[]> {
  const script = join(import.meta.dirname, 'read_hyper.py')
  const { stdout } = await promisify(execFile)(join(folder, 'bin/python'), [script, ...files], {
    maxBuffer: 1e9,
  })
  return JSON.parse(stdout) as ReadHyper[]
}

/** The rows of a CSV file, its texts converted to the types of the .hyper file and shown as Python shows them. */
export async function rowsOfCsv(
  path: string,
  { columns }: ReadHyper,
): Promise<readonly (readonly (string | null)[])[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  // The driver leaves out some zeros at the end of a decimal.
  await connection.run(
    `create macro trim_zeros(t) as case when t like '%.%' then rtrim(rtrim(t, '0'), '.') else t end`,
  )
  const values = columns.map(([name, type]) => `${shown(`"${name}"`, type)}`)
  const reader = await connection.runAndReadAll(
    `select ${values.join(', ')} from read_csv('${path}', all_varchar = true, header = true, allow_quoted_nulls = false)`,
  )
  const rows = reader.getRowsJson() as (string | null)[][]
  connection.closeSync()
  instance.closeSync()
  return rows
}

/** A text of a CSV file as Python writes a value of the type. Throws at a type that no report has. */
function shown(column: string, type: string): string {
  const [name] = type.split('(')
  switch (name) {
    case 'TEXT':
      return column
    case 'BOOL':
      return `case ${column} when 'true' then 'True' when 'false' then 'False' end`
    case 'BIG_INT':
    case 'INT':
    case 'SMALL_INT':
      return `(${column}::bigint)::varchar`
    case 'NUMERIC':
      return `trim_zeros((${column}::decimal${type.slice('NUMERIC'.length)})::varchar)`
    case 'DATE':
      return `strftime(${column}::date, '%Y-%m-%d')`
    case 'TIMESTAMP':
      return `case when ${column} like '%.%' then strftime(${column}::timestamp, '%Y-%m-%d %H:%M:%S.%f') else ${column} end`
    case 'DOUBLE':
      return `(${column}::double)::varchar`
    default:
      throw new Error(`a report has the type ${type}`)
  }
}

/** Rows as texts, in an order that does not depend on theirs. */
export const sortedRows = (rows: readonly (readonly (string | null)[])[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).sort()
