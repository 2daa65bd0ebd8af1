import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { checksum, sealed, unsealed, writeCacheFile } from '../../../lib/cache-file.ts'
import { FileHashes, type KnownFileHashes } from '../../../lib/file-hashes.ts'
import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import { isStated } from '../../../model/project.ts'
import type { Site } from '../../../ports/site.ts'
import { type EnvWords, envNames, isCredential, isSecret } from '../code-version/env-names.ts'
import type { Profile, StoredOutput } from '../profile/profile.ts'
import type { Catalog } from './catalog.ts'
import type { Documentation } from './documentation.ts'
import type { SelectionFacts } from './selection-facts.ts'

/** Raise it when the file's format or the meaning of its content changes. */
const FORMAT = 18

/** What a catalog is made from. The cached one is valid while all of it is unchanged. */
export interface CatalogInputs {
  /** Folders that dbt reads, relative to the dbt project. */
  readonly paths: readonly string[]
  /** Every folder in it is a package. */
  readonly packagesFolder: string
  readonly envVars: readonly string[]
  /** Words from which templates may compose the names of further variables; null if none does. */
  readonly envWords: EnvWords | null
}

/** A valid cached catalog. `selectionFacts` and `documentation` are parsed when they are called. */
export interface CachedCatalog {
  readonly key: string
  readonly inputs: CatalogInputs
  /** The output of the profile that dbt parsed the project with. */
  readonly output: StoredOutput
  readonly catalog: Catalog
  readonly selectionFacts: () => SelectionFacts
  readonly documentation: () => Documentation
}

interface CacheHead {
  readonly format: number
  readonly key: string
  readonly inputs: CatalogInputs
  readonly output: StoredOutput
  readonly memo: KnownFileHashes
  /** Of the lines below, as they are in the file. */
  readonly checksum: string
}

/** Files that dbt reads in the folder of a project or package. */
const TOP_FILES = [
  'dbt_project.yml',
  'packages.yml',
  'dependencies.yml',
  'package-lock.yml',
  'selectors.yml',
  'catalogs.yml',
  'vars.yml',
]
/**
 * The cached catalog of one target, in `.assets/cache/`. Line 1 has its checksum, the key and what the catalog was made
 * from. Line 2 is the catalog, parsed only if the key is equal. Line 3 has the selection facts, parsed
 * only if a selection needs them. Line 4 has the documentation, parsed for the page.
 */
export class CatalogCache {
  readonly #site: Site
  readonly #projectDir: string
  readonly #profile: Profile
  /** What runs dbt, with the versions of its packages: they decide what dbt makes of the project. */
  readonly #environment: () => string
  readonly #file: string
  /** The key that `check` has found to be current, so that the next `read` hashes no file again. */
  #checked: ReturnType<CatalogCache['key']> | null = null

  /** `projectDir` is relative to the project root. */
  constructor(site: Site, projectDir: string, profile: Profile, environment: () => string) {
    this.#site = site
    this.#profile = profile
    this.#projectDir = projectDir
    this.#environment = environment
    this.#file = join(site.home, 'cache', `dbt-${site.target.name}.json`)
  }

  /** What is known of the catalog without reading it; null if the project must be parsed. */
  check(): Pick<CachedCatalog, 'key' | 'output'> | null {
    const head = headIn(firstLineOf(this.#file))
    if (head === null) return null
    const { key, output } = head
    const current = this.key(head.inputs, head.memo)
    if (current.key !== key) return null
    this.#checked = current
    return { key, output }
  }

  /** The catalog, if it was made from the current files; null if the project must be parsed. */
  read(): CachedCatalog | null {
    const cached = this.#load()
    if (cached === null) return null
    const { head, lines } = cached
    const checked = this.#checked?.key === head.key ? this.#checked : null
    const { key, memo } = checked ?? this.key(head.inputs, head.memo)
    this.#checked = null
    if (key !== head.key) return null
    // The other lines are copied without parsing them.
    if (memo.changed) this.#write({ ...head, memo: memo.memo }, lines)
    const end = lines.indexOf(10)
    const endOfFacts = lines.indexOf(10, end + 1)
    return {
      key,
      inputs: head.inputs,
      output: head.output,
      catalog: JSON.parse(lines.toString('utf8', 0, end)) as Catalog,
      selectionFacts: () =>
        JSON.parse(lines.toString('utf8', end + 1, endOfFacts)) as SelectionFacts,
      documentation: () => JSON.parse(lines.toString('utf8', endOfFacts + 1)) as Documentation,
    }
  }

  /** Stores a catalog. `key` must have been computed before the catalog was made. */
  write(parsed: CachedCatalog): void {
    const { key, inputs, output, catalog, selectionFacts, documentation } = parsed
    const { memo } = this.key(inputs)
    const contents = [catalog, selectionFacts(), documentation()]
    const lines = Buffer.from(contents.map((content) => JSON.stringify(content)).join('\n'))
    const head = { format: FORMAT, key, inputs, output, memo: memo.memo }
    this.#write({ ...head, checksum: checksum(lines) }, lines)
  }

  /** One hash of the current files, variables and target settings. */
  key(inputs: CatalogInputs, before: KnownFileHashes = {}) {
    const files = new FileHashes(this.#site.root, before, this.#site.clock())
    const { root } = this.#site
    // A path may be absolute.
    const inProject = (path: string) => relative(root, resolve(root, this.#projectDir, path))
    const packages = inProject(inputs.packagesFolder)
    const folders = [inProject('.'), ...files.foldersIn(packages)]
    const paths = [
      ...folders.flatMap((folder) => TOP_FILES.map((name) => join(folder, name))),
      this.profiles(),
      ...inputs.paths.flatMap((path) => files.below(inProject(path))),
    ]
    const parts = paths.flatMap((path) => [path, files.of(path)])
    const { env } = this.#site
    const composed = inputs.envWords === null ? [] : envNames(env, inputs.envWords)
    // Variables that change how dbt runs.
    const ofDbt = Object.keys(env)
      .filter((name) => name.startsWith('DBT_') && !isCredential(name))
      .sort()
    for (const name of new Set([...inputs.envVars, ...composed, ...ofDbt])) {
      if (!isSecret(name)) parts.push(name, env[name] === undefined ? 'unset' : `=${env[name]}`)
    }
    const { select, exclude, vars } = this.#site.project.dbt ?? {}
    const asked = stableJson([select ?? null, exclude ?? [], vars ?? {}])
    const key = hash(this.#environment(), this.#target(), asked, ...parts)
    return { key, memo: files.memo(), hashes: files, newest: files.newest }
  }

  /** The profiles.yml that dbt uses, relative to the project root. */
  profiles(): string {
    return relative(this.#site.root, this.#profile.file)
  }

  /** The target's settings, without secrets: they decide which adapter, database and schema dbt uses. */
  #target(): string {
    const { warehouse, secrets } = this.#site.target
    const ofWarehouse = isStated(warehouse) ? [warehouse.type, warehouse.settings] : null
    const shown = stableJson([this.#profile.stated, ofWarehouse])
    return secrets.reduce(
      (text, secret) => (secret === '' ? text : text.replaceAll(secret, '')),
      shown,
    )
  }

  #load(): { readonly head: CacheHead; readonly lines: Buffer } | null {
    try {
      const bytes = readFileSync(this.#file)
      const end = bytes.indexOf(10)
      const head = headIn(bytes.toString('utf8', 0, end))
      const lines = bytes.subarray(end + 1)
      return head === null || head.checksum !== checksum(lines) ? null : { head, lines }
    } catch {
      return null
    }
  }

  /** Ignores a failed write: the next command only takes longer. */
  #write(head: CacheHead, lines: Buffer): void {
    const line = Buffer.from(`${sealed(JSON.stringify(head))}\n`)
    writeCacheFile(this.#file, Buffer.concat([line, lines]))
  }
}

/** null: it is none, one of another format, or damaged. */
function headIn(line: string | null): CacheHead | null {
  if (line === null) return null
  const text = unsealed(line)
  if (text === null) return null
  try {
    const head = JSON.parse(text) as CacheHead
    return head.format === FORMAT ? head : null
  } catch {
    return null
  }
}

const CHUNK_BYTES = 1 << 18

/** The first line of a file, without reading the rest of it; null for what can't be read. */
function firstLineOf(file: string): string | null {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    return null
  }
  try {
    const chunks: Buffer[] = []
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const read = chunk.subarray(0, readSync(descriptor, chunk))
      const end = read.indexOf(10)
      chunks.push(end < 0 ? read : read.subarray(0, end))
      if (end >= 0 || read.length === 0) return Buffer.concat(chunks).toString()
    }
  } catch {
    // A folder can be opened, but not read.
    return null
  } finally {
    closeSync(descriptor)
  }
}
