import { join, normalize } from 'node:path/posix'
import { isUrl } from '../../file-paths.ts'

/** A location relative to the dbt project as a path relative to the project root. A URL stays as it is. */
export function pathInRoot(location: string, projectDir: string): string {
  return location === '' || isUrl(location) ? location : normalize(join(projectDir, location))
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

/** The key of a file, which equals that of no relation. */
export function fileAddress(path: string): string {
  return `file ${path}`
}
