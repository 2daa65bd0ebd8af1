import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { isGlob, pathGlob } from '../../lib/glob.ts'
import { hash, sha256 } from '../../lib/hash.ts'
import type { Asset } from '../../model/asset.ts'
import type { CodePart } from '../../model/definition.ts'
import type { Problem } from '../../model/problem.ts'
import type { CommandSpec } from './spec.ts'

/** Folders that hold no code of the project's own. */
const NEVER = new Set(['.git', 'node_modules', '.assets', '__pycache__'])

export interface Code {
  readonly parts: readonly CodePart[]
  readonly problems: readonly Problem[]
}

/**
 * Hashes what defines commands apart from their inputs. Made for one command line: files that several
 * assets share are read once. Values of environment variables appear only inside hashes.
 */
export class CodeReader {
  readonly #root: string
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #digests = new Map<string, string>()

  constructor(root: string, env: Readonly<Record<string, string | undefined>>) {
    this.#root = root
    this.#env = env
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
        version: hash(name, JSON.stringify(this.#env[name] ?? null)),
        file: asset.file,
      })),
      ...[...files].sort().map((file) => ({
        label: `code ${file}`,
        version: this.#digest(file),
        file,
      })),
    ]
    return { parts, problems }
  }

  #filesOf(pattern: string): readonly string[] {
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

  #digest(file: string): string {
    const known = this.#digests.get(file)
    if (known !== undefined) return known
    const digest = sha256(readFileSync(resolve(this.#root, file)))
    this.#digests.set(file, digest)
    return digest
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
