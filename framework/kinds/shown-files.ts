import { type Stats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { hash } from '../lib/hash.ts'
import type { Definition } from '../model/definition.ts'
import { filesBelow, isUrl } from './file-paths.ts'

/** The files that hold the rows of a view, as they are now. */
export type ShownFiles =
  /** `token`: their change token; null if it can't be read without the warehouse, as of a URL. */
  | { readonly state: 'exist'; readonly token: string | null }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly message: string }

/**
 * The files that a dbt model writes and shows through its view (SEMANTICS 30); null if the rows of the
 * definition are in its relation. Of a folder all files count, at any depth: a superset of those that the
 * view reads. An empty folder is absent.
 */
export function shownFiles(
  root: string,
  { relation, outputs }: Pick<Definition, 'relation' | 'outputs'>,
): ShownFiles | null {
  const [output] = outputs
  if (relation === null || output === undefined) return null
  if (output === '' || isUrl(output)) return { state: 'exist', token: null }
  try {
    const stats = statSync(resolve(root, output), { throwIfNoEntry: false })
    if (stats === undefined) return { state: 'absent' }
    if (!stats.isDirectory()) return { state: 'exist', token: tokenOf(stats) }
    const files = filesBelow(root, output)
    if (files.length === 0) return { state: 'absent' }
    const tokens = files.map((file) => `${file} ${tokenOf(statSync(resolve(root, file)))}`)
    return { state: 'exist', token: hash(...tokens) }
  } catch (error) {
    return { state: 'unreadable', message: (error as Error).message }
  }
}

/** The change time is part of it, because a copy may keep size and modification time. */
function tokenOf({ size, mtimeMs, ctimeMs, ino }: Stats): string {
  return [size, mtimeMs, ctimeMs, ino].join(':')
}
