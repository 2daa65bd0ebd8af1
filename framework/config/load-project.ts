import { FileHashes, type KnownFileHashes } from '../lib/file-hashes.ts'
import type { KindName } from '../model/asset.ts'
import type { Problem } from '../model/problem.ts'
import type { Project } from '../model/project.ts'
import {
  type CachedFile,
  EMPTY_CACHE,
  newCachedFile,
  type ProjectCache,
  readCache,
  readCompiledFile,
  readCompiledFileOrNull,
  removeCache,
  writeCache,
} from './cache/project-cache.ts'
import type { CompileResult, FileCompiler, Role, UnparsedFile } from './compile/compile-file.ts'
import { poolProblems } from './compile/pools.ts'
import { includedFiles } from './files/include.ts'
import { type ReadResult, readYamlFile } from './files/yaml-file.ts'
import { noProject, PROJECT_FILE } from './find-project.ts'
import { assetTableOf } from './link/asset-table.ts'
import { type FileToLink, type LinkedFiles, link, NO_FILES } from './link/link.ts'
import { linkProblems } from './link/link-problems.ts'
import type { Declarations } from './schema/adapter-schemas.ts'
import {
  joinLeftOut,
  type LeftOut,
  mayDeclare,
  mayFollowFrom,
  NOTHING_LEFT_OUT,
} from './sound/left-out.ts'
import { type SoundPart, type SoundProject, soundProject } from './sound/sound-project.ts'

export interface LoadOptions {
  /** Absolute path of the folder that contains `assets.yaml`. */
  readonly root: string
  /** The cache folder, created if missing; null for no cache. */
  readonly cache: string | null
  /** Identifies the build of the tool. A cache of another build is ignored. */
  readonly build: string
  readonly declarations: Declarations
  /** Whether links show files of another folder in this one: the tree of a commit shows those that git ignores. */
  readonly isShared?: boolean
}

/** Up to this many files are hashed again in each command before it is worth storing their stats. */
const MAX_UNSTORED_STATS = 8

/** A project; or its problems, and what is sound of it if enough is. */
export type LoadedProject =
  | { readonly ok: true; readonly value: Project }
  | {
      readonly ok: false
      readonly problems: readonly Problem[]
      readonly sound: () => SoundProject | null
    }

/**
 * Reads `assets.yaml` and the files that it includes. Files that did not change since the last call
 * come from the cache; if none changed, neither the YAML parser nor the schemas are loaded. Problems:
 * all problems in and between the files, each with a pointer or a location.
 */
export async function loadProject(options: LoadOptions): Promise<LoadedProject> {
  const { root, cache: folder, build, isShared = false } = options
  const cache = folder === null ? EMPTY_CACHE : readCache(folder, build)
  // The real clock, not the site's: it is compared with the times of files.
  const now = Date.now()
  const files = new ProjectFiles(options, cache, now)
  const main = await files.load(PROJECT_FILE, 'project')
  if ('problem' in main) {
    const problem = main.state === 'missing' ? noProject(root) : main.problem
    return { ok: false, problems: [problem], sound: () => null }
  }
  const loaded: LoadedFile[] = [main]
  const patterns = includePatterns(main)
  for (const included of includedFiles(root, PROJECT_FILE, patterns, isShared)) {
    if (!included.ok) {
      loaded.push(unparsed(...included.problems))
      continue
    }
    const { file, at } = included.value
    const one = await files.load(file, { unnamed: unnamedKind(main) })
    loaded.push('problem' in one ? unparsed({ ...one.problem, at }) : one)
  }
  const next = linkFiles(loaded, cache)
  const { fileStats, isWorthStoring } = files.stats()
  if (folder !== null && next.files.some(({ holdsSecret }) => holdsSecret)) removeCache(folder)
  else if (folder !== null && (!next.isStored || isWorthStoring)) {
    const { files, linked } = next
    writeCache(folder, build, { files, linked, fileStats }, cache, now)
  }
  return next.linked === null
    ? { ok: false, problems: next.problems, sound: () => soundProject(loaded.map(partOf)) }
    : { ok: true, value: projectOf(next.files, next.linked, build) }
}

/** A valid file, compiled now or by an earlier command; or a file with problems. */
type LoadedFile =
  | { readonly state: 'valid'; readonly cached: CachedFile; readonly toLink: FileToLink }
  | Exclude<CompileResult, { readonly state: 'valid' }>

type UnreadFile = Exclude<ReadResult, { readonly state: 'read' }>

const unparsed = (...problems: readonly Problem[]): LoadedFile => ({
  state: 'unparsed',
  text: null,
  problems,
})

/** Loads the files of one project: from the cache if the content is unchanged, else by compiling. */
class ProjectFiles {
  readonly #options: LoadOptions
  readonly #cache: ProjectCache
  readonly #hashes: FileHashes
  readonly #cacheIndex: ReadonlyMap<string, number>
  #compile: FileCompiler | null = null

  constructor(options: LoadOptions, cache: ProjectCache, now: number) {
    this.#options = options
    this.#cache = cache
    this.#cacheIndex = new Map(cache.files.map(({ file }, index) => [file, index]))
    this.#hashes = new FileHashes(options.root, cache.fileStats, now)
  }

  async load(file: string, role: Role): Promise<LoadedFile | UnreadFile> {
    const index = this.#cacheIndex.get(file)
    const cached = index === undefined ? undefined : this.#cache.files[index]
    const mark = role === 'project' ? '' : (role.unnamed ?? '')
    const current = this.#hashOf(file)
    if (index !== undefined && cached !== undefined && `${current}${mark}` === cached.hash) {
      const isLinked = this.#cache.linked !== null
      const toLink = isLinked ? { unchanged: index } : { compiled: readCompiledFile(cached) }
      return { state: 'valid', cached, toLink }
    }
    const { root, declarations } = this.#options
    const read = readYamlFile(root, file)
    if (read.state !== 'read') return read
    this.#compile ??= (await import('./compile/compile-file.ts')).fileCompiler(declarations)
    const before = cached === undefined ? null : readCompiledFileOrNull(cached)
    const result = await this.#compile(read.value, role, before)
    if (result.state !== 'valid') return result
    const { compiled } = result
    // Hashes the file, so that its stats are known to `stats`.
    this.#hashOf(file)
    return {
      state: 'valid',
      // The same text is another file where `kind:` may be left out.
      cached: newCachedFile(compiled, `${read.value.hash}${mark}`),
      toLink: { compiled },
    }
  }

  /** The stats of all hashed files, and whether enough of them are new to store them. */
  stats(): { readonly fileStats: KnownFileHashes; readonly isWorthStoring: boolean } {
    const { memo } = this.#hashes.memo()
    const unstored = Object.keys(memo).filter((file) => this.#cache.fileStats[file] === undefined)
    return { fileStats: memo, isWorthStoring: unstored.length > MAX_UNSTORED_STATS }
  }

  /** null if the file can't be read: `readYamlFile` then reports why. */
  #hashOf(file: string): string | null {
    try {
      return this.#hashes.of(file)
    } catch {
      return null
    }
  }
}

interface LinkResult {
  readonly files: readonly CachedFile[]
  /** null when there are problems. */
  readonly linked: LinkedFiles | null
  readonly problems: readonly Problem[]
  /** Whether the cache already contains this result. */
  readonly isStored: boolean
}

function linkFiles(loaded: readonly LoadedFile[], cache: ProjectCache): LinkResult {
  const valid = loaded.flatMap((one) => (one.state === 'valid' ? [one] : []))
  const files = valid.map(({ cached }) => cached)
  const isSame =
    cache.files.length === files.length && files.every((one, i) => one === cache.files[i])
  const areAllValid = valid.length === loaded.length
  if (isSame && areAllValid && cache.linked !== null) {
    return { files, linked: cache.linked, problems: [], isStored: true }
  }
  const pools = areAllValid ? (files[0]?.project?.settings.pools ?? {}) : {}
  const canLink = areAllValid && poolProblems(files, pools).length === 0
  const toLink = valid.map((one) => one.toLink)
  const linked = canLink ? link(toLink, cache.linked ?? NO_FILES, isOpenProject(files[0])) : null
  if (linked !== null) return { files, linked, problems: [], isStored: false }
  const isStored = isSame && cache.linked === null
  return { files, linked, problems: problemsIn(loaded), isStored }
}

function problemsIn(files: readonly LoadedFile[]): readonly Problem[] {
  const declared = files.flatMap((file) => {
    if (file.state === 'unparsed') return []
    return file.state === 'valid' ? [readCompiledFile(file.cached)] : [file.declared]
  })
  const leftOut = joinLeftOut(
    files.flatMap((file) => {
      if (file.state === 'unparsed') return [allOf(file)]
      // The names of its assets are known, whatever else is wrong with them.
      return file.state === 'invalid' ? [{ ...file.leftOut, texts: [] }] : []
    }),
  )
  const inFiles = files.flatMap((file) => (file.state === 'valid' ? [] : file.problems))
  const [main] = files
  const project = main === undefined ? null : partOf(main).compiled?.project
  const pools = project == null ? [] : poolProblems(declared, project.settings.pools)
  const ofMain = main?.state === 'invalid' ? main.leftOut : NOTHING_LEFT_OUT
  const isOpen = main !== undefined && unnamedKind(main) !== null
  return [
    ...inFiles,
    ...linkProblems(declared, (name) => isOpen || mayDeclare(leftOut, name)),
    ...pools.filter((problem) => !mayFollowFrom(problem, ofMain)),
  ]
}

function partOf(file: LoadedFile): SoundPart {
  switch (file.state) {
    case 'valid':
      return { compiled: readCompiledFile(file.cached), leftOut: NOTHING_LEFT_OUT }
    case 'invalid':
      return { compiled: file.sound, leftOut: file.leftOut }
    case 'unparsed':
      return { compiled: null, leftOut: allOf(file) }
  }
}

/** Of a file that could not be parsed, all is left out. */
function allOf({ text }: UnparsedFile): LeftOut {
  return { ...NOTHING_LEFT_OUT, anything: text === null, texts: text === null ? [] : [text] }
}

function projectOf(files: readonly CachedFile[], linked: LinkedFiles, build: string): Project {
  const section = files[0]?.project
  if (!section) throw new Error('a valid project file has a project section')
  return {
    ...section.settings,
    assets: assetTableOf(files, linked, build),
    files: files.map(({ file }) => file),
  }
}

/** The kind of assets without a `kind:`. */
function unnamedKind(main: LoadedFile): KindName | null {
  switch (main.state) {
    case 'valid':
      return isOpenProject(main.cached) ? 'dbt' : null
    case 'invalid':
      return main.unnamed
    case 'unparsed':
      return null
  }
}

/** Whether there are assets that no file declares: the nodes of dbt. */
const isOpenProject = (main: CachedFile | undefined): boolean =>
  main?.project?.settings.dbt?.models === 'all'

function includePatterns(main: LoadedFile): readonly string[] {
  switch (main.state) {
    case 'valid':
      return main.cached.project?.include ?? []
    case 'invalid':
      return main.include
    case 'unparsed':
      return []
  }
}
