import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml'
import type { Location, Pointer } from '../../model/location.ts'
import type { YamlDocument } from './document.ts'

/**
 * The location of a pointer in its file's current text. A setting that an asset inherits is located in
 * `defaults:`; a value behind an alias or `<<`, at the alias. For a path that does not exist, it is the
 * key of the nearest value around it.
 */
export function pointerLocation(document: YamlDocument, pointer: Pointer): Location {
  const own = follow(document.contents, pointer.path)
  const [section, , setting, ...rest] = pointer.path
  const isAbsentSetting = section === 'assets' && own.missing === 2 && !own.indirect
  const inDefaults = setting === undefined ? ['defaults'] : ['defaults', setting, ...rest]
  const inherited = isAbsentSetting ? follow(document.contents, inDefaults) : own
  const match = (inherited.missing ?? 2) < 2 ? own : inherited
  const atKey = pointer.key === true || (match.missing !== null && !match.indirect)
  const nodes = atKey ? [match.key, match.value] : [match.value, match.key]
  const range = nodes.find((node) => node?.range && node.range[1] > node.range[0])?.range
  return document.locationOf(range?.[0] ?? 0, range?.[1] ?? 1)
}

interface PathMatch {
  /** Key and value of the last part of the path that exists. */
  readonly key: ParsedNode | null
  readonly value: ParsedNode | null
  /** Index in the path of the first part that does not exist; null if all exist. */
  readonly missing: number | null
  /** Whether the path continues behind an alias or `<<`. */
  readonly indirect: boolean
}

function follow(contents: ParsedNode | null, path: Pointer['path']): PathMatch {
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

type KeyAndValue = Pick<PathMatch, 'key' | 'value'>
type MappingNode = YAMLMap<ParsedNode, ParsedNode | null>

/** Keys by name, kept per mapping: a file of a thousand assets may have a thousand problems. */
const indexes = new WeakMap<MappingNode, ReadonlyMap<string, KeyAndValue>>()

/** Of duplicate keys the first one counts, as in `readValue`. */
function indexOf({ items }: MappingNode): ReadonlyMap<string, KeyAndValue> {
  const named = items.filter(({ key }) => isScalar(key)).toReversed()
  return new Map(named.map((pair) => [String((pair.key as Scalar).value), pair]))
}

function step(node: ParsedNode | null, part: string | number): KeyAndValue | null {
  if (isMap<ParsedNode, ParsedNode | null>(node)) {
    const index = indexes.get(node) ?? indexOf(node)
    indexes.set(node, index)
    return index.get(String(part)) ?? null
  }
  const item = isSeq<ParsedNode>(node) && typeof part === 'number' ? node.items[part] : undefined
  return item === undefined ? null : { key: null, value: item }
}
