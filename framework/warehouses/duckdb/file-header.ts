import { closeSync, openSync, readSync } from 'node:fs'
import type { DuckdbLibrary } from '../../engines/duckdb/library.ts'

/** What the main header of a DuckDB file says. */
export interface FileHeader {
  readonly storageVersion: bigint
  /** The version of the library that wrote the file: `v1.5.6`; null if it does not say. */
  readonly writtenBy: string | null
}

const HEADER_BYTES = 84

/** The newest storage version that the engine reads. DuckDB 2 writes another number into the main header. */
export const NEWEST_STORAGE = 68n

/**
 * Reads the main header: a checksum, `DUCK`, the storage version, flags, and from byte 52 on the version
 * of the library (duckdb.org/docs/stable/internals/storage). null: it is no DuckDB file. Throws if
 * the file can't be read.
 */
export function readFileHeader(path: string): FileHeader | null {
  const header = Buffer.alloc(HEADER_BYTES)
  const descriptor = openSync(path, 'r')
  try {
    readSync(descriptor, header, 0, HEADER_BYTES, 0)
  } finally {
    closeSync(descriptor)
  }
  if (header.toString('latin1', 8, 12) !== 'DUCK') return null
  const version = header.toString('latin1', 52).replaceAll('\0', '')
  return {
    storageVersion: header.readBigUInt64LE(12),
    writtenBy: version === '' ? null : version,
  }
}

/** A file that the engine can't read, because a later version of DuckDB wrote it. */
export class NewerFile extends Error {
  readonly writtenBy: string | null
  /** The library that can't read it. */
  readonly by: DuckdbLibrary

  constructor(message: string, writtenBy: string | null, by: DuckdbLibrary) {
    super(message)
    this.writtenBy = writtenBy
    this.by = by
  }
}
