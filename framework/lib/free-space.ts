import { existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Bytes that this user may still write where a path is, or would be made. Throws as `statfs` does. */
export function freeSpace(path: string): number {
  const { bavail, bsize } = statfsSync(nearest(path))
  return bavail * bsize
}

/** Whether two paths are, or would be made, on one file system. */
export function onOneDisk(one: string, other: string): boolean {
  return statSync(nearest(one)).dev === statSync(nearest(other)).dev
}

/** The nearest thing upwards that exists. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path))
}
