import { mkdirSync, rmSync, statSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { digestOf } from '../observe-files.ts'

/** Where a file is written before it takes its place. */
export function asideOf(path: string): string {
  return `${path}.assets-tmp`
}

/** Makes the folder of a file and clears away what a killed run left beside it. */
export function prepare(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  discard(path)
}

/** Removes what was written aside and did not take its place. */
export function discard(path: string): void {
  rmSync(asideOf(path), { force: true })
}

/**
 * Moves the file written aside to its place, on disk before it is seen. Equal bytes leave the old
 * file and its times alone; what was written aside then stays there for `discard`. Rejects with the error of the disk.
 */
export async function publish(path: string): Promise<void> {
  const aside = asideOf(path)
  if (await sameBytes(aside, path)) return
  await sync(aside)
  await rename(aside, path)
  await sync(dirname(path))
}

async function sameBytes(left: string, right: string): Promise<boolean> {
  const old = statSync(right, { throwIfNoEntry: false })
  const { size } = statSync(left)
  if (!old?.isFile() || old.size !== size) return false
  return (await digestOf(left, size)) === (await digestOf(right, size))
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
