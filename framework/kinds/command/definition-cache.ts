import { putHash } from '../../lib/hash.ts'
import { LazyMap } from '../../lib/lazy-map.ts'
import type { AssetTable, CodeVersionTable, FileRange } from '../../model/columns.ts'
import type { Definition } from '../../model/definition.ts'
import type { CachedDefinitions } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { CodeReader, type Ground } from './code.ts'
import { defineCommand } from './define.ts'
import { type Kept, type KeptFile, readKept, writeKept } from './kept.ts'
import { commandSpec } from './spec.ts'

/** Files that may be hashed again in each command, before it is worth noting how they look. */
const FEW = 8

/** Definitions that are kept ready: who decides about an asset asks for its definition several times in a row. */
const RECENT = 1_000

/**
 * The code versions of all commands of a project: kept ones for a YAML file whose content they were made
 * of, where nothing else that they rest on moved; made anew for the others. Null when something is wrong
 * with one of them. A definition itself is made when it is asked for.
 */
export function readCachedCommands(columns: AssetTable, site: Site): CachedDefinitions | null {
  const kept = readKept(site, columns.build)
  const reader = new CodeReader(site, kept.memo)
  const isMoved = kept.grounds.map(({ ground, version }) => reader.versionOf(ground) !== version)
  const places = new Map(kept.files.map((file, place) => [file.hash, place]))
  const isWhole = columns.files.every(({ hash }, place) => {
    const before = kept.files[place]
    return before?.hash === hash && !before.grounds.some((at) => isMoved[at])
  })
  if (isWhole && kept.files.length === columns.files.length) {
    const { memo } = reader
    const unknown = Object.keys(memo).filter((file) => kept.memo[file] === undefined)
    if (unknown.length > FEW) writeKept(site, columns.build, { ...kept, memo })
    return recalled(kept.codes, columns, site, reader)
  }

  const size = columns.names.size
  const codes: CodeVersionTable = { words: new Int32Array(size * 4), known: new Uint8Array(size) }
  const grounds = new Grounds(reader)
  const files: KeptFile[] = []
  for (const [at, file] of columns.files.entries()) {
    const before = kept.files[places.get(file.hash) ?? -1]
    if (before !== undefined && !before.grounds.some((ground) => isMoved[ground])) {
      copy(kept.codes, before.from, codes, file)
      const same = before.grounds.map((ground) => grounds.numberOf(kept.grounds[ground]!.ground))
      files.push({ hash: file.hash, from: file.from, grounds: same })
      continue
    }
    const rests = defineFile(at, columns, site.target.name, reader, codes)
    if (rests === null) return null
    const numbers = new Set(rests.map((ground) => grounds.numberOf(ground)))
    files.push({ hash: file.hash, from: file.from, grounds: [...numbers] })
  }
  const next: Kept = { files, grounds: grounds.all, codes, memo: reader.memo }
  writeKept(site, columns.build, next)
  return recalled(codes, columns, site, reader)
}

/** Defines the commands of one file into `codes`; what they rest on, or null for a problem. */
function defineFile(
  at: number,
  columns: AssetTable,
  target: string,
  reader: CodeReader,
  codes: CodeVersionTable,
): readonly Ground[] | null {
  const rests: Ground[] = []
  for (const [k, asset] of columns.assetsOf(at).entries()) {
    if (asset.kind !== 'command') continue
    const meaning = defineCommand(asset, target, reader)
    if (!meaning.ok) return null
    const { code, env } = commandSpec(asset, target)
    rests.push(...code.map((pattern) => ({ code: pattern })), ...env.map((name) => ({ env: name })))
    const i = columns.files[at]!.from + k
    putHash(codes.words, i, meaning.definition.codeVersion)
    codes.known[i] = 1
  }
  return rests
}

function copy(
  from: CodeVersionTable,
  start: number,
  to: CodeVersionTable,
  { from: at, to: end }: FileRange,
) {
  const count = end - at
  to.words.set(from.words.subarray(start * 4, (start + count) * 4), at * 4)
  to.known.set(from.known.subarray(start, start + count), at)
}

function recalled(
  codes: CodeVersionTable,
  columns: AssetTable,
  site: Site,
  reader: CodeReader,
): CachedDefinitions {
  const recent = new Map<string, Definition>()
  const find = (name: string): Definition | undefined => {
    const known = recent.get(name)
    if (known !== undefined) return known
    const asset = columns.byName.get(name)
    if (asset?.kind !== 'command') return undefined
    const meaning = defineCommand(asset, site.target.name, reader)
    if (!meaning.ok) return undefined
    if (recent.size === RECENT) recent.clear()
    recent.set(name, meaning.definition)
    return meaning.definition
  }
  const { names } = columns
  const isCommand = (_: string, i: number) => codes.known[i] === 1
  const size = codes.known.reduce((sum, known) => sum + known, 0)
  // A copy: whoever decides may know more of an asset than its kind does.
  const own = { words: codes.words, known: codes.known.slice() }
  return { codes: own, definitions: new LazyMap(size, () => names.texts.filter(isCommand), find) }
}

/** Grounds numbered as they come, with what they are now. */
class Grounds {
  readonly all: { readonly ground: Ground; readonly version: string }[] = []
  readonly #reader: CodeReader
  readonly #numbers = new Map<string, number>()

  constructor(reader: CodeReader) {
    this.#reader = reader
  }

  numberOf(ground: Ground): number {
    const key = 'env' in ground ? `env ${ground.env}` : `code ${ground.code}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.all.length)
    return this.all.push({ ground, version: this.#reader.versionOf(ground) }) - 1
  }
}
