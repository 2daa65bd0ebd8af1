import { existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Free bytes for this user on the file system of a path, which need not exist. Throws like `statfs`. */
export function freeSpace(path: string): number {
  const { bavail, bsize } = statfsSync(nearest(path))
  return bavail * bsize
}

/** Whether two paths, which need not exist, are on the same file system. */
export function onOneDisk(one: string, other: string): boolean {
  return statSync(nearest(one)).dev === statSync(nearest(other)).dev
}

/** The nearest existing parent, or the path itself. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path))
}
