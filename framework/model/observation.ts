import type { Shape, Version } from './version.ts'

/** What was found at an asset's relation or file. `recorded`: proved to be unchanged since the record. */
export type Found =
  | { readonly state: 'recorded' }
  /** `message`: why it counts as that, if a part of it exists. */
  | { readonly state: 'absent'; readonly message?: string }
  /** Something else has replaced a part of it, whatever it holds. */
  | { readonly state: 'replaced'; readonly message: string }
  | { readonly state: 'unreadable'; readonly message: string }
  | {
      readonly state: 'present'
      /** null: the asset exists and may have changed, but its content was not read or can't be read. */
      readonly version: Version | null
      readonly shape: Shape | null
      /** A view's definition as the warehouse shows it, hashed. */
      readonly installed: string | null
      readonly token: string | null
      readonly rows: number | null
    }

/** The answer of a source to whether a stream changed since its load (SEMANTICS 8). */
export type Probe =
  /**
   * `asFarAs`: as far as this column of the source tells, which can't show every change (SEMANTICS 38). Then the
   * freshness policy applies too. Without it, the answer is a proof.
   */
  | { readonly answer: 'unchanged'; readonly asFarAs?: string }
  | { readonly answer: 'moved'; readonly message: string }
  | { readonly answer: 'unknown'; readonly message: string }
  /** The source can't be asked, as through Airbyte's API. The freshness policy decides. */
  | { readonly answer: 'not_asked' }

export interface Observation {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly found: Found
  readonly probe: Probe
}
