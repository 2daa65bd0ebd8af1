import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Asset } from '../../model/asset.ts'
import type { Location } from '../../model/location.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Defined } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { define } from './define.ts'
import { projectChanged, projectFailed } from './problems.ts'
import { type Catalog, catalogOf } from './manifest/catalog.ts'
import { CatalogCache, type Extent } from './manifest/catalog-cache.ts'
import { rawRelations } from './manifest/raw-relations.ts'
import { type Lore, loreOf } from './manifest/selection-facts.ts'
import type { Facts } from './manifest/worker-manifest.ts'
import {
  type Environment,
  environmentOf,
  isComplete,
  makeEnvironment,
} from './python/environment.ts'
import { Worker, type WorkerSettings } from './worker/worker.ts'

/** Files may be written while dbt reads them; this many times it is asked to read again. */
const READS = 3
/** A file system's clock runs some milliseconds behind. */
const CLOCK_LAG_MS = 20

/** One dbt project in one target: what is in it, and the process that builds it. */
export class DbtProject {
  readonly #site: Site
  /** Relative to the project root. */
  readonly #dir: string
  readonly #environment: Result<Environment>
  readonly #cache: CatalogCache
  /** What the files were when the definitions were made. */
  #defined: { readonly key: string; readonly extent: Extent } | null = null
  #worker: Promise<Result<Worker>> | null = null
  /** Which worker has read the project, and what its files were then. */
  #read: { readonly worker: Worker; readonly key: string | null } | null = null
  readonly #workers: Worker[] = []

  private constructor(site: Site, dir: string, environment: Result<Environment>) {
    this.#site = site
    this.#dir = dir
    this.#environment = environment
    this.#cache = new CatalogCache(site, dir, environment.ok ? environment.value.folder : '')
  }

  /** Problems: `dbt-not-configured`, `dbt-project-missing`. */
  static at(site: Site): Result<DbtProject> {
    const file = site.project.files[0] ?? 'assets.yaml'
    if (site.project.dbt === null) {
      return fail({
        code: 'dbt-not-configured',
        message: 'there are assets of kind dbt, and no dbt project is named',
        at: { file, path: [] },
        hint: `add to ${file}: dbt: {project_dir: dbt}`,
      })
    }
    const absolute = resolve(site.root, site.project.dbt.projectDir)
    const dir = relative(site.root, absolute)
    if (!existsSync(join(absolute, 'dbt_project.yml'))) {
      return fail({
        code: 'dbt-project-missing',
        message: `${site.project.dbt.projectDir} holds no dbt_project.yml`,
        at: { file, path: ['dbt', 'project_dir'] },
        hint: 'name the folder that does, relative to the project root',
      })
    }
    return ok(new DbtProject(site, dir, environmentOf(requirementsOf(absolute, site), site)))
  }

  /** Definitions at once when nothing changed since the project was last parsed; else later. */
  define(assets: readonly Asset[]): Defined {
    const kept = this.#cache.read()
    if (kept !== null) {
      this.#defined = kept
      return {
        ...this.#mean(assets, kept.catalog, kept.lore),
        later: null,
        warm: () => void this.worker(),
      }
    }
    if (!this.#environment.ok) return unknown(this.#environment.problems)
    const needs = isComplete(this.#environment.value) ? 'parse' : 'environment'
    let later: Promise<Defined> | null = null
    const define = () => {
      later ??= this.#defineLater(assets)
      return later
    }
    return { ...unknown([]), later: { needs, define } }
  }

  /** A worker that has read the project; the same one until it dies. */
  worker(): Promise<Result<Worker>> {
    return this.#process(async (worker) => {
      const key = this.#defined?.key ?? null
      if (this.#read?.worker === worker && this.#read.key === key) return ok(worker)
      const read = await worker.parse(this.#settings(), false)
      this.#read = read.ok ? { worker, key } : null
      if (read.ok) return ok(worker)
      return fail(projectFailed(read.trouble, this.#dir, this.#site.target.secrets))
    })
  }

  /** Problem `dbt-project-changed`: the definitions are not those of the files any more. */
  unchanged(): Result<void> {
    if (this.#defined === null) return ok(undefined)
    const { key, extent } = this.#defined
    if (this.#cache.key(extent).key === key) return ok(undefined)
    return fail(projectChanged(this.#dir))
  }

  /** Relative to the project root. */
  get dir(): string {
    return this.#dir
  }

  async close(): Promise<void> {
    await this.#worker
    for (const worker of this.#workers.splice(0)) await worker.close()
  }

  async #defineLater(assets: readonly Asset[]): Promise<Defined> {
    const started = await this.#process(async (worker) => ok(worker))
    if (!started.ok) return unknown(started.problems)
    for (let read = 1; ; read++) {
      const began = Date.now() - CLOCK_LAG_MS
      const facts = await started.value.parse(this.#settings(), true)
      if (!facts.ok) {
        return unknown([projectFailed(facts.trouble, this.#dir, this.#site.target.secrets)])
      }
      const extent = { paths: facts.value.paths, envVars: this.#envVars(facts.value) }
      const { key, hashes, newest } = this.#cache.key(extent)
      if (newest > began && read < READS) continue
      const contentOf = (file: string) => hashes.of(file)
      const around = { projectDir: this.#dir, env: this.#site.env, contentOf }
      const catalog = catalogOf(facts.value, around)
      this.#defined = { key, extent }
      this.#read = { worker: started.value, key }
      const lore = loreOf(facts.value, this.#dir)
      this.#cache.write(key, extent, catalog, lore)
      return { ...this.#mean(assets, catalog, () => lore), later: null }
    }
  }

  /** The process, made anew when there is none alive; whoever asks waits for those before. */
  #process(use: (worker: Worker) => Promise<Result<Worker>>): Promise<Result<Worker>> {
    const before = this.#worker
    const next = async () => {
      const known = await before
      const worker = known?.ok && known.value.alive ? known : await this.#start()
      return worker.ok ? use(worker.value) : worker
    }
    this.#worker = next()
    return this.#worker
  }

  async #start(): Promise<Result<Worker>> {
    if (!this.#environment.ok) return this.#environment
    const environment = this.#environment.value
    const made = await makeEnvironment(environment, this.#site)
    if (!made.ok) return made
    const worker = new Worker({
      python: environment.python,
      cwd: join(this.#site.root, this.#dir),
      env: this.#site.env,
      secrets: this.#site.target.secrets,
    })
    this.#workers.push(worker)
    return ok(worker)
  }

  #settings(): WorkerSettings {
    const { root, home, target } = this.#site
    const project = join(root, this.#dir)
    return {
      project_dir: project,
      // Apart from the user's own `target/`, so that neither disturbs the other.
      target_path: join(home, 'dbt', target.name),
      profiles_dir: existsSync(join(project, 'profiles.yml')) ? project : null,
      target: target.name,
    }
  }

  #mean(assets: readonly Asset[], catalog: Catalog, lore: () => Lore) {
    const raw = rawRelations(this.#site)
    const locate = (file: string, words: readonly string[]) => this.#locate(file, words)
    return define(assets, this.#site.project.assets, catalog, raw, locate, lore)
  }

  /** The first line of a file that has all the words, or its start. */
  #locate(file: string, words: readonly string[]): Location {
    const start = { file, line: 1, column: 1 }
    if (words.length === 0) return start
    try {
      const lines = readFileSync(join(this.#site.root, file), 'utf8').split('\n')
      const found = lines.findIndex((line) => words.every((word) => line.includes(word)))
      if (found < 0) return start
      const column = lines[found]!.indexOf(words.at(-1)!) + 1
      return { file, line: found + 1, column, endColumn: column + words.at(-1)!.length }
    } catch {
      return start
    }
  }

  /** dbt knows those of models and YAML; the profile's decide where the models go. */
  #envVars(facts: Facts): readonly string[] {
    const names = new Set(facts.env_vars)
    for (const file of [join(this.#dir, 'dbt_project.yml'), this.#cache.profiles()]) {
      const path = resolve(this.#site.root, file)
      const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
      for (const [, name] of text.matchAll(/env_var\(\s*['"](\w+)['"]/g)) names.add(name!)
    }
    return [...names].sort()
  }
}

const unknown = (problems: readonly Problem[]): Defined => ({
  definitions: new Map(),
  checks: [],
  problems,
  later: null,
})

/** `requirements-snowflake.txt` where the target's warehouse is a snowflake, if there is one. */
export function requirementsOf(projectDir: string, site: Site): string {
  const own = join(projectDir, `requirements-${site.target.warehouse?.type}.txt`)
  return existsSync(own) ? own : join(projectDir, 'requirements.txt')
}
