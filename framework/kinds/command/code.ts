import { readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { FileHashes, type KnownFileHashes } from '../../lib/file-hashes.ts'
import { isGlob, pathGlob } from '../../lib/glob.ts'
import { hash } from '../../lib/hash.ts'
import type { Asset } from '../../model/asset.ts'
import type { CodePart } from '../../model/definition.ts'
import type { Problem } from '../../model/problem.ts'
import type { Site } from '../../ports/site.ts'
import type { CommandSpec } from './spec.ts'

/** Folders that hold no code of the project's own. */
const NEVER = new Set(['.git', 'node_modules', '.assets', '__pycache__'])

export interface Code {
  readonly parts: readonly CodePart[]
  readonly problems: readonly Problem[]
}

/** What a code version rests on besides the YAML. */
export type Ground = { readonly env: string } | { readonly code: string }

/**
 * Hashes what defines commands apart from their inputs. Made for one command line: files that several
 * assets share are looked at once. Values of environment variables appear only inside hashes.
 */
export class CodeReader {
  readonly #root: string
  readonly #env: Site['env']
  readonly #hashes: FileHashes
  readonly #files = new Map<string, readonly string[]>()

  /** `memo` is how files looked when an earlier reader hashed them. */
  constructor(
    { root, env, clock }: Pick<Site, 'root' | 'env' | 'clock'>,
    memo: KnownFileHashes = {},
  ) {
    this.#root = root
    this.#env = env
    this.#hashes = new FileHashes(root, memo, clock())
  }

  /** Problems: `code:` names what is not there or can't be read. */
  read(asset: Asset, spec: CommandSpec): Code {
    const problems: Problem[] = []
    const files = new Set<string>()
    for (const [index, pattern] of spec.code.entries()) {
      const found = this.#filesOf(pattern)
      for (const file of found) files.add(file)
      if (found.length === 0) problems.push(noCode(asset, pattern, index))
    }
    const parts: CodePart[] = [
      { label: 'run', version: hash(...spec.argv), file: asset.file },
      { label: 'outputs', version: hash(...spec.outputs), file: asset.file },
      ...spec.env.map((name) => ({
        label: `env ${name}`,
        version: this.#valueOf(name),
        file: asset.file,
      })),
      ...[...files].sort().map((file) => ({
        label: `code ${file}`,
        version: this.#hashes.of(file),
        file,
      })),
    ]
    return { parts, problems }
  }

  /** What a ground is now: equal when nothing that rests on it has another code version. */
  versionOf(ground: Ground): string {
    if ('env' in ground) return this.#valueOf(ground.env)
    const files = this.#filesOf(ground.code)
    return files.map((file) => `${file} ${this.#hashes.of(file)}`).join('\n')
  }

  get memo(): KnownFileHashes {
    return this.#hashes.memo().memo
  }

  #valueOf(name: string): string {
    return hash(name, JSON.stringify(this.#env[name] ?? null))
  }

  #filesOf(pattern: string): readonly string[] {
    const known = this.#files.get(pattern) ?? this.#find(pattern)
    this.#files.set(pattern, known)
    return known
  }

  #find(pattern: string): readonly string[] {
    if (isGlob(pattern)) {
      const matches = pathGlob(pattern)
      const parts = pattern.split('/')
      const fixed = parts.slice(0, parts.findIndex(isGlob)).join('/')
      return this.#walk(fixed).filter(matches)
    }
    const found = statSync(resolve(this.#root, pattern), { throwIfNoEntry: false })
    if (found === undefined) return []
    const path = relative(this.#root, resolve(this.#root, pattern))
    return found.isDirectory() ? this.#walk(path) : [path]
  }

  #walk(folder: string): readonly string[] {
    const absolute = resolve(this.#root, folder)
    if (!statSync(absolute, { throwIfNoEntry: false })?.isDirectory()) return []
    return readdirSync(absolute, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return NEVER.has(entry.name) ? [] : this.#walk(path)
      return entry.isFile() || entry.isSymbolicLink() ? [path] : []
    })
  }
}

function noCode(asset: Asset, pattern: string, index: number): Problem {
  return {
    code: 'code-missing',
    message: isGlob(pattern)
      ? `${asset.name}: no file matches ${pattern}`
      : `${asset.name}: ${pattern} does not exist`,
    at: { file: asset.file, path: ['assets', asset.name, 'code', index] },
    hint: 'paths in `code:` start at the project root',
    asset: asset.name,
  }
}
