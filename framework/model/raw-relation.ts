import type { Json } from '../lib/json.ts'
import type { Asset } from './asset.ts'
import type { Target } from './project.ts'
import { relationText } from './relation-name.ts'

/** The schema of raw tables, unless the connection sets `target_schema`. */
const DEFAULT_RAW_SCHEMA = 'raw'

/** Describes `target_schema` of a connection, for editors. */
export const TARGET_SCHEMA_HELP = `Schema of the raw tables in the warehouse. Default: ${DEFAULT_RAW_SCHEMA}.`

/**
 * The relation that holds an `airbyte` asset in a target: `schema.name`, by `target_schema` and `prefix` of
 * its connection. Pure.
 */
export function rawRelationOf({ spec }: Asset, { connections }: Target): string {
  const settings = connections[String(spec.connection)]?.settings
  const schema = textOf(settings?.target_schema) ?? DEFAULT_RAW_SCHEMA
  const prefix = textOf(settings?.prefix) ?? ''
  return relationText({ database: null, schema, name: `${prefix}${String(spec.stream)}` })
}

const textOf = (value: Json | undefined): string | null =>
  typeof value === 'string' ? value : null
