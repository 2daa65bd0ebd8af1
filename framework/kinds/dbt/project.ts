import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Asset } from '../../model/asset.ts'
import type { DocumentedColumn } from '../../model/columns.ts'
import type { Definition } from '../../model/definition.ts'
import type { Location } from '../../model/location.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { isTaken } from '../../model/project.ts'
import type { OnWait } from '../../ports/batch.ts'
import type { Defined, Found, Tools } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import type { DbtOutput, DbtPlace, Loan } from '../../ports/warehouse.ts'
import { createEnvironment, type Environment, isComplete } from '../../python/environment.ts'
import { type EnvWords, isCredential } from './code-version/env-names.ts'
import type { DeclaredColumns } from './columns-in-files.ts'
import { defineProject } from './define.ts'
import { Doing } from './doing.ts'
import { type Catalog, catalogOf } from './manifest/catalog.ts'
import { type CachedCatalog, CatalogCache } from './manifest/catalog-cache.ts'
import { type Documentation, documentationOf } from './manifest/documentation.ts'
import { foundAssets } from './manifest/found-assets.ts'
import { rawRelations } from './manifest/raw-relations.ts'
import { dbtGraphOf, type SelectionFacts, selectionFacts } from './manifest/selection-facts.ts'
import { summaryOf } from './manifest/summary.ts'
import type { ManifestFacts } from './manifest/worker-manifest.ts'
import {
  lacksPackages,
  notAsked,
  otherWarehouse,
  packagesFailed,
  projectChanged,
  projectFailed,
} from './problems.ts'
import { type ChosenOutput, Profile } from './profile/profile.ts'
import { TargetOutput } from './profile/target-output.ts'
import { environmentKey, findEnvironment } from './python/find-environment.ts'
import { Worker, type WorkerSettings } from './worker/worker.ts'
import { workerEnvironment } from './worker-environment.ts'

/** A project whose files change while dbt parses it is parsed again, at most this many times in all. */
const MAX_PARSES = 3
/** The lines of profiles.yml that say where dbt builds, and as whom. */
const PLACE =
  /^[^\S\n]*['"]?(?:target|type|schema|database|dbname|dataset|project|catalog|path|account|host|port|user|role|warehouse|authenticator)['"]?\s*:.*$/gm
/** A call of `env_var` with anything but one constant as the name. */
const COMPOSED = /env_var\s*\(\s*(?!(?:'\w+'|"\w+")\s*[,)])/
/** The clock of a file system is some milliseconds behind. */
const CLOCK_LAG_MS = 20

/** One dbt project on one target: its definitions, and the worker that builds it. */
export class DbtProject {
  readonly #site: Site
  /** Relative to the project root. */
  readonly #dir: string
  readonly #environment: Result<Environment>
  readonly #profile: Profile
  readonly #cache: CatalogCache
  readonly #output: TargetOutput
  /** The catalog of this command, made from the files with that key. */
  #read: CachedCatalog | null = null
  #documentation: Documentation | null = null
  /** Whether `find` has just read it, so that `define` need not. */
  #isFound = false
  #worker: Promise<Result<Worker>> | null = null
  /** The worker that has parsed the project, and the key of the files at that time. */
  #parsed: { readonly worker: Worker; readonly key: string | null } | null = null
  readonly #workers: Worker[] = []
  readonly #doing = new Doing()
  /** The key of the environment when the last worker was started. */
  #startedIn: string | null = null

  private constructor(site: Site, dir: string, environment: Result<Environment>) {
    this.#site = site
    this.#dir = dir
    this.#environment = environment
    this.#profile = new Profile(site, dir)
    this.#output = new TargetOutput(site, this.#profile, (question) => this.#ask(question))
    this.#cache = new CatalogCache(site, dir, this.#profile, () => this.#environmentKey())
  }

  /** Problems: `dbt-not-configured`, `dbt-project-missing`. */
  static at(site: Site): Result<DbtProject> {
    const file = site.project.files[0] ?? 'assets.yaml'
    if (site.project.dbt === null) {
      return fail({
        code: 'dbt-not-configured',
        message: 'the project has assets of kind dbt but no `dbt:` key',
        at: { file, path: [] },
        hint: `add to ${file}: dbt: {project_dir: dbt}`,
        absent: 'dbt',
      })
    }
    const absolute = resolve(site.root, site.project.dbt.projectDir)
    const dir = relative(site.root, absolute)
    if (!existsSync(join(absolute, 'dbt_project.yml'))) {
      return fail({
        code: 'dbt-project-missing',
        message: `the folder ${site.project.dbt.projectDir} has no dbt_project.yml`,
        at: { file, path: ['dbt', 'project_dir'] },
        hint: 'set it to the folder that has one, relative to the project root',
      })
    }
    const found = findEnvironment(site)
    return ok(new DbtProject(site, dir, found.ok ? ok(found.value.environment) : found))
  }

  /** The key of the cached catalog; null if the project must be parsed. Does not read the catalog. */
  definitionKey(): string | null {
    const valid = this.#cache.check()
    if (valid !== null) this.#output.set(valid.output)
    return valid?.key ?? null
  }

  /** Definitions from the cache if nothing changed since the project was parsed; else `later`. */
  define(assets: readonly Asset[]): Defined {
    const cached = this.#catalog()
    if (cached !== null) {
      return {
        ...this.#definitions(assets, cached.catalog, cached.selectionFacts),
        later: null,
        warm: () => void this.worker(),
      }
    }
    const profile = this.#profile.exists()
    if (!profile.ok) return undefinedAssets(profile.problems)
    if (!this.#environment.ok) return undefinedAssets(this.#environment.problems)
    const needs = isComplete(this.#environment.value) ? 'parse' : 'environment'
    let later: Promise<Defined> | null = null
    const define = (onWait: OnWait = () => {}) => {
      later ??= this.#defineLater(assets)
      const defining = later
      return this.#doing.tell(onWait, () => defining)
    }
    return { ...undefinedAssets([]), later: { needs, define } }
  }

  /** The assets of the project, from the cache if nothing changed since it was parsed. */
  async find(onWait: OnWait = () => {}): Promise<Result<Found>> {
    if (this.#catalog() === null) {
      const profile = this.#profile.exists()
      if (!profile.ok) return profile
      if (!this.#environment.ok) return this.#environment
      const parsed = await this.#doing.tell(onWait, () => this.#parse())
      if (!parsed.ok) return parsed
    }
    this.#isFound = true
    const { key, catalog, selectionFacts } = this.#read!
    const { all } = this.#site.project.assets
    const { assets, ids } = foundAssets(all, catalog, rawRelations(this.#site))
    const dbt = () => dbtGraphOf(selectionFacts(), ids())
    return ok({ key, assets, summary: summaryOf(catalog), dbt })
  }

  /** A worker that has parsed the project; the same one until it dies. */
  worker(onWait: OnWait = () => {}): Promise<Result<Worker>> {
    return this.#doing.tell(onWait, () => this.#parsedWorker())
  }

  async #parsedWorker(): Promise<Result<Worker>> {
    const output = await this.#output.get()
    if (!output.ok) return output
    return this.#useWorker(async (worker) => {
      const key = this.#read?.key ?? null
      if (this.#parsed?.worker === worker && this.#parsed.key === key) return ok(worker)
      await this.#reading(worker)
      const parsed = await worker.parse(this.#settings(output.value))
      this.#doing.set(null)
      this.#parsed = parsed.ok ? { worker, key } : null
      if (parsed.ok) return ok(worker)
      return fail(projectFailed(parsed.failure, this.#dir, this.#site.target.secrets))
    })
  }

  /** Problem `dbt-project-changed`: files changed after the definitions were made. */
  unchanged(): Result<void> {
    if (this.#read === null) return ok(undefined)
    const { key, inputs } = this.#read
    if (this.#cache.key(inputs).key === key) return ok(undefined)
    return fail(projectChanged(this.#dir))
  }

  /** The output of the profile that dbt builds with, for the target's warehouse. Problems: those of `get`. */
  async output(tools: Tools): Promise<Result<DbtOutput>> {
    if (this.#output.known === null) this.#output.set(this.#cache.check()?.output ?? null)
    const environment = this.#environment
    const isMissing = environment.ok && !isComplete(environment.value)
    if (isMissing && tools === 'existing' && this.#output.known === null) {
      return fail(notAsked(this.#site.target.name))
    }
    return this.#output.describe()
  }

  /**
   * The variables of a loan that dbt gets: none if the profile says itself where the warehouse is, so that
   * dbt resolves it as it does without assets.
   */
  envOf({ env }: Loan): Loan['env'] {
    return isTaken(this.#site.target.warehouse) ? {} : env
  }

  /** What the catalog of this command says of columns. Nothing before the project is read. */
  columns(): DeclaredColumns {
    const { nodes = [], sources = [] } = this.#read?.catalog ?? {}
    return {
      contracts: new Map(
        nodes.flatMap(({ id, columns }) => (columns === undefined ? [] : [[id, columns]])),
      ),
      sources: new Map(sources.map(({ name, relation }) => [name, relation])),
    }
  }

  /** The columns that the project documents, of a node of its own or of a table that one of its sources names. */
  documented({ kind, build, relation }: Definition): readonly DocumentedColumn[] {
    if (this.#read === null) return []
    this.#documentation ??= this.#read.documentation()
    const documentation = this.#documentation
    if (kind === 'dbt') return documentation[(build as { readonly node: string }).node] ?? []
    const sources = this.#read.catalog.sources.filter((source) => source.relation === relation)
    return (
      sources.map(({ id }) => documentation[id] ?? []).find((columns) => columns.length > 0) ?? []
    )
  }

  /** Relative to the project root. */
  get dir(): string {
    return this.#dir
  }

  async close(): Promise<void> {
    await this.#worker
    for (const worker of this.#workers.splice(0)) await worker.close()
  }

  /** The catalog in the cache; null if the project must be parsed. */
  #catalog(): CachedCatalog | null {
    if (!this.#isFound) this.#read = this.#cache.read()
    this.#isFound = false
    this.#output.set(this.#read?.output ?? null)
    return this.#read
  }

  async #defineLater(assets: readonly Asset[]): Promise<Defined> {
    const parsed = await this.#parse()
    if (!parsed.ok) return undefinedAssets(parsed.problems)
    const { catalog, selectionFacts } = parsed.value
    return { ...this.#definitions(assets, catalog, selectionFacts), later: null }
  }

  /** Parses the project. Problems: those of the environment, `dbt-project-failed`. */
  async #parse(): Promise<Result<CachedCatalog>> {
    const started = await this.#useWorker(async (worker) => ok(worker))
    if (!started.ok) return started
    let before: string | null = null
    let hasInstalled = false
    for (let parses = 1; ; parses++) {
      const startedAt = Date.now() - CLOCK_LAG_MS
      const output = await this.#output.learn(started.value)
      if (!output.ok) return output
      const place = await this.#place()
      const settings = this.#settings(output.value)
      await this.#reading(started.value)
      const facts = await started.value.facts(settings, place)
      this.#doing.set(null)
      if (!facts.ok && lacksPackages(facts.failure) && !hasInstalled) {
        hasInstalled = true
        this.#site.notice('installing the packages of the dbt project, as `dbt deps` does')
        const installed = await started.value.installPackages(settings)
        if (installed.ok) continue
        return fail(packagesFailed(installed.failure, this.#dir, this.#site.target.secrets))
      }
      if (!facts.ok) {
        return fail(projectFailed(facts.failure, this.#dir, this.#site.target.secrets))
      }
      const inputs = {
        paths: facts.value.paths,
        packagesFolder: facts.value.packages_folder,
        envVars: this.#envVars(facts.value),
        envWords: this.#envWords(facts.value),
      }
      const { key, hashes, newest } = this.#cache.key(inputs)
      // Files dated in the future prove nothing by their times. Equal contents before and after do
      // (SEMANTICS 26).
      const isSameEnvironment = this.#environmentKey() === this.#startedIn
      const isProved = isSameEnvironment && (newest <= startedAt || key === before)
      before = key
      if (!isProved && parses < MAX_PARSES) continue
      const contentOf = (file: string) => hashes.of(file)
      const catalog = catalogOf(facts.value, {
        root: this.#site.root,
        projectDir: this.#dir,
        env: this.#site.env,
        contentOf,
      })
      this.#parsed = { worker: started.value, key }
      const selection = selectionFacts(facts.value, this.#dir)
      const documentation = documentationOf(facts.value)
      this.#read = {
        ...{ key, inputs, output: output.value, catalog },
        selectionFacts: () => selection,
        documentation: () => documentation,
      }
      if (isProved) this.#cache.write(this.#read)
      return ok(this.#read)
    }
  }

  /** Where dbt must build; null if that is where its profile leads. */
  async #place(): Promise<DbtPlace | null> {
    if (isTaken(this.#site.target.warehouse)) return null
    const warehouse = await this.#site.warehouse()
    return warehouse.ok ? warehouse.value.dbt : null
  }

  /** Asks a worker, after its earlier calls. */
  async #ask<T>(question: (worker: Worker) => Promise<Result<T>>): Promise<Result<T>> {
    const worker = await this.#useWorker(async (worker) => ok(worker))
    return worker.ok ? question(worker.value) : worker
  }

  /** Calls `use` with the worker, started again if it has died. Calls run one after the other. */
  #useWorker(use: (worker: Worker) => Promise<Result<Worker>>): Promise<Result<Worker>> {
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
    const created = await createEnvironment(environment, this.#site)
    if (!created.ok) return created
    this.#startedIn = this.#environmentKey()
    this.#doing.set('dbt: starting')
    const folder = join(this.#site.root, this.#dir)
    const worker = new Worker({
      python: environment.python,
      cwd: folder,
      env: workerEnvironment(this.#site, folder),
      secrets: () => this.#site.target.secrets,
    })
    this.#workers.push(worker)
    return ok(worker)
  }

  /** dbt is asked to parse the project, which begins when it has started. */
  async #reading(worker: Worker): Promise<void> {
    await worker.ready
    this.#doing.set('dbt: reading the project')
  }

  #environmentKey(): string {
    return this.#environment.ok ? environmentKey(this.#environment.value) : ''
  }

  #settings(output: ChosenOutput): WorkerSettings {
    const { root, home, target } = this.#site
    const { vars, select, exclude } = this.#site.project.dbt!
    return {
      project_dir: join(root, this.#dir),
      // Not the user's own `target/`, so that the two do not overwrite each other.
      target_path: join(home, 'dbt', target.name),
      ...this.#profile.settingsOf(output),
      vars,
      select,
      exclude,
    }
  }

  #definitions(assets: readonly Asset[], catalog: Catalog, selection: () => SelectionFacts) {
    const raw = rawRelations(this.#site)
    const locate = (file: string, words: readonly string[]) => this.#locate(file, words)
    const { all } = this.#site.project.assets
    const defined = defineProject(assets, all, catalog, raw, locate, selection)
    const { elsewhere } = catalog
    if (elsewhere === null) return defined
    const at = this.#locate(this.#cache.profiles(), [`${elsewhere.key}:`])
    const { name, secrets } = this.#site.target
    return { ...defined, problems: [otherWarehouse(name, elsewhere, at, secrets)] }
  }

  /** The location of the first line of a file that has all the words; else the start of the file. */
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

  /**
   * The variables in templates and in YAML, without the credentials of profiles.yml, which change no code.
   */
  #envVars(facts: ManifestFacts): readonly string[] {
    const project = envVarsIn(this.#textOf(join(this.#dir, 'dbt_project.yml')))
    const profiles = this.#textOf(this.#cache.profiles())
    const inProfile = [...facts.profile_env_vars, ...envVarsIn(profiles)]
    const inYaml = [...facts.env_vars, ...project, ...inProfile.filter((one) => !isCredential(one))]
    // What names a place is no credential, whatever it is called.
    const ofPlaces = (profiles.match(PLACE) ?? []).flatMap(envVarsIn)
    return [...new Set([...inYaml, ...ofPlaces, ...facts.template_env_vars])].sort()
  }

  /** The words of templates; with those of profiles.yml, if it composes the name of a variable. */
  #envWords({ env_words: words }: ManifestFacts): EnvWords | null {
    const profiles = this.#textOf(this.#cache.profiles())
    if (!COMPOSED.test(profiles)) return words
    const strings = [...profiles.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, a, b]) => a ?? b ?? '')
    const pieces = strings.flatMap((text) => [...text.matchAll(/\w+/g)].map(([piece]) => piece))
    return { strings: [...(words?.strings ?? []), ...pieces], words: words?.words ?? [] }
  }

  /** The text of a file, relative to the project root; empty if there is none. */
  #textOf(file: string): string {
    const path = resolve(this.#site.root, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
}

/** The names in calls of `env_var`. */
const envVarsIn = (text: string): readonly string[] =>
  [...text.matchAll(/env_var\s*\(\s*['"](\w+)['"]/g)].map(([, name]) => name!)

/** No definitions, and the problems that explain it. */
const undefinedAssets = (problems: readonly Problem[]): Defined => ({
  definitions: new Map(),
  checks: [],
  problems,
  later: null,
})
