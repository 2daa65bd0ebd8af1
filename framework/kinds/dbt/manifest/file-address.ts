import { relative, resolve } from 'node:path/posix'
import { isUrl } from '../../../lib/project-path.ts'

/** The folders of a project. */
export interface Folders {
  /** Absolute path of the project root. */
  readonly root: string
  /** The dbt project, relative to the root. */
  readonly projectDir: string
}

/**
 * A location as dbt sees it, relative to its project, as a path relative to the project root. A URL, and
 * the empty text of an unknown location, stay as they are.
 */
export function pathInRoot(location: string, { root, projectDir }: Folders): string {
  if (location === '' || isUrl(location)) return location
  return relative(root, resolve(root, projectDir, location))
}

/** Where a source's rows are: in its relation, or in the file at `path` if there is one. */
interface RowsAt {
  readonly relation: string
  readonly path: string | null
}

/** Where a source's rows are, as a key of the assets by address: its relation, or its file. */
export function addressOf({ relation, path }: RowsAt): string {
  return path === null ? relation : fileAddress(path)
}

const FILE = 'file '

/** The key of a file, which equals that of no relation. */
export function fileAddress(path: string): string {
  return `${FILE}${path}`
}

/** The file of an address; null for a relation. */
export function pathOfAddress(address: string): string | null {
  return address.startsWith(FILE) ? address.slice(FILE.length) : null
}

/** The name of a file as the name of an asset may begin: `prices` of `data/prices.csv`; empty if it has none. */
export function stemOf(path: string): string {
  return /^\w+/.exec(path.slice(path.lastIndexOf('/') + 1))?.[0] ?? ''
}
