import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, relative } from 'node:path'
import { FileHashes, type KnownFileHashes } from '../../../lib/file-hashes.ts'
import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { Site } from '../../../ports/site.ts'
import type { Catalog } from './catalog.ts'
import type { Lore } from './selection-facts.ts'

/** Raised when what is kept changes its shape or its meaning. */
const FORMAT = 2

/** What the catalog was made from, so that a look at the files tells whether it still holds. */
export interface Extent {
  /** Folders that dbt reads, relative to the dbt project. */
  readonly paths: readonly string[]
  readonly envVars: readonly string[]
}

export interface Read {
  readonly key: string
  readonly extent: Extent
  readonly catalog: Catalog
  readonly lore: () => Lore
}

interface Kept {
  readonly format: number
  readonly key: string
  readonly extent: Extent
  readonly memo: KnownFileHashes
}

/** Files that dbt reads in the project's own folder. */
const TOP_FILES = [
  'dbt_project.yml',
  'packages.yml',
  'dependencies.yml',
  'package-lock.yml',
  'selectors.yml',
  'catalogs.yml',
  'vars.yml',
]
/** Their values are not hashed into a file: they can be guessed, and decide nothing. */
const SECRET = /PASSWORD|PASSPHRASE|SECRET|TOKEN|PRIVATE_KEY/i

/**
 * The catalog of one target, kept in `.assets/cache/` with what it was made from: line 1 says that,
 * line 2 is the catalog, read only when line 1 holds, line 3 what selections may ask, read only then.
 */
export class CatalogCache {
  readonly #site: Site
  readonly #projectDir: string
  /** What the catalog depends on besides files: the requirements of the environment. */
  readonly #basis: string
  readonly #file: string

  /** `projectDir` is relative to the project root. */
  constructor(site: Site, projectDir: string, basis: string) {
    this.#site = site
    this.#projectDir = projectDir
    this.#basis = basis
    this.#file = join(site.home, 'cache', `dbt-${site.target.name}.json`)
  }

  /** The catalog of the project as its files are now, or null when it has to be parsed. */
  read(): Read | null {
    const kept = this.#load()
    if (kept === null) return null
    const { key, memo } = this.key(kept.head.extent, kept.head.memo)
    if (key !== kept.head.key) return null
    // The catalog's line is copied as it stands.
    if (memo.changed) this.#write({ ...kept.head, memo: memo.memo }, kept.body)
    const end = kept.body.indexOf('\n')
    return {
      key,
      extent: kept.head.extent,
      catalog: JSON.parse(kept.body.slice(0, end)) as Catalog,
      lore: () => JSON.parse(kept.body.slice(end + 1)) as Lore,
    }
  }

  /** Keeps a catalog under the key that its files had before it was made. */
  write(key: string, extent: Extent, catalog: Catalog, lore: Lore): void {
    const { memo } = this.key(extent)
    const body = `${JSON.stringify(catalog)}\n${JSON.stringify(lore)}`
    this.#write({ format: FORMAT, key, extent, memo: memo.memo }, body)
  }

  /** What the project's files and variables are now, as one hash. */
  key(extent: Extent, before: KnownFileHashes = {}) {
    const files = new FileHashes(this.#site.root, before, this.#site.clock())
    const inProject = (path: string) => join(this.#projectDir, path)
    const paths = [
      ...TOP_FILES.map(inProject),
      this.profiles(),
      ...extent.paths.flatMap((path) => files.below(inProject(path))),
    ]
    const parts = paths.flatMap((path) => [path, files.of(path)])
    for (const name of extent.envVars) {
      if (!SECRET.test(name)) parts.push(name, this.#site.env[name] ?? '')
    }
    const key = hash(this.#basis, this.#target(), ...parts)
    return { key, memo: files.memo(), hashes: files, newest: files.newest }
  }

  /** profiles.yml as dbt finds it, relative to the project root. */
  profiles(): string {
    const inProject = join(this.#projectDir, 'profiles.yml')
    const { env, root } = this.#site
    if (new FileHashes(root, {}, 0).of(inProject) !== 'absent') return inProject
    const home = env.DBT_PROFILES_DIR ?? join(env.HOME ?? homedir(), '.dbt')
    return relative(root, join(home, 'profiles.yml'))
  }

  /** The target's settings decide which adapter, database and schema dbt sees. */
  #target(): string {
    const { name, warehouse, secrets } = this.#site.target
    const shown = stableJson([name, warehouse?.type ?? null, warehouse?.settings ?? null])
    return secrets.reduce(
      (text, secret) => (secret === '' ? text : text.replaceAll(secret, '')),
      shown,
    )
  }

  #load(): { readonly head: Kept; readonly body: string } | null {
    try {
      const text = readFileSync(this.#file, 'utf8')
      const end = text.indexOf('\n')
      const head = JSON.parse(text.slice(0, end)) as Kept
      return head.format === FORMAT ? { head, body: text.slice(end + 1) } : null
    } catch {
      return null
    }
  }

  /** A cache that can't be written costs time at the next start and nothing else. */
  #write(head: Kept, body: string): void {
    const aside = `${this.#file}.${process.pid}`
    try {
      mkdirSync(join(this.#site.home, 'cache'), { recursive: true })
      writeFileSync(aside, `${JSON.stringify(head)}\n${body}`)
      renameSync(aside, this.#file)
    } catch {
      return
    }
  }
}
