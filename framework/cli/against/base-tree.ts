import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileStats } from '../../lib/file-stats.ts'
import { makeTemporaryFolder } from '../../lib/temporary-folder.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import { gitFailed, type Repository } from './git.ts'

/** The file beside a tree that lists the links in it (`shareFiles`). */
export const linksOf = (top: string): string => `${top}.links`

/** Trees that are kept for the next command. */
const KEPT = 3
/** Another command may still read a tree that was used this recently. */
const IN_USE_MS = 3_600_000

/** The files of a commit, below `.assets/against/`. */
export interface BaseTree {
  /** Absolute path of what is the working tree's top folder. */
  readonly top: string
  /** Submodules that are not at hand at the recorded commit, so that their folders are empty. */
  readonly lacking: readonly string[]
}

/**
 * The files of a commit as a checkout would write them, in a folder of their own. It is made once for each commit, under a
 * temporary name, so that a folder of the final name is complete. No worktree of git is added, and the user's index
 * is not touched. Submodules come from their clones in the working tree. Problem: `git-failed`.
 */
export async function layOut(
  repository: Repository,
  commit: string,
  home: string,
  now: number,
): Promise<Result<BaseTree>> {
  const all = join(home, 'against')
  let top = join(all, commit.slice(0, 16))
  const lacking: string[] = []
  if (!existsSync(top)) {
    mkdirSync(all, { recursive: true })
    const temporary = makeTemporaryFolder(home)
    try {
      const tree = join(temporary, 'tree')
      mkdirSync(tree)
      const written = await writeTree(repository, commit, tree, join(temporary, 'index'))
      if (!written.ok) return written
      lacking.push(...written.value)
      // Under another name, so that the next command tries again.
      if (lacking.length > 0) {
        top = `${top}-partial`
        rmSync(top, { recursive: true, force: true })
      }
      moveTo(tree, top)
    } finally {
      rmSync(temporary, { recursive: true, force: true })
    }
  }
  const used = new Date(now)
  utimesSync(top, used, used)
  removeUnused(all, top, now)
  return ok({ top, lacking })
}

/** Writes the files of a commit into an empty folder. Returns the submodules that are not at hand. */
async function writeTree(
  { git, top }: Repository,
  commit: string,
  folder: string,
  index: string,
): Promise<Result<readonly string[]>> {
  const read = await git(['read-tree', commit], { cwd: top, index })
  if (read.code !== 0) return fail(gitFailed(`read commit ${commit}`, read))
  const args = ['checkout-index', '--all', '--force', `--prefix=${folder}/`]
  const written = await git(args, { cwd: top, index })
  if (written.code !== 0) return fail(gitFailed(`write the files of commit ${commit}`, written))
  const entries = await git(['ls-files', '--stage', '-z'], { cwd: top, index })
  if (entries.code !== 0) return fail(gitFailed(`list the files of commit ${commit}`, entries))
  const lacking: string[] = []
  for (const { path, object } of submodulesIn(entries.stdout)) {
    const clone = join(top, path)
    const below = join(folder, path)
    mkdirSync(below, { recursive: true })
    const has = existsSync(join(clone, '.git'))
      ? await git(['cat-file', '-e', `${object}^{commit}`], { cwd: clone })
      : null
    if (has?.code !== 0) {
      lacking.push(path)
      continue
    }
    const own = `${index}-${path.replaceAll('/', '-')}`
    const nested = await writeTree({ git, top: clone, prefix: '' }, object, below, own)
    if (!nested.ok) return nested
    lacking.push(...nested.value.map((one) => join(path, one)))
  }
  return ok(lacking)
}

/** The submodules in the output of `git ls-files --stage -z`. */
function submodulesIn(
  entries: string,
): readonly { readonly path: string; readonly object: string }[] {
  return [...entries.matchAll(/(?:^|\0)160000 ([0-9a-f]+) \d\t([^\0]+)/g)].map(
    ([, object, path]) => ({ object: object!, path: path! }),
  )
}

/** Another command may have made the same tree meanwhile. */
function moveTo(tree: string, top: string): void {
  try {
    renameSync(tree, top)
  } catch (error) {
    if (!existsSync(top)) throw error
  }
}

/** Removes all but the newest trees that no command has used for a while. */
function removeUnused(all: string, own: string, now: number): void {
  const trees = readdirSync(all)
    .filter((name) => !name.includes('.links'))
    .map((name) => join(all, name))
    .map((path) => ({ path, used: fileStats(path)?.mtimeMs ?? 0 }))
    .sort((a, b) => b.used - a.used)
  for (const { path, used } of trees.slice(KEPT)) {
    if (path === own || now - used < IN_USE_MS) continue
    rmSync(path, { recursive: true, force: true })
    rmSync(linksOf(path), { force: true })
  }
}
