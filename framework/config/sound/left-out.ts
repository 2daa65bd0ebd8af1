import type { Asset } from '../../model/asset.ts'
import type { Problem } from '../../model/problem.ts'

/** What the sound part of a project with mistakes lacks. */
export interface LeftOut {
  /** The assets that are left out, with the dependencies that could be read. */
  readonly assets: readonly LeftOutAsset[]
  /** By asset, the keys that are left out of it; the rest of the asset is valid without them. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>
  /** The targets of which something is left out. */
  readonly targets: ReadonlySet<string>
  /** Whether it may declare anything: a file that can't be read, `dbt:`, `include:`. */
  readonly anything: boolean
  /** The text of all that is left out, as YAML or JSON. */
  readonly texts: readonly string[]
}

export type LeftOutAsset = Pick<Asset, 'name' | 'deps' | 'file'>

export const NOTHING_LEFT_OUT: LeftOut = {
  assets: [],
  keys: new Map(),
  targets: new Set(),
  anything: false,
  texts: [],
}

/** All that is left out of several parts. */
export function joinLeftOut(parts: readonly LeftOut[]): LeftOut {
  return {
    assets: parts.flatMap(({ assets }) => assets),
    keys: new Map(parts.flatMap(({ keys }) => [...keys])),
    targets: new Set(parts.flatMap(({ targets }) => [...targets])),
    anything: parts.some(({ anything }) => anything),
    texts: parts.flatMap(({ texts }) => texts),
  }
}

/** Whether what is left out may declare something of this name. */
export function mayDeclare(
  { texts, anything }: Pick<LeftOut, 'texts' | 'anything'>,
  name: string,
): boolean {
  if (anything) return true
  // A relation is declared by its schema and its table, or by the table alone.
  const last = name.slice(name.lastIndexOf('.') + 1)
  const word = new RegExp(`(?<!\\w)${last.replace(/[^\w]/g, '\\$&')}(?!\\w)`)
  return texts.some((text) => word.test(text))
}

/**
 * Whether a problem of the sound part may only follow from what is left out of it: it says that something does not
 * exist which may be declared there, or it is about a key that the asset has, but not in the sound part.
 */
export function mayFollowFrom(problem: Problem, leftOut: LeftOut): boolean {
  const { absent, asset, at } = problem
  if (absent !== undefined) return mayDeclare(leftOut, absent)
  const keys = asset === undefined ? undefined : leftOut.keys.get(asset)
  if (keys === undefined || at === undefined || !('path' in at)) return false
  const [section, , key] = at.path
  return section === 'assets' && keys.has(String(key))
}
