import type { StreamType } from '../../../ports/warehouse.ts'
import type { WireType } from '../copy/decoders.ts'
import { quoteIdentifier } from './sql.ts'

/** The type of a source column, with domains resolved to their base type. */
export interface BaseType {
  /** `pg_type.typname`, with its schema in front unless that is `pg_catalog`. */
  readonly name: string
  readonly array: boolean
  /** `atttypmod`: -1 for none. For numeric it encodes precision and scale. */
  readonly modifier: number
}

/** How a COPY reads a column. */
export interface ColumnExpression {
  readonly type: StreamType
  /** The SQL expression of the value. */
  readonly sql: string
  /** The type that the server sends for the expression. */
  readonly wire: WireType
}

/** The SQL expression that reads a column, and Airbyte's type for it. Pure. */
export function columnExpression(name: string, type: BaseType): ColumnExpression {
  const value = quoteIdentifier(name)
  if (type.array) return { type: { type: 'array' }, sql: `to_json(${value})`, wire: 'text' }
  switch (type.name) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
      return { type: { type: 'integer', bits: 64 }, sql: value, wire: type.name }
    case 'numeric':
      return isInteger(type.modifier)
        ? { type: { type: 'integer', bits: 128 }, sql: value, wire: 'integer' }
        : { type: { type: 'number' }, sql: value, wire: 'numeric' }
    case 'money':
      return { type: { type: 'number' }, sql: `${value}::numeric`, wire: 'numeric' }
    case 'float4':
      // A cast through text keeps 0.1 as 0.1. A direct cast gives 0.10000000149011612.
      return { type: { type: 'number' }, sql: `${value}::text::float8`, wire: 'float8' }
    case 'float8':
    case 'bool':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return { type: STREAM_TYPES[type.name], sql: value, wire: type.name }
    case 'timetz':
      return { type: { type: 'timetz' }, sql: asText(value), wire: 'text' }
    case 'text':
    case 'varchar':
    case 'bpchar':
    case 'name':
    case 'json':
      return { type: { type: 'string' }, sql: value, wire: 'text' }
    case 'jsonb':
    case 'uuid':
      return { type: { type: 'string' }, sql: value, wire: type.name }
    default:
      return { type: { type: 'string' }, sql: asText(value), wire: 'text' }
  }
}

const STREAM_TYPES = {
  float8: { type: 'number' },
  bool: { type: 'boolean' },
  date: { type: 'date' },
  time: { type: 'time' },
  timestamp: { type: 'timestamp' },
  timestamptz: { type: 'timestamptz' },
} as const

/**
 * A value as the type's output function prints it. A cast may differ: inet::text adds the netmask. `is not null`
 * would ask every field of a composite.
 */
const asText = (value: string): string =>
  `case when ${value} is distinct from null then concat(${value}) end`

/**
 * Whether a numeric has scale 0 or, since PostgreSQL 15, less. The scale is an 11-bit two's complement
 * number in the modifier (PostgreSQL's utils/adt/numeric.c).
 */
function isInteger(modifier: number): boolean {
  return modifier >= 0 && (((modifier - 4) & 0x7ff) ^ 0x400) - 0x400 <= 0
}
