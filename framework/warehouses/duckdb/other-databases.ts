import { basename } from 'node:path'
import { hash } from '../../lib/hash.ts'
import { databaseOf, inOwnDatabase } from '../../model/relation-name.ts'
import type { AsDbt } from './as-dbt.ts'
import { attachedFile } from './attached-file.ts'
import { type Attachment, isDuckdbFile } from './attachment.ts'
import type { DatabaseFile } from './database-file.ts'

/**
 * `Warehouse.changeToken`: of the file and of all files that sessions attach. null if one of them has none, such as
 * a database of another format: a view may show it. `file` is the path of the warehouse as it is written.
 */
export function changeTokenOf(
  database: DatabaseFile,
  file: string,
  { attached }: AsDbt,
): string | null {
  const token = database.changeToken()
  const [size, digest] = token?.split(':') ?? []
  if (token === null || !attached.every(isDuckdbFile)) return null
  const others = attached.map(({ alias, file: path }) => {
    const one = attachedFile(path!)
    const token = one.changeToken()
    return token === null ? null : [alias, one.path, token]
  })
  if (others.includes(null)) return null
  // Another file is another warehouse, whatever its header (SEMANTICS 40, 44).
  const places = others.flatMap((one) => one ?? [])
  if (size !== undefined && digest !== undefined) return `${size}:${hash(digest, file, ...places)}`
  return places.length === 0 ? token : `${token}:${hash(file, ...places)}`
}

/**
 * `Warehouse.whyUnseen`: whether a session can attach the database of a relation. `isFromDbt`: the warehouse is
 * taken from dbt's profile, so its attachments are known.
 */
export function whyUnseen(
  relation: string,
  { attached }: AsDbt,
  database: DatabaseFile,
  isFromDbt: boolean,
): string | null {
  const alias = databaseOf(relation)
  if (alias === null) return null
  const found = attached.find((one) => one.alias.toLowerCase() === alias)
  if (found === undefined) return notKnown(relation, alias, database, isFromDbt)
  if (found.file === null) return notReadable(found)
  return database.whyNotAttached(found.alias)
}

function notKnown(
  relation: string,
  alias: string,
  { path }: DatabaseFile,
  isFromDbt: boolean,
): string {
  const own = basename(path).replace(/\.[^.]*$/, '')
  if (alias === own.toLowerCase()) {
    return `${alias} is the target's own database: write ${inOwnDatabase(relation)}`
  }
  return isFromDbt
    ? `dbt's profile attaches no database ${alias}`
    : `\`warehouse:\` of the target is stated, so assets attaches no database ${alias}; leave it out to take it from dbt's profile`
}

function notReadable({ alias, type }: Attachment): string {
  const what =
    type === 'duckdb' ? 'is no file of this machine or needs a secret' : `has the type ${type}`
  return `database ${alias} ${what}, which assets can't attach`
}
