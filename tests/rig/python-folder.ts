import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The packages of an environment that can run dbt on DuckDB. */
export const DBT = ['dbt_core-1.11.16', 'dbt_duckdb-1.11.1', 'duckdb-1.5.6'] as const

/** Writes a folder that looks like a Python environment with these packages, and returns its path. */
export function pythonFolder(folder: string, packages: readonly string[] = DBT): string {
  writeProgram(join(folder, 'bin/python'), '#!/bin/sh\necho Python 3.11.7\n')
  for (const name of packages) {
    mkdirSync(join(folder, `lib/python3.11/site-packages/${name}.dist-info`), { recursive: true })
  }
  return folder
}

/** Writes an executable file. */
export function writeProgram(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text, { mode: 0o755 })
}
