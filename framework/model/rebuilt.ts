import type { Problem } from './problem.ts'
import type { Version } from './version.ts'

/** What came of building an asset twice. */
export type Rebuilt =
  | {
      readonly is: 'compared'
      /** What is there, what came out first, and what second. */
      readonly versions: readonly [stored: Version, first: Version, second: Version]
      readonly rows: readonly [stored: number, first: number, second: number] | null
      /** Where two of them differ: the columns, of first and second or else of stored and first. */
      readonly differing: readonly ColumnDifference[] | null
    }
  | { readonly is: 'left_out'; readonly because: string }
  | { readonly is: 'failed'; readonly problem: Problem }

export interface ColumnDifference {
  readonly column: string
  /** `pairing`: its values are the same, but stand in other rows. */
  readonly differs: 'values' | 'pairing' | 'type' | 'gone' | 'new'
}
