import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { Project } from '../model/project.ts'
import { type Cache, decode, type Entry, encode, readCache, writeCache } from './cache.ts'
import type { Compiled, Compiler } from './compile.ts'
import type { Declarations } from './declarations.ts'
import { assetsOf, type Fragment } from './fragment.ts'
import { includedSources } from './include.ts'
import { linkProblems } from './link.ts'
import { poolProblems } from './pools.ts'
import { readSource, type Source } from './source.ts'

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

/**
 * Reads `assets.yaml` and what it includes. Files that did not change since the last call come
 * from the cache, and then neither YAML nor schemas are loaded. Problems: all that is wrong in any
 * of the files and between them, each with a pointer or a place.
 */
export async function loadProject(options: LoadOptions): Promise<Result<Project>> {
  const { root, cache: folder, build, declarations } = options
  const main = readSource(root, PROJECT_FILE)
  if (!main.ok) return fail(...main.problems.map((problem) => explainMissing(problem, root)))

  const cache = folder === null ? null : readCache(folder, build)
  const known = new Map(cache?.entries.map((entry) => [entry.file, entry]))
  let compile: Compiler | null = null
  const loadFile = async (source: Source, role: 'project' | 'assets'): Promise<Loaded> => {
    const entry = known.get(source.file)
    if (entry?.hash === source.hash) {
      return { compiled: { state: 'valid', fragment: decode(entry.line) }, entry }
    }
    compile ??= (await import('./compile.ts')).compiler(declarations)
    const compiled = await compile(source, role)
    if (compiled.state !== 'valid') return { compiled, entry: null }
    const line = encode(compiled.fragment)
    return { compiled, entry: { file: source.file, hash: source.hash, line } }
  }

  const loaded = [await loadFile(main.value, 'project')]
  for (const source of includedSources(root, PROJECT_FILE, includeOf(loaded[0]!.compiled))) {
    if (source.ok) loaded.push(await loadFile(source.value, 'assets'))
    else
      loaded.push({
        compiled: { state: 'opaque', text: null, problems: source.problems },
        entry: null,
      })
  }
  return finish(loaded, cache, (next) => {
    if (folder !== null) writeCache(folder, build, next)
  })
}

interface Loaded {
  readonly compiled: Compiled
  /** null when it has problems. */
  readonly entry: Entry | null
}

function finish(
  loaded: readonly Loaded[],
  cache: Cache | null,
  keep: (cache: Cache) => void,
): Result<Project> {
  const entries = loaded.flatMap(({ entry }) => (entry === null ? [] : [entry]))
  const isKept =
    cache?.entries.length === entries.length && entries.every((one, i) => one === cache.entries[i])
  const isProved = isKept && cache.sound && entries.length === loaded.length
  const problems = isProved ? [] : problemsOf(loaded.map((one) => one.compiled))
  const sound = problems.length === 0
  if (!isKept || cache.sound !== sound) keep({ sound, entries })
  return sound ? ok(projectOf(loaded.flatMap(fragmentsIn))) : { ok: false, problems }
}

function problemsOf(files: readonly Compiled[]): readonly Problem[] {
  const declared = files.flatMap((file) => {
    if (file.state === 'opaque') return []
    return file.state === 'valid' ? [file.fragment] : [file.declared]
  })
  const hidden = files.flatMap((file) => (file.state === 'opaque' ? [file.text] : []))
  const isHidden = (name: string) => hidden.some((text) => text === null || text.includes(name))
  const own = files.flatMap((file) => (file.state === 'valid' ? [] : file.problems))
  const head = files[0]?.state === 'valid' ? files[0].fragment.head : null
  const pools = head === null ? [] : poolProblems(declared, head.project.pools)
  return [...own, ...linkProblems(declared, isHidden), ...pools]
}

const fragmentsIn = ({ compiled }: Loaded): readonly Fragment[] =>
  compiled.state === 'valid' ? [compiled.fragment] : []

function projectOf(fragments: readonly Fragment[]): Project {
  const head = fragments[0]?.head
  if (!head) throw new Error('a valid project file has a head')
  return {
    ...head.project,
    assets: fragments.flatMap(assetsOf),
    files: fragments.map((fragment) => fragment.file),
  }
}

function includeOf(compiled: Compiled): readonly string[] {
  switch (compiled.state) {
    case 'valid':
      return compiled.fragment.head?.include ?? []
    case 'invalid':
      return compiled.include
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
