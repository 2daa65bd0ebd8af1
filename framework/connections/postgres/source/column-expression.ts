import type { StreamType } from '../../../ports/warehouse.ts'
import type { Wire } from '../copy/decoders.ts'
import { identifier } from './sql.ts'

/** The type of a source column with domains resolved to what they stand on. */
export interface BaseType {
  /** `pg_type.typname`, with its schema in front when it is not a type of PostgreSQL's own. */
  readonly name: string
  readonly array: boolean
  /** `atttypmod`: -1 for none; for numeric it holds precision and scale. */
  readonly modifier: number
}

/** How a column is written into the COPY. */
export interface ColumnRead {
  readonly type: StreamType
  /** SQL that gives the value. */
  readonly value: string
  /** What the server sends for that. */
  readonly wire: Wire
}

/** Airbyte's type for a column and the SQL that reads it. */
export function readColumn(name: string, type: BaseType): ColumnRead {
  const value = identifier(name)
  if (type.array) return { type: { type: 'array' }, value: `to_json(${value})`, wire: 'text' }
  switch (type.name) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
      return { type: { type: 'integer', bits: 64 }, value, wire: type.name }
    case 'numeric':
      return isInteger(type.modifier)
        ? { type: { type: 'integer', bits: 128 }, value, wire: 'integer' }
        : { type: { type: 'number' }, value, wire: 'numeric' }
    case 'money':
      return { type: { type: 'number' }, value: `${value}::numeric`, wire: 'numeric' }
    case 'float4':
      // Through its text, since 0.1 is to be 0.1 and not the double next to the single 0.1.
      return { type: { type: 'number' }, value: `${value}::text::float8`, wire: 'float8' }
    case 'float8':
    case 'bool':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return { type: STREAM_TYPES[type.name], value, wire: type.name }
    case 'timetz':
      return { type: { type: 'timetz' }, value: shown(value), wire: 'text' }
    case 'text':
    case 'varchar':
    case 'bpchar':
    case 'name':
    case 'json':
      return { type: { type: 'string' }, value, wire: 'text' }
    case 'jsonb':
    case 'uuid':
      return { type: { type: 'string' }, value, wire: type.name }
    default:
      return { type: { type: 'string' }, value: shown(value), wire: 'text' }
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

/** A value as people see it. A cast to text may be another function: inet's adds the net's length. */
const shown = (value: string): string => `case when ${value} is not null then concat(${value}) end`

/**
 * numeric with scale 0 (or less, since 15) is an integer, any other a number. The scale is an 11-bit
 * two's complement number (PostgreSQL's utils/adt/numeric.c).
 */
function isInteger(modifier: number): boolean {
  return modifier >= 0 && (((modifier - 4) & 0x7ff) ^ 0x400) - 0x400 <= 0
}
