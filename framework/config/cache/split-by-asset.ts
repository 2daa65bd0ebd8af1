import { isMap, isScalar } from 'yaml'
import { hash } from '../../lib/hash.ts'
import type { YamlDocument } from '../yaml/document.ts'

// Most edits change one asset of a file. A file's text is split at its assets, so that only the changed
// ones are parsed again (decisions/0005).

/** A file's text in parts. Joined in this order, they are the whole text. */
export interface SplitText {
  /** Everything above the first asset. */
  readonly preamble: string
  /** Each asset from its key up to the line of the next key. */
  readonly assets: readonly string[]
  /** Spaces in front of each asset's key. */
  readonly indent: number
}

/** Hashes of the parts, stored in the cache. */
export interface SplitHashes {
  readonly preamble: string
  readonly assets: readonly string[]
}

/**
 * Splits a text at the lines that look like keys of assets. `isSplitAtAssets` must confirm the result
 * with a parser. null for a text of another form, and for one with an alias: it may refer to an anchor
 * in another part.
 */
export function splitByAsset(text: string): SplitText | null {
  if (text.includes('&') && text.includes('*')) return null
  const opening = /^assets: *\n( +)(?=[A-Za-z_])/m.exec(text)
  if (opening === null) return null
  const indent = opening[1]!.length
  const start = opening.index + opening[0].length - indent
  const key = new RegExp(`^ {${indent}}[A-Za-z_][\\w.]*:`, 'gm')
  key.lastIndex = start
  const starts = [...text.matchAll(key)].map(({ index }) => index)
  if (starts[0] !== start) return null
  const assets = starts.map((from, k) => text.slice(from, starts[k + 1]))
  return { preamble: text.slice(0, start), assets, indent }
}

export function hashSplit({ preamble, assets }: SplitText): SplitHashes {
  return { preamble: hash(preamble), assets: assets.map((asset) => hash(asset)) }
}

/**
 * Whether the parts match the parsed document: each part begins at a key of `assets:`, every key has a
 * part, and `assets:` is the last key of the file. Then each part contains exactly one asset.
 */
export function isSplitAtAssets(
  { preamble, assets, indent }: SplitText,
  { contents }: YamlDocument,
): boolean {
  if (!isMap(contents)) return false
  const last = contents.items.at(-1)
  if (!isScalar(last?.key) || last.key.value !== 'assets') return false
  const keys = isMap(last.value) ? last.value.items.map(({ key }) => key) : []
  if (keys.length !== assets.length) return false
  let offset = preamble.length
  return assets.every((asset, k) => {
    const key = keys[k]
    const isAtKey = isScalar(key) && key.range?.[0] === offset + indent
    offset += asset.length
    return isAtKey
  })
}
