import type { Asset } from './asset.ts'
import type { Definition } from './definition.ts'
import {
  modeOfVersion,
  newVersion,
  type Settled,
  type Shape,
  tokenVersion,
  type Version,
} from './version.ts'

/** How an asset's version is made: by its policy, or by its kind's default. */
export function modeOf({ policy }: Asset, definition: Definition): Definition['dataVersion'] {
  return policy.dataVersion === 'default' ? definition.dataVersion : policy.dataVersion
}

/** What a build produced or an observation found. */
export interface Seen {
  /** Hash of the content. */
  readonly content: Version | null
  /** Change token of the table or file at `shape`. */
  readonly token: string | null
  readonly shape: Shape | null
}

/**
 * The version of what was built or found, under its asset's mode; null if it can't be known. `key` is
 * the key of the definition and its inputs; `since` is for `always_new`.
 */
export function versionBy(
  mode: Definition['dataVersion'],
  seen: Seen,
  key: Settled,
  since: number,
): Version | null {
  switch (mode) {
    case 'content':
      return seen.content
    case 'change_token':
      // If the work leaves nothing to observe, the kind makes the token itself.
      if (seen.content !== null && modeOfVersion(seen.content) === 'token') return seen.content
      return seen.token === null ? null : tokenVersion(seen.shape?.relation ?? '', seen.token)
    case 'derived':
      return key.state === 'settled' ? key.version : null
    case 'always_new':
      return newVersion(since)
  }
}
