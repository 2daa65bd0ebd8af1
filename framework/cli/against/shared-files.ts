import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fail, ok, type Result } from '../../model/problem.ts'
import { linksOf } from './base-tree.ts'
import { gitFailed, type Repository } from './git.ts'

/** Folders that hold no file of a project: what this program, dbt, npm, Python and git write. */
const NOT_SHARED = new Set([
  ...['.assets', '.git', '.venv', '__pycache__', 'logs', 'node_modules', 'target', 'venv'],
])
/** A folder with more files than this is shared as a whole: one link, which dbt does not follow. */
const MAX_FILES = 5_000

/** Which files of the working tree the tree of a commit shows, too. */
export interface Sharing {
  /** Absolute paths in the working tree that git may not ignore, such as an untracked `.env`. */
  readonly also: readonly string[]
  /** Absolute paths in the working tree that are not shared, although git ignores them. */
  readonly not: readonly string[]
}

/**
 * Shows the files that git ignores in the working tree in the tree of a commit, too: git leaves them where they are when
 * one switches to that commit. Each file is a link, so it always has the present content; a file of the
 * commit itself is never replaced. Links of an earlier command that are wanted no more are removed. Problem:
 * `git-failed`.
 */
export async function shareFiles(
  { git, top }: Repository,
  base: string,
  { also, not }: Sharing,
): Promise<Result<void>> {
  const ignored = await git(
    ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z'],
    { cwd: top },
  )
  if (ignored.code !== 0) return fail(gitFailed('list the files that it ignores', ignored))
  const entries = [
    ...ignored.stdout.split('\0').filter((entry) => entry !== ''),
    ...also.map((path) => relative(top, path)),
  ]
  const links = new Map<string, string>()
  for (const entry of entries) {
    if (entry.split('/').some((part) => part === '..' || NOT_SHARED.has(part))) continue
    collect({ top, base, not: new Set(not) }, entry.replace(/\/$/, ''), links)
  }
  setLinks(base, links)
  return ok(undefined)
}

interface Trees {
  readonly top: string
  readonly base: string
  readonly not: ReadonlySet<string>
}

/** Adds the links for a file or folder. Both are relative: to the tree, and absolute what they lead to. */
function collect(trees: Trees, entry: string, links: Map<string, string>): void {
  const own = new Map<string, string>()
  const open = [entry]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const path = join(trees.top, at)
    if (trees.not.has(path) || NOT_SHARED.has(at.slice(at.lastIndexOf('/') + 1))) continue
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat === undefined) continue
    if (stat.isDirectory()) {
      for (const name of readdirSync(path)) open.push(join(at, name))
    } else own.set(at, stat.isSymbolicLink() ? ownTarget(path, trees) : path)
    if (own.size > MAX_FILES) {
      links.set(entry, join(trees.top, entry))
      return
    }
  }
  for (const [at, target] of own) links.set(at, target)
}

/** Where a link of the working tree leads in the other tree: what is in the repository is of the commit. */
function ownTarget(path: string, { top, base }: Trees): string {
  try {
    const target = realpathSync(path)
    const inside = relative(realpathSync(top), target)
    return inside.startsWith('..') || inside === '' ? target : join(base, inside)
  } catch {
    return join(dirname(path), readlinkSync(path))
  }
}

/** Makes the wanted links, and removes those of an earlier command. A tree has its list beside it. */
function setLinks(base: string, links: ReadonlyMap<string, string>): void {
  const list = linksOf(base)
  const before = readList(list)
  for (const at of before) {
    const target = links.get(at)
    const is = linkAt(join(base, at))
    if (is !== null && is !== target) rmSync(join(base, at), { force: true })
  }
  const made = [...links].filter(([at, target]) => setLink(base, at, target)).map(([at]) => at)
  if (before.join('\0') === made.join('\0')) return
  const temporary = `${list}.${process.pid}`
  writeFileSync(temporary, made.join('\0'))
  renameSync(temporary, list)
}

/** Whether the link is there now. A file of the commit stays. */
function setLink(base: string, at: string, target: string): boolean {
  const path = join(base, at)
  if (linkAt(path) === target) return true
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false
  // A folder of the path may be a file, or a link, of the commit.
  if (!isBelowFolders(base, at)) return false
  mkdirSync(dirname(path), { recursive: true })
  try {
    symlinkSync(target, path)
  } catch {
    return linkAt(path) === target
  }
  return true
}

function isBelowFolders(base: string, at: string): boolean {
  const parts = at.split(sep).slice(0, -1)
  return parts.every((_, k) => {
    const stat = lstatSync(join(base, ...parts.slice(0, k + 1)), { throwIfNoEntry: false })
    return stat === undefined || stat.isDirectory()
  })
}

function linkAt(path: string): string | null {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat?.isSymbolicLink() ? readlinkSync(path) : null
}

function readList(file: string): readonly string[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\0')
    .filter((at) => at !== '')
}
