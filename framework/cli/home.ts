import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { whyUnwritable } from '../lib/file-refusal.ts'
import { fail, ok, type Result } from '../model/problem.ts'

/** The folder for everything that a project's commands write for themselves. */
export const homeOf = (root: string): string => join(root, '.assets')

/** Creates the folder, with a `.gitignore` of its own. Problem: `home-unwritable`. */
export function makeHome(home: string): Result<void> {
  try {
    mkdirSync(home, { recursive: true })
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
