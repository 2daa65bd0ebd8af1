import { existsSync, type Stats, statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { fileStats } from '../lib/file-stats.ts'
import { hash } from '../lib/hash.ts'
import { isUrl } from '../lib/project-path.ts'
import type { Definition } from '../model/definition.ts'
import { filesBelow } from './file-paths.ts'

/** The files that hold the rows of a view, as they are now. */
export type ShownFiles =
  | {
      readonly state: 'exist'
      /** Their change token; null if it can't be read without the warehouse, as of a URL. */
      readonly token: string | null
      /** The file that this process would read instead of them, because DuckDB looks there first. */
      readonly hiddenBy: string | null
    }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly message: string }

/** The files that hold the rows of a relation; null if the warehouse holds them. */
export type FilesOf = (subject: { readonly definition: Definition }) => ShownFiles | null

/**
 * The files that a dbt model writes and shows through its view (SEMANTICS 30); null if the rows of the
 * definition are in its relation. Of a folder all files count, at any depth: a superset of those that the
 * view reads. An empty folder is absent. `base`: the folder from which the view may name them (dbt's); null
 * if this process does not read the view.
 */
export function shownFiles(
  root: string,
  base: string | null,
  { relation, outputs }: Pick<Definition, 'relation' | 'outputs'>,
): ShownFiles | null {
  const [output] = outputs
  if (relation === null || output === undefined) return null
  if (output === '' || isUrl(output)) return { state: 'exist', token: null, hiddenBy: null }
  const path = resolve(root, output)
  try {
    const hiddenBy = base === null ? null : hiderOf(path, base)
    const stats = fileStats(path)
    if (stats === undefined) return { state: 'absent' }
    if (!stats.isDirectory()) return { state: 'exist', token: tokenOf(stats), hiddenBy }
    const files = filesBelow(root, output)
    if (files.length === 0) return { state: 'absent' }
    const tokens = files.map((file) => `${file} ${tokenOf(statSync(resolve(root, file)))}`)
    return { state: 'exist', token: hash(...tokens), hiddenBy }
  } catch (error) {
    return { state: 'unreadable', message: (error as Error).message }
  }
}

/**
 * The file in the working directory that has the name which `path` has in `base`; null if there is none. A
 * session of DuckDB searches `base`, but the working directory comes first.
 */
function hiderOf(path: string, base: string): string | null {
  const hider = resolve(relative(base, path))
  return hider !== path && existsSync(hider) ? hider : null
}

/** The change time is part of it, because a copy may keep size and modification time. */
function tokenOf({ size, mtimeMs, ctimeMs, ino }: Stats): string {
  return [size, mtimeMs, ctimeMs, ino].join(':')
}
