import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openDuckdb } from '../../../framework/engines/duckdb/engine.ts'
import type { StreamColumn, StreamType } from '../../../framework/ports/warehouse.ts'

/** A raw table without Airbyte's columns, its values as text. */
export interface RawTable {
  readonly name: string
  readonly columns: readonly StreamColumn[]
  readonly rows: readonly (readonly (string | null)[])[]
}

const REPORTS = join(import.meta.dirname, '..', 'reports')
const PROGRAM = `
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import warehouse
from databases import DATABASES
from source import read_csv
name = sys.argv[2]
warehouse.load(DATABASES[name]() if name in DATABASES else read_csv(Path(name)), Path(sys.argv[3]))
`

/** Creates a DuckDB file with the raw tables of a database of `tests/rig/reports`, or of a folder of CSV files. */
export async function makeRawTables(python: string, database: string, file: string): Promise<void> {
  await promisify(execFile)(join(python, 'bin/python'), ['-c', PROGRAM, REPORTS, database, file], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  })
}

/** Reads the raw tables of a DuckDB file. */
export async function readRawTables(file: string): Promise<readonly RawTable[]> {
  const engine = await openDuckdb(file)
  const connection = await engine.connect()
  try {
    const tables = new Map<string, StreamColumn[]>()
    const found = await connection.run(
      `select table_name, column_name, data_type from duckdb_columns()
       where schema_name = 'raw' and not starts_with(column_name, '_airbyte_') order by table_name, column_index`,
    )
    for (const [table, name, type] of found) {
      const columns = tables.get(String(table)) ?? []
      columns.push({ name: String(name), type: streamType(String(type)) })
      tables.set(String(table), columns)
    }
    const read: RawTable[] = []
    for (const [name, columns] of tables) {
      const list = columns.map((one) => `"${one.name}"::varchar`).join(', ')
      const rows = await connection.run(`select ${list} from raw."${name}"`)
      read.push({ name, columns, rows: rows as RawTable['rows'] })
    }
    return read
  } finally {
    connection.close()
    engine.close()
  }
}

/** The stream type for a column type of the loader. */
function streamType(type: string): StreamType {
  switch (type) {
    case 'BIGINT':
      return { type: 'integer', bits: 64 }
    case 'DOUBLE':
      return { type: 'number' }
    case 'BOOLEAN':
      return { type: 'boolean' }
    case 'DATE':
      return { type: 'date' }
    case 'TIMESTAMP':
      return { type: 'timestamp' }
    case 'TIMESTAMP WITH TIME ZONE':
      return { type: 'timestamptz' }
    case 'JSON':
      return { type: 'array' }
    default:
      return { type: 'string' }
  }
}
