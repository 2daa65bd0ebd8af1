import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { whyUnwritable } from '../lib/file-refusal.ts'
import { fail, ok, type Result } from '../model/problem.ts'

/** The folder for everything that a project's commands write for themselves. */
export const homeOf = (root: string): string => join(root, '.assets')

/** For this user alone: it holds rows. */
const PRIVATE = 0o700

/** Creates the folder, with a `.gitignore` of its own. Problem: `home-unwritable`. */
export function makeHome(home: string): Result<void> {
  try {
    mkdirSync(home, { recursive: true, mode: PRIVATE })
    makePrivate(home)
  } catch (error) {
    const { reason, hint } = whyUnwritable(home, error)
    return fail({
      code: 'home-unwritable',
      message: `${home}, where state, caches and environments are stored, can't be created: ${reason}`,
      detail: (error as Error).message,
      hint,
    })
  }
  ignoreHome(home)
  return ok(undefined)
}

/** Closes a folder that an earlier version made readable for others. That of another user stays as it is. */
function makePrivate(home: string): void {
  const { mode, uid } = statSync(home)
  if ((mode & 0o077) === 0 || uid !== process.getuid?.()) return
  try {
    chmodSync(home, PRIVATE)
  } catch {
    // A file system that is read-only, or that has no modes.
  }
}

/** Makes git ignore the folder, whatever the project's own `.gitignore` says. Does nothing without the folder. */
export function ignoreHome(home: string): void {
  const file = join(home, '.gitignore')
  if (existsSync(file) || !existsSync(home)) return
  try {
    writeFileSync(file, '*\n', { flag: 'wx' })
  } catch {
    // Another command wrote it just now, or the folder is read-only and git has nothing to add.
  }
}
