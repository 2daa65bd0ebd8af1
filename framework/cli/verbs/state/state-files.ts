import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { spellingFault } from '../../../lib/project-path.ts'
import { newName } from '../../../lib/replace-file.ts'
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import type { Site } from '../../../ports/site.ts'
import type { State } from '../../../ports/state.ts'
import type { Context } from '../../context.ts'

/** The type of a state in a file. */
const FILE_STATE = 'sqlite'

/** The files of a SQLite state: it, its log, what processes share about the log, and the number of its last run. */
const PARTS = ['', '-wal', '-shm', '-last-run'] as const

/** The target that backups of a target's state are about; null: all, because nothing else shares the file. */
export function backedUpTarget({ target }: Site): string | null {
  return target.state.type === FILE_STATE ? null : target.name
}

/** Opens the state in a SQLite file. Problems: `file-missing`, `state-same`, those of SQLite. */
export async function openFile(
  context: Context,
  site: Site,
  file: string,
  isOrigin: boolean,
): Promise<Result<State>> {
  const path = resolve(context.cwd, file)
  const refused =
    misspelt(file) ?? (isOrigin ? missing(path, file) : null) ?? same(site, path, file)
  return refused === null ? openAt(context, site, path) : fail(refused)
}

/**
 * Opens a copy of a state in a SQLite file, so that the file stays as it is: opening an older one migrates it. `remove`
 * removes the copy. Problems: `file-missing`, `state-same`, those of SQLite.
 */
export async function openCopy(
  context: Context,
  site: Site,
  file: string,
): Promise<Result<{ readonly state: State; remove(): Promise<void> }>> {
  const path = resolve(context.cwd, file)
  const refused = misspelt(file) ?? missing(path, file) ?? same(site, path, file)
  if (refused !== null) return fail(refused)
  const copy = newName(join(site.home, 'state-copy'))
  removeFile(copy)
  copyFileSync(path, copy)
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`)
  const opened = await openAt(context, site, copy)
  if (!opened.ok) {
    removeFile(copy)
    return fail(...opened.problems.map((problem) => aboutFile(problem, copy, file)))
  }
  const state = opened.value
  const remove = async () => {
    await state.close()
    removeFile(copy)
  }
  return ok({ state, remove })
}

/** A problem of a file of ours, in the name of the file that a person gave. */
export function aboutFile(problem: Problem, ours: string, file: string): Problem {
  const { hint, ...rest } = problem
  return {
    ...rest,
    message: problem.message.replaceAll(ours, file),
    ...(problem.code === 'state-corrupted' || hint === undefined ? {} : { hint }),
  }
}

export async function openAt(context: Context, site: Site, path: string): Promise<Result<State>> {
  const create = await context.registries.states[FILE_STATE]!.create()
  return create({ type: FILE_STATE, settings: { path }, at: site.target.state.at }, site)
}

/** Removes a state. */
export function removeFile(path: string): void {
  for (const part of PARTS) rmSync(path + part, { force: true })
}

/** A part of a file name that sorts by time. `now`: milliseconds since the epoch. */
export const stamp = (now: number) => new Date(now).toISOString().replaceAll(':', '-')

function misspelt(file: string): Problem | null {
  const fault = spellingFault(file)
  if (fault === null) return null
  const message = `the path of the SQLite file ${fault.message}`
  return { code: 'usage', message, hint: fault.hint }
}

function missing(path: string, file: string): Problem | null {
  if (existsSync(path)) return null
  return {
    code: 'file-missing',
    message: `${file} does not exist`,
    hint: 'a SQLite state is in .assets/state.sqlite, or where `state: {path: …}` puts it',
  }
}

export function same(site: Site, path: string, file: string): Problem | null {
  const { settings, at } = site.target.state
  if (typeof settings.path !== 'string' || resolve(site.root, settings.path) !== path) return null
  return {
    code: 'state-same',
    message: `${file} is already the \`state:\` of target ${site.target.name}`,
    at,
    hint: 'to move to a server, change `state:` first, then run assets state copy --from with the old file',
  }
}
