import type { Shape, Version } from './version.ts'

/** What was found at an asset's relation or file. `recorded`: proved to be unchanged since the record. */
export type Found =
  | { readonly state: 'recorded' }
  | { readonly state: 'absent' }
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
  | { readonly answer: 'unchanged' }
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
