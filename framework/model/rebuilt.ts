import type { Problem } from './problem.ts'
import type { Version } from './version.ts'

/** The result of building an asset twice in scratch. */
export type Rebuilt =
  | {
      readonly is: 'compared'
      /** The stored content and that of both builds. */
      readonly versions: readonly [stored: Version, first: Version, second: Version]
      readonly rows: readonly [stored: number, first: number, second: number] | null
      /** The columns that differ: between the two builds, or if these are equal, from the stored content. */
      readonly differing: readonly ColumnDifference[] | null
    }
  | { readonly is: 'left_out'; readonly because: string }
  | { readonly is: 'failed'; readonly problem: Problem }

export interface ColumnDifference {
  readonly column: string
  /** `pairing`: the column has the same values, but in other rows. */
  readonly differs: 'values' | 'pairing' | 'type' | 'gone' | 'new'
}
