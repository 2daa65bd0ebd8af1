/**
 * A version names content by a hash, prefixed with its mode: `c:` content, `k:` key of a virtual
 * asset, `t:` change token, `f:` file bytes. Versions of two modes never compare equal, and a
 * content version also carries the scheme that computed it: `c:duckdb-1.5/1:3f2a91c0…`.
 */
export type Version = string

/** What is known of an asset's version at one moment of a run (SEMANTICS 1–3). */
export type Settled =
  | { readonly state: 'settled'; readonly version: Version; readonly shape: Shape | null }
  /**
   * Known later in this run. A view that is as it was built, and whose data nobody has looked at yet,
   * has its shape all the same.
   */
  | { readonly state: 'unsettled'; readonly shape?: Shape | null }
  /** Can't be known; equals nothing, not even itself. */
  | { readonly state: 'unknown' }
  /** Nothing is there and nothing in this run makes it. */
  | { readonly state: 'absent' }

/** Where an asset lives and what columns it shows: what a view below it was compiled against. */
export interface Shape {
  readonly relation: string | null
  /** Hash of the ordered column names and types; null where it has none or none is known. */
  readonly columns: string | null
}

/** The part of a version before its digest: `c:duckdb-1.5/1`. Equal schemes can be compared. */
export function schemeOf(version: Version): string {
  return version.slice(0, version.lastIndexOf(':'))
}

/** Eight characters of the digest, for people. */
export function shortVersion(version: Version): string {
  return version.slice(version.lastIndexOf(':') + 1).slice(0, 8)
}
