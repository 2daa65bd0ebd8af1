import { readdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { FileHashes, type KnownFileHashes } from '../../lib/file-hashes.ts'
import { fileErrorCode, whyUnreadable } from '../../lib/file-refusal.ts'
import { fileStats } from '../../lib/file-stats.ts'
import { isGlob, pathGlob } from '../../lib/glob.ts'
import { hash } from '../../lib/hash.ts'
import type { Asset } from '../../model/asset.ts'
import type { CodePart } from '../../model/definition.ts'
import type { Problem } from '../../model/problem.ts'
import type { Site } from '../../ports/site.ts'
import type { CommandSpec } from './spec.ts'

/** Folders that never hold code of the project. */
const IGNORED_FOLDERS = new Set(['node_modules', '.assets', '__pycache__'])

/** What defines a command, apart from its inputs. */
export interface CommandCode {
  readonly parts: readonly CodePart[]
  readonly problems: readonly Problem[]
}

/** What a code version depends on besides the YAML: an environment variable, or a path of `code:`. */
export type CodeDependency = { readonly env: string } | { readonly code: string }

/**
 * Hashes the code of commands. One reader serves one command line and reads each file once, however
 * many assets share it. Values of environment variables appear only inside hashes.
 */
export class CodeReader {
  readonly #root: string
  readonly #env: Site['env']
  readonly #hashes: FileHashes
  readonly #files = new Map<string, readonly string[]>()

  /** `memo`: that of an earlier reader, so that unchanged files are not read again. */
  constructor(
    { root, env, clock }: Pick<Site, 'root' | 'env' | 'clock'>,
    memo: KnownFileHashes = {},
  ) {
    this.#root = root
    this.#env = env
    this.#hashes = new FileHashes(root, memo, clock())
  }

  /**
   * Problems: `code-missing`, a path in `code:` does not exist, or a pattern matches no file; `code-unreadable`, a file or
   * folder of it can't be read.
   */
  read(asset: Asset, spec: CommandSpec): CommandCode {
    const problems: Problem[] = []
    const files = new Set<string>()
    for (const [index, pattern] of spec.code.entries()) {
      try {
        const found = this.#filesOf(pattern)
        for (const file of found) {
          this.#hashes.of(file)
          files.add(file)
        }
        if (found.length === 0) problems.push(codeMissing(asset, pattern, index))
      } catch (error) {
        problems.push(codeUnreadable(asset, pattern, index, error))
      }
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

  /** Identifies the current value or files of a dependency. Equal versions give equal code versions. */
  versionOf(dependency: CodeDependency): string {
    if ('env' in dependency) return this.#valueOf(dependency.env)
    try {
      const files = this.#filesOf(dependency.code)
      return files.map((file) => `${file} ${this.#hashes.of(file)}`).join('\n')
    } catch (error) {
      // Equal to no version, so `read` says what is wrong.
      return `unreadable: ${(error as Error).message}`
    }
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
    const found = fileStats(resolve(this.#root, pattern))
    if (found === undefined) return []
    const path = relative(this.#root, resolve(this.#root, pattern))
    return found.isDirectory() ? this.#walk(path) : [path]
  }

  #walk(folder: string): readonly string[] {
    const absolute = resolve(this.#root, folder)
    if (!fileStats(absolute)?.isDirectory()) return []
    return readdirSync(absolute, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name)
      // Of a submodule, it is a file that says where the clone keeps its commits.
      if (entry.name === '.git') return []
      if (entry.isDirectory()) return IGNORED_FOLDERS.has(entry.name) ? [] : this.#walk(path)
      return entry.isFile() || entry.isSymbolicLink() ? [path] : []
    })
  }
}

function codeMissing(asset: Asset, pattern: string, index: number): Problem {
  return {
    code: 'code-missing',
    message: isGlob(pattern)
      ? `${asset.name}: no file matches ${pattern}`
      : `${asset.name}: ${pattern} does not exist`,
    at: { file: asset.file, path: ['assets', asset.name, 'code', index] },
    hint: 'paths in `code:` are relative to the project root',
    asset: asset.name,
  }
}

/** Throws what is no error of the file system. */
function codeUnreadable(asset: Asset, pattern: string, index: number, error: unknown): Problem {
  if (fileErrorCode(error) === null) throw error
  const { path, message } = error as NodeJS.ErrnoException
  const refusal = path === undefined ? null : whyUnreadable(path)
  return {
    code: 'code-unreadable',
    message: `${asset.name}: ${pattern} can't be read: ${refusal?.reason ?? message}`,
    at: { file: asset.file, path: ['assets', asset.name, 'code', index] },
    hint: refusal?.hint ?? 'correct `code:`, or make it readable',
    asset: asset.name,
  }
}
