import { isMap, isScalar } from 'yaml'
import { hash } from '../../lib/hash.ts'
import type { YamlDocument } from '../yaml/document.ts'

// Most edits change one asset of a file. So a text is cut at its assets, and one that was compiled before
// is not parsed again (decisions/0005).

/** A text as what stands above its assets, and each asset from its key up to the next one's line. */
export interface Cut {
  readonly head: string
  readonly entries: readonly string[]
  /** How far the key of an asset stands to the right. */
  readonly indent: number
}

/** A cut as it is kept: hashes of its parts. */
export interface CutHashes {
  readonly head: string
  readonly entries: readonly string[]
}

/**
 * Cuts a text where its lines look like keys of assets, which `isTrue` has to confirm. Null for a text
 * of another form, and for one in which an alias might refer to what stands in another part.
 */
export function cutAtAssets(text: string): Cut | null {
  if (text.includes('&') && text.includes('*')) return null
  const opening = /^assets: *\n( +)(?=[A-Za-z_])/m.exec(text)
  if (opening === null) return null
  const indent = opening[1]!.length
  const start = opening.index + opening[0].length - indent
  const key = new RegExp(`^ {${indent}}[A-Za-z_][\\w.]*:`, 'gm')
  key.lastIndex = start
  const starts = [...text.matchAll(key)].map(({ index }) => index)
  if (starts[0] !== start) return null
  const entries = starts.map((from, k) => text.slice(from, starts[k + 1]))
  return { head: text.slice(0, start), entries, indent }
}

export function hashesOf({ head, entries }: Cut): CutHashes {
  return { head: hash(head), entries: entries.map((entry) => hash(entry)) }
}

/**
 * Whether the text was cut at its assets and nowhere else: each entry begins at a key of `assets:`, all
 * of them do, and `assets:` is the last thing that the file says. Then each entry is whole by itself.
 */
export function isTrue({ head, entries, indent }: Cut, { contents }: YamlDocument): boolean {
  if (!isMap(contents)) return false
  const last = contents.items.at(-1)
  if (!isScalar(last?.key) || last.key.value !== 'assets') return false
  const keys = isMap(last.value) ? last.value.items.map(({ key }) => key) : []
  if (keys.length !== entries.length) return false
  let at = head.length
  return entries.every((entry, k) => {
    const key = keys[k]
    const isThere = isScalar(key) && key.range?.[0] === at + indent
    at += entry.length
    return isThere
  })
}
