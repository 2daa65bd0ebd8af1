import {
  Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type Scalar,
  YAMLMap,
  YAMLSeq,
} from 'yaml'
import { stableJson } from '../../lib/json.ts'
import type { ImportedAsset } from './imported-asset.ts'

/** The first line of a file that `assets import` keeps in step. */
export const IMPORT_MARK = 'assets import dbt'

const HEADER = ` Kept in step with dbt by: ${IMPORT_MARK}
 Of each asset, \`deps\` and what dbt says of it are replaced. Other keys, and comments, stay.`

/** How a file of imported assets changes. */
export interface Synced {
  readonly text: string
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly { readonly asset: string; readonly keys: readonly string[] }[]
}

/** A longer list is written with one line for each item. */
const FLOW_WIDTH = 80

const KINDS_OWN: readonly string[] = ['kind', 'model', 'relation', 'path']

/**
 * The text of a file that declares these assets and no others, sorted by name. `before`: its present text, without
 * syntax problems; null for a new file. Keys and comments that people added stay, and so do `deps` that `isKept` is true
 * for. If nothing differs, it is the same text, else the YAML is written again in one style. Throws if an alias has lost
 * its anchor.
 */
export function syncAssets(
  before: string | null,
  wanted: readonly ImportedAsset[],
  isKept: (dep: string) => boolean,
): Synced {
  const document = before === null ? newDocument() : parsed(before)
  const assets = mapAt(document, 'assets')
  keepFirstComment(assets)
  const kind = document.getIn(['defaults', 'kind'])
  const byName = new Map(wanted.map((asset) => [asset.name, asset]))
  const known = new Map(assets.items.map((pair) => [nameOf(pair), pair]))
  const removed = [...known.keys()].filter((name) => !byName.has(name))
  for (const name of removed) assets.delete(name)
  const added: string[] = []
  const changed: { asset: string; keys: readonly string[] }[] = []
  for (const asset of wanted.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const pair = known.get(asset.name)
    if (pair === undefined) added.push(asset.name)
    const entry = pair === undefined ? new YAMLMap() : entryOf(pair, document)
    if (entry.items.length === 0) keepComment(entry)
    const keys = update(entry, asset, kind, document, isKept)
    if (pair === undefined) insert(assets, asset.name, entry, document)
    else if (keys.length > 0) {
      pair.value = entry
      changed.push({ asset: asset.name, keys })
    }
    entry.flow = entry.items.length === 0
  }
  const isSame = added.length + removed.length + changed.length === 0
  const text = before !== null && isSame ? before : written(document, before)
  return { text, added, removed, changed }
}

function newDocument(): Document {
  const document = new Document({ defaults: { kind: 'dbt' }, assets: {} })
  document.commentBefore = HEADER
  const defaults = document.get('defaults')
  if (isMap(defaults)) defaults.flow = true
  return document
}

const parsed = (text: string): Document =>
  parseDocument(text.replaceAll('\r\n', '\n'), { uniqueKeys: false, logLevel: 'silent' })

function written(document: Document, before: string | null): string {
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false })
  return before?.includes('\r\n') === true ? text.replaceAll('\n', '\r\n') : text
}

function mapAt(document: Document, key: string): YAMLMap<Scalar> {
  const found = document.get(key)
  if (isMap(found)) {
    found.flow = false
    return found as YAMLMap<Scalar>
  }
  const map = new YAMLMap<Scalar>()
  document.set(key, map)
  return map
}

/** The comment above the first entry belongs to that entry, also when another one comes before it. */
function keepFirstComment(assets: YAMLMap<Scalar>): void {
  const key = assets.items[0]?.key
  if (assets.commentBefore == null || key === undefined) return
  key.commentBefore = assets.commentBefore
  assets.commentBefore = null
}

/** A comment beside an empty entry stays above the keys that it gets. */
function keepComment(entry: YAMLMap): void {
  if (entry.comment == null) return
  entry.commentBefore = entry.comment
  entry.comment = null
}

const nameOf = ({ key }: Pair<Scalar>): string => String(key.value)

/** The mapping of an entry. One behind an alias is copied, because it changes. */
function entryOf({ value }: Pair<Scalar>, document: Document): YAMLMap {
  if (isMap(value)) return value
  const target = isAlias(value) ? value.resolve(document) : null
  const copy = isMap(target) ? target.clone() : new YAMLMap()
  if (isCollection(copy)) delete copy.anchor
  return copy as YAMLMap
}

/** Sets what dbt says. Returns the keys that change. */
function update(
  entry: YAMLMap,
  { kind, deps, keys }: ImportedAsset,
  usual: unknown,
  document: Document,
  isKept: (dep: string) => boolean,
): readonly string[] {
  const present = (entry.toJS(document) ?? {}) as Readonly<Record<string, unknown>>
  const { kind: explicit, ...own } = { kind, ...keys }
  const wanted: Readonly<Record<string, unknown>> =
    explicit === usual && !Object.hasOwn(present, 'kind') ? own : { kind: explicit, ...own }
  const changed: string[] = []
  for (const key of KINDS_OWN) {
    if (!entry.has(key) || Object.hasOwn(wanted, key)) continue
    entry.delete(key)
    changed.push(key)
  }
  if (wanted.kind !== undefined && present.kind !== wanted.kind) {
    setFirst(entry, 'kind', wanted.kind, document)
    changed.push('kind')
  }
  for (const [key, value] of Object.entries(own)) {
    if (!KINDS_OWN.includes(key) || same(present[key], value)) continue
    entry.set(key, document.createNode(value))
    changed.push(key)
  }
  if (updateDeps(entry, deps, present.deps, document, isKept)) changed.push('deps')
  for (const [key, value] of Object.entries(own)) {
    if (KINDS_OWN.includes(key) || same(present[key], value)) continue
    entry.set(key, nodeOf(value, document))
    changed.push(key)
  }
  return changed
}

const same = (a: unknown, b: unknown) =>
  a !== undefined && stableJson(a as never) === stableJson(b as never)

function setFirst(entry: YAMLMap, key: string, value: unknown, document: Document): void {
  entry.delete(key)
  entry.items.unshift(document.createPair(key, value))
}

/** Keeps the order of those that stay. Returns whether the list changes. */
function updateDeps(
  entry: YAMLMap,
  deps: readonly string[],
  present: unknown,
  document: Document,
  isKept: (dep: string) => boolean,
): boolean {
  const before = Array.isArray(present) ? present.map(String) : []
  const gone = before.filter((dep) => !deps.includes(dep) && !isKept(dep))
  const more = deps.filter((dep) => !before.includes(dep))
  if (gone.length + more.length === 0) return false
  const list = entry.get('deps')
  const after = [...before.filter((dep) => !gone.includes(dep)), ...more]
  if (after.length === 0) entry.delete('deps')
  else if (isSeq(list)) {
    list.items = [
      ...list.items.filter((item) => !isScalar(item) || !gone.includes(String(item.value))),
      ...more.map((dep) => document.createNode(dep)),
    ]
    if (after.join(', ').length > FLOW_WIDTH) list.flow = false
  } else entry.set('deps', nodeOf(after, document))
  return true
}

/** Short lists and mappings are written on one line. */
function nodeOf(value: unknown, document: Document) {
  const node = document.createNode(value)
  if (isCollection(node)) node.flow = JSON.stringify(value).length <= FLOW_WIDTH
  if (node instanceof YAMLSeq) node.flow = node.items.join(', ').length <= FLOW_WIDTH
  return node
}

/** Before the first entry whose name is greater. */
function insert(assets: YAMLMap<Scalar>, name: string, entry: YAMLMap, document: Document): void {
  const pair = document.createPair(name, entry) as Pair<Scalar>
  const at = assets.items.findIndex((other) => nameOf(other) > name)
  assets.items.splice(at < 0 ? assets.items.length : at, 0, pair)
}
