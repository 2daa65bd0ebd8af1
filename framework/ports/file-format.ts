import type { Problem, Result } from '../model/problem.ts'
import type { Version } from '../model/version.ts'
import type { TextTable } from './text-table.ts'

/** A format of files that no warehouse writes. Its files are made from Parquet files. */
export interface FileFormat {
  /** Why this machine can't write such files; null if it can. */
  unavailable(): Problem | null
  /**
   * Writes the rows of a Parquet file to a file that does not exist yet, and reads it back. Absolute paths. When the
   * signal is aborted, it stops with the problem `cancelled`. Problems: its program can't be installed or does not
   * run; the disk is full; a value that the format can't hold.
   */
  write(parquet: string, file: string, signal: AbortSignal): Promise<Result<FileContent>>
  /**
   * What a file holds; null if the program that reads it is not installed. The version of what is no file of this format
   * is that of no other file. Changes neither the file nor its times. Creates no environment.
   */
  read(file: string): Promise<FileContent | null>
  /**
   * All rows of a file, in no order; null if the program that reads it is not installed. Rejects for what is no file of this
   * format. Otherwise as `read`.
   */
  rows(file: string): Promise<TextTable | null>
  close(): Promise<void>
}

/** Equal versions mean equal columns and equal rows, in any order. */
export interface FileContent {
  readonly version: Version
  /** null: it is no file of the format. */
  readonly rows: number | null
}
