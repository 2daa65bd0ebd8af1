import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FileHashes, type KnownFileHashes } from '../lib/file-hashes.ts'
import type { Asset } from '../model/asset.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { Project } from '../model/project.ts'
import {
  type Cache,
  decode,
  decodeIfWhole,
  type Entry,
  entryOf,
  NOTHING,
  readCache,
  writeCache,
} from './cache/project-cache.ts'
import type { Compiled, Compiler } from './compile/compile-file.ts'
import { poolProblems } from './compile/pools.ts'
import { included } from './files/include.ts'
import { readSource } from './files/yaml-file.ts'
import { columnsOf } from './link/asset-table.ts'
import { type Linked, link, NOTHING_LINKED, type Part } from './link/link.ts'
import { linkProblems } from './link/link-problems.ts'
import type { Declarations } from './schema/adapter-schemas.ts'

export interface LoadOptions {
  /** Absolute path of the folder that holds `assets.yaml`. */
  readonly root: string
  /** A folder for what was compiled, made when needed; null for none. */
  readonly cache: string | null
  /** Another text whenever the tool is another: what one build compiled, no other trusts. */
  readonly build: string
  readonly declarations: Declarations
}

const PROJECT_FILE = 'assets.yaml'

/** Files that may be hashed again in each command, before it is worth noting how they look. */
const FEW = 8

/**
 * Reads `assets.yaml` and what it includes. Files that did not change since the last call come
 * from the cache, and then neither YAML nor schemas are loaded. Problems: all that is wrong in any
 * of the files and between them, each with a pointer or a place.
 */
export async function loadProject(options: LoadOptions): Promise<Result<Project>> {
  const { root, cache: folder, build } = options
  const cache = folder === null ? NOTHING : readCache(folder, build)
  // Not a decision's clock: it is compared with the times of files.
  const now = Date.now()
  const files = new Files(options, cache, now)
  const main = await files.load(PROJECT_FILE, 'project')
  if (main.state === 'absent') {
    return fail(...main.problems.map((problem) => explainMissing(problem, root)))
  }
  const loaded: Loaded[] = [main]
  for (const found of included(root, PROJECT_FILE, includeOf(main))) {
    if (!found.ok) {
      loaded.push({ state: 'opaque', text: null, problems: found.problems })
      continue
    }
    const { file, at } = found.value
    const one = await files.load(file, 'assets')
    loaded.push(
      one.state === 'absent'
        ? {
            state: 'opaque',
            text: null,
            problems: one.problems.map((problem) => ({ ...problem, at })),
          }
        : one,
    )
  }
  const next = finish(loaded, cache)
  const { memo, changed } = files.memo()
  if (folder !== null && (!next.isKept || changed)) {
    const written = { entries: next.entries, linked: next.linked, memo }
    writeCache(folder, build, written, cache, now)
  }
  return next.linked === null
    ? { ok: false, problems: next.problems }
    : ok(projectOf(next.entries, next.linked, build))
}

/** A file that compiled well, now or in the command that kept it, or what is wrong with it. */
type Loaded =
  | { readonly state: 'valid'; readonly entry: Entry; readonly part: Part }
  | Exclude<Compiled, { readonly state: 'valid' }>
type Absent = { readonly state: 'absent'; readonly problems: readonly Problem[] }

/** The files of one load: each from the cache when its content is what was compiled. */
class Files {
  readonly #options: LoadOptions
  readonly #cache: Cache
  readonly #hashes: FileHashes
  readonly #places: ReadonlyMap<string, number>
  #compile: Compiler | null = null

  constructor(options: LoadOptions, cache: Cache, now: number) {
    this.#options = options
    this.#cache = cache
    this.#places = new Map(cache.entries.map(({ file }, place) => [file, place]))
    this.#hashes = new FileHashes(options.root, cache.memo, now)
  }

  async load(file: string, role: 'project' | 'assets'): Promise<Loaded | Absent> {
    const place = this.#places.get(file)
    if (place !== undefined) {
      const entry = this.#cache.entries[place]!
      const part = this.#cache.linked === null ? { fragment: decode(entry) } : { kept: place }
      if (this.#hashOf(file) === entry.hash) return { state: 'valid', entry, part }
    }
    const { root, declarations } = this.#options
    const source = readSource(root, file)
    if (!source.ok) return { state: 'absent', problems: source.problems }
    this.#compile ??= (await import('./compile/compile-file.ts')).compiler(declarations)
    const known = place === undefined ? null : decodeIfWhole(this.#cache.entries[place]!)
    const compiled = await this.#compile(source.value, role, known)
    if (compiled.state !== 'valid') return compiled
    const { fragment } = compiled
    this.#hashOf(file)
    return { state: 'valid', entry: entryOf(fragment, source.value.hash), part: { fragment } }
  }

  /** How the files look, and whether that is worth writing down. */
  memo(): { readonly memo: KnownFileHashes; readonly changed: boolean } {
    const { memo } = this.#hashes.memo()
    const unknown = Object.keys(memo).filter((file) => this.#cache.memo[file] === undefined)
    return { memo, changed: unknown.length > FEW }
  }

  /** null when it can't be read: whoever reads it then says why. */
  #hashOf(file: string): string | null {
    try {
      return this.#hashes.of(file)
    } catch {
      return null
    }
  }
}

interface Finished {
  readonly entries: readonly Entry[]
  /** null when there are problems. */
  readonly linked: Linked | null
  readonly problems: readonly Problem[]
  /** Whether the cache says all of this already. */
  readonly isKept: boolean
}

function finish(loaded: readonly Loaded[], cache: Cache): Finished {
  const valid = loaded.flatMap((one) => (one.state === 'valid' ? [one] : []))
  const entries = valid.map(({ entry }) => entry)
  const isSame =
    cache.entries.length === entries.length && entries.every((one, i) => one === cache.entries[i])
  const isWhole = valid.length === loaded.length
  if (isSame && isWhole && cache.linked !== null) {
    return { entries, linked: cache.linked, problems: [], isKept: true }
  }
  const parts = valid.map(({ part }) => part)
  const pools = isWhole ? (entries[0]?.head?.project.pools ?? {}) : {}
  const isSound = isWhole && poolProblems(entries, pools).length === 0
  const linked = isSound ? link(parts, cache.linked ?? NOTHING_LINKED) : null
  if (linked !== null) return { entries, linked, problems: [], isKept: false }
  const isKept = isSame && cache.linked === null
  return { entries, linked, problems: problemsOf(loaded), isKept }
}

function problemsOf(files: readonly Loaded[]): readonly Problem[] {
  const declared = files.flatMap((file) => {
    if (file.state === 'opaque') return []
    return file.state === 'valid' ? [decode(file.entry)] : [file.declared]
  })
  const hidden = files.flatMap((file) => (file.state === 'opaque' ? [file.text] : []))
  const isHidden = (name: string) => hidden.some((text) => text === null || text.includes(name))
  const own = files.flatMap((file) => (file.state === 'valid' ? [] : file.problems))
  const head = files[0]?.state === 'valid' ? files[0].entry.head : null
  const pools = head === null ? [] : poolProblems(declared, head.project.pools)
  return [...own, ...linkProblems(declared, isHidden), ...pools]
}

function projectOf(entries: readonly Entry[], linked: Linked, build: string): Project {
  const head = entries[0]?.head
  if (!head) throw new Error('a valid project file has a head')
  const columns = columnsOf(entries, linked, build)
  let assets: readonly Asset[] | null = null
  return {
    ...head.project,
    get assets() {
      assets ??= entries.flatMap((_, file) => columns.assetsOf(file))
      return assets
    },
    files: entries.map(({ file }) => file),
    assetTable: columns,
  }
}

function includeOf(main: Loaded): readonly string[] {
  switch (main.state) {
    case 'valid':
      return main.entry.head?.include ?? []
    case 'invalid':
      return main.include
    case 'opaque':
      return []
  }
}

function explainMissing(problem: Problem, root: string): Problem {
  if (problem.code !== 'file-missing') return problem
  const other = ['assets.yml', 'asset.yaml', 'assets.json'].find((name) =>
    existsSync(join(root, name)),
  )
  return {
    code: 'no-project',
    message: `there is no ${PROJECT_FILE} in ${root}`,
    hint:
      other === undefined
        ? 'run this in the folder of a project, or write one: "version: 1", "project: name" and "assets:" are enough'
        : `rename ${other} to ${PROJECT_FILE}`,
  }
}
