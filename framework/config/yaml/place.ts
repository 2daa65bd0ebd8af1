import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml'
import type { Location, Pointer } from '../../model/location.ts'
import type { YamlDocument } from './document.ts'

/**
 * Where a pointer points in its file as it stands now. A setting that an asset took from
 * `defaults:` is found there, one that came by an alias or `<<` at the alias; whatever else is not
 * there gives the key of the nearest thing around it.
 */
export function placeOf(document: YamlDocument, pointer: Pointer): Location {
  const own = follow(document.contents, pointer.path)
  const [room, , setting, ...rest] = pointer.path
  const isLacking = room === 'assets' && own.missing === 2 && !own.indirect
  const inDefaults = setting === undefined ? ['defaults'] : ['defaults', setting, ...rest]
  const inherited = isLacking ? follow(document.contents, inDefaults) : own
  const found = (inherited.missing ?? 2) < 2 ? own : inherited
  const atKey = pointer.key === true || (found.missing !== null && !found.indirect)
  const nodes = atKey ? [found.key, found.value] : [found.value, found.key]
  const range = nodes.find((node) => node?.range && node.range[1] > node.range[0])?.range
  return document.place(range?.[0] ?? 0, range?.[1] ?? 1)
}

interface Found {
  /** Of the last part of the path that was there. */
  readonly key: ParsedNode | null
  readonly value: ParsedNode | null
  /** Index in the path of the first part that was not there. */
  readonly missing: number | null
  /** The path went on behind an alias. */
  readonly indirect: boolean
}

function follow(contents: ParsedNode | null, path: Pointer['path']): Found {
  let key: ParsedNode | null = null
  let value = contents
  for (const [index, part] of path.entries()) {
    const next = step(value, part)
    if (next === null) {
      const merged = step(value, '<<')
      const indirect = merged !== null || isAlias(value)
      return { ...(merged ?? { key, value }), missing: index, indirect }
    }
    key = next.key
    value = next.value
  }
  return { key, value, missing: null, indirect: false }
}

type Entry = Pick<Found, 'key' | 'value'>
type Mapping = YAMLMap<ParsedNode, ParsedNode | null>

/** A file of a thousand assets may have a thousand problems. */
const indexes = new WeakMap<Mapping, ReadonlyMap<string, Entry>>()

/** Of a key that stands twice the first counts, as it does for the value. */
function indexOf({ items }: Mapping): ReadonlyMap<string, Entry> {
  const named = items.filter(({ key }) => isScalar(key)).toReversed()
  return new Map(named.map((pair) => [String((pair.key as Scalar).value), pair]))
}

function step(node: ParsedNode | null, part: string | number): Entry | null {
  if (isMap<ParsedNode, ParsedNode | null>(node)) {
    const index = indexes.get(node) ?? indexOf(node)
    indexes.set(node, index)
    return index.get(String(part)) ?? null
  }
  const item = isSeq<ParsedNode>(node) && typeof part === 'number' ? node.items[part] : undefined
  return item === undefined ? null : { key: null, value: item }
}
