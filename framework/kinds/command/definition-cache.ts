import { LazyMap } from '../../lib/lazy-map.ts'
import type { Definition } from '../../model/definition.ts'
import type { AssetTable } from '../../model/tables/asset-table.ts'
import { CodeVersionTable } from '../../model/tables/code-version-table.ts'
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
  const { build, files: ranges } = assets.arrays
  const cache = readCommandCache(site, build)
  const reader = new CodeReader(site, cache.memo)
  const isChanged = cache.dependencies.map(
    ({ dependency, version }) => reader.versionOf(dependency) !== version,
  )
  const isValid = (file: CachedFile) => !file.dependencies.some((index) => isChanged[index])
  const isCurrent = ranges.every(({ hash }, index) => {
    const cached = cache.files[index]
    return cached?.hash === hash && isValid(cached)
  })
  if (isCurrent && cache.files.length === ranges.length) {
    const { memo } = reader
    const unsaved = Object.keys(memo).filter((file) => cache.memo[file] === undefined)
    if (unsaved.length > MAX_UNSAVED_HASHES) {
      writeCommandCache(site, build, { ...cache, memo })
    }
    return createDefinitions(cache.codes, assets, site, reader)
  }

  const cachedByHash = new Map(cache.files.map((file) => [file.hash, file]))
  const codes = new CodeVersionTable(assets.size)
  const numbered = new NumberedDependencies(reader)
  const files: CachedFile[] = []
  for (const [index, file] of ranges.entries()) {
    const cached = cachedByHash.get(file.hash)
    let dependencies: readonly CodeDependency[] | null
    if (cached !== undefined && isValid(cached)) {
      codes.copy(cache.codes, cached.from, file.to - file.from, file.from)
      dependencies = cached.dependencies.map((at) => cache.dependencies[at]!.dependency)
    } else {
      dependencies = defineFile(index, assets, site.target.name, reader, codes)
    }
    if (dependencies === null) return null
    const numbers = new Set(dependencies.map((dependency) => numbered.numberOf(dependency)))
    files.push({ hash: file.hash, from: file.from, dependencies: [...numbers] })
  }
  const next: CommandCache = { files, dependencies: numbered.all, codes, memo: reader.memo }
  writeCommandCache(site, build, next)
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
  for (const [k, asset] of assets.inFile(file).entries()) {
    if (asset.kind !== 'command') continue
    const defined = defineCommand(asset, target, reader)
    if (!defined.ok) return null
    const { code, env } = commandSpec(asset, target)
    dependencies.push(
      ...code.map((pattern) => ({ code: pattern })),
      ...env.map((name) => ({ env: name })),
    )
    codes.set(assets.arrays.files[file]!.from + k, defined.definition.codeVersion, null)
  }
  return dependencies
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
    const asset = assets.get(name)
    if (asset?.kind !== 'command') return undefined
    const defined = defineCommand(asset, site.target.name, reader)
    if (!defined.ok) return undefined
    if (recent.size === MAX_DEFINITIONS) recent.clear()
    recent.set(name, defined.definition)
    return defined.definition
  }
  const { names } = assets.arrays
  const isCommand = (_: string, i: number) => codes.has(i)
  const size = codes.isSet.reduce((sum, known) => sum + known, 0)
  return { codes, definitions: new LazyMap(size, () => names.texts.filter(isCommand), find) }
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
