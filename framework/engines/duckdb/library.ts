import type { PythonLibrary } from '../../ports/site.ts'
import { type DuckdbEngine, duckdbVersion, openDuckdb } from './engine.ts'

/** A version of DuckDB, and how to open files with it. */
export interface DuckdbLibrary {
  /** As DuckDB names it: `v1.5.6`. */
  readonly version: string
  /** The interpreter that it is a package of; null: it is this program's own. */
  readonly python: string | null
  open(path: string): Promise<DuckdbEngine>
}

/**
 * The DuckDB that opens a project's files: our own, unless dbt's Python has another minor version (SEMANTICS 2d).
 * Minor versions hash values in other ways, write out views in other ways, and may not read each other's files.
 */
export async function duckdbLibrary(ofDbt: PythonLibrary | null): Promise<DuckdbLibrary> {
  const own = await duckdbVersion()
  if (ofDbt === null || minorVersion(ofDbt.version) === minorVersion(own)) {
    return { version: own, python: null, open: openDuckdb }
  }
  const { python, version } = ofDbt
  const { openDuckdbInPython } = await import('./python-engine.ts')
  return { version: `v${version}`, python, open: (path) => openDuckdbInPython(python, path) }
}

/** `1.5` of `v1.5.6`. What is no such version is returned as it is. */
export function minorVersion(version: string): string {
  return version.match(/\d+\.\d+/)?.[0] ?? version
}
