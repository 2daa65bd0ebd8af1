import type { TextTable } from '../../ports/text-table.ts'
import { openDuckdb } from './engine.ts'
import { literal } from './names.ts'

/** All rows of a Parquet file, in its order. Rejects with DuckDB's error. */
export async function readParquet(file: string): Promise<TextTable> {
  const engine = await openDuckdb(':memory:')
  try {
    const { run, close } = await engine.connect()
    try {
      // Without the pattern characters, because a path may have them.
      const source = `read_parquet([${literal(file.replaceAll(/[*?[]/g, '[$&]'))}])`
      const described = await run(`select column_name from (describe from ${source})`)
      const rows = await run(`select cast(columns(*) as varchar) from ${source}`)
      return {
        columns: described.map(([name]) => String(name)),
        rows: rows.map((row) => row.map((value) => (value === null ? null : String(value)))),
      }
    } finally {
      close()
    }
  } finally {
    await engine.close()
  }
}
