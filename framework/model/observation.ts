import type { Shape, Version } from './version.ts'

/** What was found where an asset lives. `recorded` is proof that nothing moved since the record. */
export type Found =
  | { readonly state: 'recorded' }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly message: string }
  | {
      readonly state: 'present'
      /** null: it is there and may have moved, and its content was not or can't be looked at. */
      readonly version: Version | null
      readonly shape: Shape | null
      /** A view's definition as the warehouse shows it, hashed. */
      readonly installed: string | null
      readonly token: string | null
      readonly rows: number | null
    }

/** What a source said when asked whether a stream moved since the load (SEMANTICS 8). */
export type Probe =
  | { readonly answer: 'unchanged' }
  | { readonly answer: 'moved'; readonly message: string }
  | { readonly answer: 'unknown'; readonly message: string }
  /** It has no such question (Airbyte's API); freshness decides. */
  | { readonly answer: 'not_asked' }

export interface Observation {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly found: Found
  readonly probe: Probe
}
