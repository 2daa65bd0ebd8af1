import { putHash } from '../../lib/hash.ts'
import { Lookup } from '../../lib/lookup.ts'
import type { AssetTable, CodeVersionTable, FileRange } from '../../model/columns.ts'
import type { Definition } from '../../model/definition.ts'
import type { CachedDefinitions } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import {
  type CachedFile,
  type CommandCache,
  readCommandCache,
  writeCommandCache,
} from './cache-file.ts'
import { type CodeDependency, CodeReader } from './code-reader.ts'
import { defineCommand } from './define.ts'
import { commandSpec } from './spec.ts'

/** The cache is not written again only to remember up to this many more file hashes. */
const MAX_UNSAVED_HASHES = 8

/** Definitions kept in memory: a decision asks for the same one several times in a row. */
const MAX_DEFINITIONS = 1_000

/**
 * The code versions of all commands of a project. Those of a YAML file come from the cache if its
 * content and everything else that they depend on are unchanged; the others are computed again. Null
 * if a command has a problem. Whole definitions are created on demand.
 */
export function readCachedCommands(assets: AssetTable, site: Site): CachedDefinitions | null {
  const cache = readCommandCache(site, assets.build)
  const reader = new CodeReader(site, cache.memo)
  const isChanged = cache.dependencies.map(
    ({ dependency, version }) => reader.versionOf(dependency) !== version,
  )
  const isValid = (file: CachedFile) => !file.dependencies.some((index) => isChanged[index])
  const isCurrent = assets.files.every(({ hash }, index) => {
    const cached = cache.files[index]
    return cached?.hash === hash && isValid(cached)
  })
  if (isCurrent && cache.files.length === assets.files.length) {
    const { memo } = reader
    const unsaved = Object.keys(memo).filter((file) => cache.memo[file] === undefined)
    if (unsaved.length > MAX_UNSAVED_HASHES) {
      writeCommandCache(site, assets.build, { ...cache, memo })
    }
    return createDefinitions(cache.codes, assets, site, reader)
  }

  const cachedByHash = new Map(cache.files.map((file) => [file.hash, file]))
  const size = assets.names.size
  const codes: CodeVersionTable = { words: new Int32Array(size * 4), known: new Uint8Array(size) }
  const numbered = new NumberedDependencies(reader)
  const files: CachedFile[] = []
  for (const [index, file] of assets.files.entries()) {
    const cached = cachedByHash.get(file.hash)
    let dependencies: readonly CodeDependency[] | null
    if (cached !== undefined && isValid(cached)) {
      copy(cache.codes, cached.from, codes, file)
      dependencies = cached.dependencies.map((at) => cache.dependencies[at]!.dependency)
    } else {
      dependencies = defineFile(index, assets, site.target.name, reader, codes)
    }
    if (dependencies === null) return null
    const numbers = new Set(dependencies.map((dependency) => numbered.numberOf(dependency)))
    files.push({ hash: file.hash, from: file.from, dependencies: [...numbers] })
  }
  const next: CommandCache = { files, dependencies: numbered.all, codes, memo: reader.memo }
  writeCommandCache(site, assets.build, next)
  return createDefinitions(codes, assets, site, reader)
}

/** Defines the commands of one file into `codes`. Returns what they depend on; null for a problem. */
function defineFile(
  file: number,
  assets: AssetTable,
  target: string,
  reader: CodeReader,
  codes: CodeVersionTable,
): readonly CodeDependency[] | null {
  const dependencies: CodeDependency[] = []
  for (const [k, asset] of assets.assetsOf(file).entries()) {
    if (asset.kind !== 'command') continue
    const defined = defineCommand(asset, target, reader)
    if (!defined.ok) return null
    const { code, env } = commandSpec(asset, target)
    dependencies.push(
      ...code.map((pattern) => ({ code: pattern })),
      ...env.map((name) => ({ env: name })),
    )
    const i = assets.files[file]!.from + k
    putHash(codes.words, i, defined.definition.codeVersion)
    codes.known[i] = 1
  }
  return dependencies
}

/** Copies the code versions of one file's assets from entry `start` to the file's range. */
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

function createDefinitions(
  codes: CodeVersionTable,
  assets: AssetTable,
  site: Site,
  reader: CodeReader,
): CachedDefinitions {
  const recent = new Map<string, Definition>()
  const find = (name: string): Definition | undefined => {
    const known = recent.get(name)
    if (known !== undefined) return known
    const asset = assets.byName.get(name)
    if (asset?.kind !== 'command') return undefined
    const defined = defineCommand(asset, site.target.name, reader)
    if (!defined.ok) return undefined
    if (recent.size === MAX_DEFINITIONS) recent.clear()
    recent.set(name, defined.definition)
    return defined.definition
  }
  const { names } = assets
  const isCommand = (_: string, i: number) => codes.known[i] === 1
  const size = codes.known.reduce((sum, known) => sum + known, 0)
  // `known` is copied, because the caller adds entries for assets of other kinds.
  const own = { words: codes.words, known: codes.known.slice() }
  return { codes: own, definitions: new Lookup(size, () => names.texts.filter(isCommand), find) }
}

/** Dependencies, each once and numbered in order of appearance, with their current versions. */
class NumberedDependencies {
  readonly all: { readonly dependency: CodeDependency; readonly version: string }[] = []
  readonly #reader: CodeReader
  readonly #numbers = new Map<string, number>()

  constructor(reader: CodeReader) {
    this.#reader = reader
  }

  numberOf(dependency: CodeDependency): number {
    const key = 'env' in dependency ? `env ${dependency.env}` : `code ${dependency.code}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.all.length)
    return this.all.push({ dependency, version: this.#reader.versionOf(dependency) }) - 1
  }
}
