import { readlinkSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path'
import { outside, ownFault, type PathFault, type PathRule, pathFault } from './project-path.ts'

/** Links that may lead to each other before the system gives up (ELOOP). Source: path_resolution(7). */
const MAX_LINKS = 40

/** Real places of folders that were looked up before. Keep it only as long as no folder can change. */
export type KnownFolders = Map<string, string>

/**
 * Where an absolute path leads once all links are followed, also those that lead to nothing. What does not exist
 * stays as it is written. Two paths lead to one file exactly if these are equal. Never throws: a folder that can't
 * be looked into counts as one without links.
 */
export function realPlace(path: string, known: KnownFolders = new Map()): string {
  const names: string[] = []
  let folder = path
  // Up to a folder that is known, and down again.
  while (dirname(folder) !== folder && (folder === path || !known.has(folder))) {
    names.push(basename(folder))
    folder = dirname(folder)
  }
  let real = known.get(folder) ?? folder
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    known.set(folder, real)
    folder = join(folder, name)
    real = follow(real, [name])
  }
  return real
}

/** Follows the names below a real folder, one by one, as the system does. */
function follow(folder: string, names: readonly string[]): string {
  let real = folder
  let links = 0
  const open = [...names].reverse()
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === '' || name === '.') continue
    const here = name === '..' ? dirname(real) : join(real, name)
    const target = name === '..' || links === MAX_LINKS ? null : linkTarget(here)
    if (target === null) real = here
    else {
      links += 1
      if (isAbsolute(target)) real = parse(target).root
      open.push(...target.split(sep).reverse())
    }
  }
  return real
}

/** Where a link leads, as it says; null for anything else, and for what can't be looked at. */
function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}

/** Whether a real path is a folder or below it. */
function isBelow(folder: string, path: string): boolean {
  const inside = relative(folder, path)
  return inside === '' || !(inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
}

/**
 * Why a file can't be written at a path of the rule `written`: by its text, or once links are followed; null if it can.
 * Look again before it is written: a link may be new.
 */
export function writtenFault(
  root: string,
  path: string,
  known: KnownFolders = new Map(),
): PathFault | null {
  return pathFault(path, 'written') ?? linkFault(root, path, 'written', known)
}

/**
 * Why a path leads where its rule does not allow, once links are followed; null if it does not. `path` has no
 * fault by its text.
 */
export function linkFault(
  root: string,
  path: string,
  rule: PathRule,
  known: KnownFolders = new Map(),
): PathFault | null {
  if (rule === 'anywhere') return null
  const project = realPlace(root, known)
  const place = realPlace(resolve(root, path), known)
  if (isBelow(project, place)) {
    return rule === 'written' ? ownFault(relative(project, place)) : null
  }
  if (isAbsolute(path)) return null
  const link = firstLink(root, path, project)
  const fault = outside(`${link} leads to ${realPlace(resolve(root, link), known)}`, rule)
  return rule === 'written' ? { ...fault, hint: `${fault.hint}: ${place}` } : fault
}

/** The shortest part of a path that is a link out of the project, relative to it. */
function firstLink(root: string, path: string, project: string): string {
  const parts = relative(root, resolve(root, path)).split(sep)
  const parents = parts.map((_, at) => parts.slice(0, at + 1).join(sep))
  const isOut = (part: string) =>
    linkTarget(join(root, part)) !== null && !isBelow(project, realPlace(join(root, part)))
  return parents.find(isOut) ?? path
}
