import { basename } from 'node:path'
import type { Json } from '../../lib/json.ts'

/** A database that dbt's profile attaches beside its own file. */
export interface Attachment {
  /** How relations name it. */
  readonly alias: string
  /** Absolute; null for what is no file of this machine, or needs a secret. */
  readonly file: string | null
  /** DuckDB's type, in lower case: `duckdb`, `sqlite`, `postgres`, `ducklake`. */
  readonly type: string
}

/** Whether the file has DuckDB's own format, whose headers say whether it changed. */
export const isDuckdbFile = ({ file, type }: Attachment): boolean =>
  file !== null && type === 'duckdb'

/** The entries of `attach:` of dbt-duckdb's profile, as `attachment` in worker_profile.py shows them. Pure. */
export function attachmentsOf(attach: Json | undefined): readonly Attachment[] {
  return listOf(attach).flatMap((one) => (isObject(one) ? [attachmentOf(one)] : []))
}

function attachmentOf(entry: Readonly<Record<string, Json>>): Attachment {
  const { path, alias, type, secret, is_ducklake: isDucklake } = entry
  const given = typeof path === 'string' ? path : ''
  const isFile = given.startsWith('/') && secret === undefined && isDucklake !== true
  const stem = basename(given).replace(/\.[^.]*$/, '')
  return {
    alias: typeof alias === 'string' ? alias : stem,
    file: isFile ? given : null,
    type: isDucklake === true ? 'ducklake' : typeOf(type, given),
  }
}

/** The type that is stated, else that of the beginning of the path: `md:`, `sqlite:`. */
function typeOf(stated: Json | undefined, path: string): string {
  if (typeof stated === 'string' && stated !== '') return stated.toLowerCase()
  const [, scheme] = /^(\w\w+):/.exec(path) ?? []
  return scheme === undefined ? 'duckdb' : scheme.toLowerCase()
}

export const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : []

export const isObject = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
