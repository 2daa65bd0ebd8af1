/** How a component reaches a user's machine. */
export type Use =
  /** npm installs it with the package. */
  | 'installed'
  /** Its code is in `dist/`. */
  | 'bundled'
  /** A command installs it when it first needs dbt. */
  | 'installed on first use'

/** A package of others that the program consists of. */
export interface Component {
  readonly name: string
  readonly version: string
  /** Package URL: its registry, name and version as one text. It is the identity of a component. */
  readonly purl: string
  /** An SPDX expression. */
  readonly licence: string
  /** Hex digests of the files that a registry has of it. One of them is installed. */
  readonly hashes: readonly Digest[]
  readonly use: Use
  /** Installed on some systems or for some targets only. */
  readonly isOptional: boolean
  /** Package URLs of what it needs. null: the lock file does not say. */
  readonly needs: readonly string[] | null
  readonly notes: Readonly<Record<string, string>>
}

/** A hash in CycloneDX's terms. */
export interface Digest {
  readonly alg: 'SHA-256' | 'SHA-512'
  readonly content: string
}
