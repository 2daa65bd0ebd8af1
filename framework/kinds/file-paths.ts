import { type Dirent, existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileStats } from '../lib/file-stats.ts'
import { isGlob, pathGlob } from '../lib/glob.ts'

/** Whether a path is a pattern: it has a wildcard, and no file has this very name. */
export function isPattern(root: string, path: string): boolean {
  return isGlob(path) && !existsSync(resolve(root, path))
}

/** The files that match a pattern, relative to `root` and sorted. Empty if there are none. */
export function filesMatching(root: string, pattern: string): readonly string[] {
  const parts = pattern.split('/')
  const firstGlob = parts.findIndex((part) => isGlob(part))
  const folder = parts.slice(0, firstGlob).join('/') || (pattern.startsWith('/') ? '/' : '.')
  const matches = pathGlob(pattern)
  const depth = parts.includes('**') ? Number.POSITIVE_INFINITY : parts.length - firstGlob
  return filesBelow(root, folder, depth).filter(matches)
}

/**
 * All files below a folder, relative to `root` and sorted; down to `depth` levels. Links to folders are
 * followed once. Empty if the folder does not exist or can't be read.
 */
export function filesBelow(
  root: string,
  folder: string,
  depth = Number.POSITIVE_INFINITY,
): readonly string[] {
  const found: string[] = []
  const open = [{ path: folder, left: depth, links: 0 }]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of entriesOf(resolve(root, at.path))) {
      // Files of this program: no pattern of a project means the copies in it.
      if (entry.name === '.assets') continue
      const path = at.path === '.' ? entry.name : join(at.path, entry.name)
      const links = at.links + (entry.isSymbolicLink() ? 1 : 0)
      if (!isFolder(entry, resolve(root, path))) found.push(path)
      else if (at.left > 1 && links < 2) open.push({ path, left: at.left - 1, links })
    }
  }
  return found.sort()
}

function isFolder(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return fileStats(path)?.isDirectory() ?? false
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}
