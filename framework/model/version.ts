import { hash } from '../lib/hash.ts'

/**
 * Names what an asset holds, as `<prefix>:<digest>`. The prefix says how the version was made
 * (`VersionMode`); versions of two modes are never equal. A content version also carries the scheme
 * that computed its digest: `c:duckdb-1.5/1:3f2a91c0…`. This file alone constructs and reads them.
 */
export type Version = string

/** How a version was made, by its prefix. SEMANTICS, "Versions". */
const PREFIXES = {
  /** Hash of the rows and columns that readers see. */
  content: 'c',
  /** Hash of the code and of the input versions: a virtual asset, or `data_version: derived`. */
  key: 'k',
  /** The warehouse's change token of the table, which changes with every write. */
  token: 't',
  /** Hash of a file's bytes. */
  file: 'f',
  /** New since a run: `data_version: always_new`. */
  new: 'n',
  /** Only in observations: the asset matches its record, and the record has no version. */
  asRecorded: 'u',
  /** Only in observations: the definition that the warehouse showed for a view. */
  definition: 'd',
} as const
export type VersionMode = keyof typeof PREFIXES

const MODES = new Map(
  Object.entries(PREFIXES).map(([mode, prefix]) => [prefix, mode as VersionMode]),
)

/** `scheme` names the algorithm and its revision; `parts` are hashed together with it. */
export function contentVersion(scheme: string, ...parts: readonly string[]): Version {
  return `${PREFIXES.content}:${scheme}:${hash(scheme, ...parts)}`
}

/** `parts`: the code version, then the name and version of each input. */
export function keyVersion(...parts: readonly string[]): Version {
  return `${PREFIXES.key}:${hash(...parts)}`
}

/** Two relations may have equal tokens by chance, so the relation is part of the version. */
export function tokenVersion(relation: string, token: string): Version {
  return `${PREFIXES.token}:${hash(relation, token)}`
}

/** The version of work that leaves nothing to observe: the run's number is the token. */
export function runVersion(run: number): Version {
  return `${PREFIXES.token}:${run}`
}

/** `digest`: SHA-256 of the bytes. */
export function fileVersion(digest: string): Version {
  return `${PREFIXES.file}:${digest}`
}

/** `since`: the start of a run, as `newSince` returns it. */
export function newVersion(since: number): Version {
  return `${PREFIXES.new}:${since}`
}

/**
 * The number of the next `always_new` version of an asset: the start of the run in milliseconds since
 * the epoch. If a version in `before` is not earlier, because the clock was set back, it is one more
 * than the latest of these (SEMANTICS 26).
 */
export function newSince(start: number, before: Iterable<Version | null | undefined>): number {
  let since = start
  for (const version of before) {
    if (version != null && modeOfVersion(version) === 'new') {
      since = Math.max(since, numberOf(version) + 1)
    }
  }
  return since
}

/** Whether both are `always_new` and the first is the older one. */
export function isOlder(version: Version, than: Version | null): boolean {
  if (than === null || modeOfVersion(version) !== 'new' || modeOfVersion(than) !== 'new') {
    return false
  }
  return numberOf(version) < numberOf(than)
}

function numberOf(version: Version): number {
  return Number(version.slice(version.indexOf(':') + 1))
}

/** The version in an observation of an asset whose record has no version. */
export const AS_RECORDED: Version = `${PREFIXES.asRecorded}:`

/** `installed`: hash of the definition that the warehouse showed. */
export function definitionVersion(installed: string | null): Version {
  return `${PREFIXES.definition}:${installed}`
}

export function modeOfVersion(version: Version): VersionMode {
  const mode = MODES.get(version.slice(0, version.indexOf(':')) as 'c')
  if (mode === undefined) throw new Error(`not a version: ${version}`)
  return mode
}

/** The part before the digest: `c:duckdb-1.5/1`. Only versions of equal schemes can be compared. */
export function schemeOf(version: Version): string {
  return version.slice(0, version.lastIndexOf(':'))
}

/** Eight characters of the digest, for people. */
export function shortVersion(version: Version): string {
  return version.slice(version.lastIndexOf(':') + 1).slice(0, 8)
}

/** The relation of an asset and its columns: what a view over it was compiled against. */
export interface Shape {
  readonly relation: string | null
  /** Hash of the ordered column names and types; null if there are none or they are not known. */
  readonly columns: string | null
}

/** What is known of an asset's version at one moment of a run (SEMANTICS 1–3). */
export type Settled =
  | { readonly state: 'settled'; readonly version: Version; readonly shape: Shape | null }
  /**
   * Known later in this run. `shape` is set for a view that is not replaced and whose content is
   * still to be hashed; `relation` for an asset that is certain to be built there.
   */
  | { readonly state: 'unsettled'; readonly shape?: Shape | null; readonly relation?: string }
  /** Can't be known; equals nothing, not even itself. */
  | { readonly state: 'unknown' }
  /** It does not exist and nothing in this run builds it. */
  | { readonly state: 'absent' }
