import { hash } from '../lib/hash.ts'
import type { Asset } from './asset.ts'
import type { Definition } from './definition.ts'
import type { Settled, Shape, Version } from './version.ts'

/** How a version comes about: what YAML asks for, else what the kind says. */
export function modeOf({ policy }: Asset, definition: Definition): Definition['dataVersion'] {
  return policy.dataVersion === 'default' ? definition.dataVersion : policy.dataVersion
}

/** The version of what is always new, taken to be new since `since`: a run's number or its start. */
export function newVersion(since: number): Version {
  return `n:${since}`
}

/** Whether one thing that was new is so since before another; false where one of them was not. */
export function isOlder(version: Version, than: Version | null): boolean {
  const [since, other] = [version, than].map((one) => (one?.startsWith('n:') ? one.slice(2) : null))
  return since != null && other != null && Number(since) < Number(other)
}

/** What a build gave or an observation found. */
export interface Seen {
  readonly content: Version | null
  readonly token: string | null
  readonly shape: Shape | null
}

/**
 * The version of something built or found, under its mode; null when it can't be known. `content` is
 * what a hash gave, `token` the cheap change token of what stands at `shape`, `key` that of the
 * definition and its inputs.
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
      // A kind whose work leaves nothing to look at makes a token of its own.
      if (seen.content?.startsWith('t:')) return seen.content
      // Tokens of two places may be equal without a meaning.
      return seen.token === null ? null : `t:${hash(seen.shape?.relation ?? '', seen.token)}`
    case 'derived':
      return key.state === 'settled' ? key.version : null
    case 'always_new':
      return newVersion(since)
  }
}
