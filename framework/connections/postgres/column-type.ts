import type { StreamType } from '../../ports/warehouse.ts'
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
  /**
   * SQL that is true where the value fits the destination's type; null where every value does. A
   * value that does not fit becomes null and is listed in the changes column.
   */
  readonly fits: string | null
}

/** Airbyte's type for a column and the SQL that reads it. */
export function readColumn(name: string, type: BaseType): ColumnRead {
  const value = identifier(name)
  if (type.array) return plain({ type: 'array' }, `to_json(${value})`)
  switch (type.name) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
      return plain({ type: 'integer', bits: 64 }, value)
    case 'numeric':
      return readNumeric(value, type.modifier)
    case 'money':
      return plain({ type: 'number' }, `${value}::numeric`)
    case 'float4':
    case 'float8':
      // NaN sorts above Infinity.
      return { type: { type: 'number' }, value, fits: inside(value, '-Infinity', 'Infinity') }
    case 'bool':
      return plain({ type: 'boolean' }, value)
    case 'date':
      return { type: { type: 'date' }, value, fits: within(value, '0001-01-01', '9999-12-31') }
    case 'time':
      // PostgreSQL has 24:00:00; a day's last microsecond is the latest that others know.
      return { type: { type: 'time' }, value, fits: `${value} < '24:00:00'` }
    case 'timetz':
      return plain({ type: 'timetz' }, value)
    case 'timestamp':
      return { type: { type: 'timestamp' }, value, fits: within(value, FIRST, LAST) }
    case 'timestamptz':
      return {
        type: { type: 'timestamptz' },
        value,
        fits: within(value, `${FIRST}+00`, `${LAST}+00`),
      }
    default:
      return plain({ type: 'string' }, value)
  }
}

const FIRST = '0001-01-01 00:00:00'
const LAST = '9999-12-31 23:59:59.999999'
/** The largest finite double: PostgreSQL's numeric goes on to 131,072 digits. */
const LARGEST = '1.7976931348623157e308'
/** Digits that the destinations' widest integer holds. */
const INTEGER_DIGITS = 38

/** numeric with scale 0 (or less, since 15) is an integer, any other a number. NaN fits neither. */
function readNumeric(value: string, modifier: number): ColumnRead {
  const declared = modifier < 0 ? null : digits(modifier)
  if (declared === null) {
    return { type: { type: 'number' }, value, fits: within(value, `-${LARGEST}`, LARGEST) }
  }
  const integer = declared.scale <= 0
  const whole = declared.precision - declared.scale
  const fits =
    integer && whole > INTEGER_DIGITS
      ? inside(value, `-1e${INTEGER_DIGITS}`, `1e${INTEGER_DIGITS}`)
      : whole > 308
        ? within(value, `-${LARGEST}`, LARGEST)
        : `${value} <> 'NaN'`
  return { type: integer ? { type: 'integer', bits: 128 } : { type: 'number' }, value, fits }
}

/** The scale is an 11-bit two's complement number (PostgreSQL's utils/adt/numeric.c). */
function digits(modifier: number): { precision: number; scale: number } {
  const packed = modifier - 4
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 0x400) - 0x400 }
}

const plain = (type: StreamType, value: string): ColumnRead => ({ type, value, fits: null })
const within = (value: string, low: string, high: string): string =>
  `${value} between '${low}' and '${high}'`
const inside = (value: string, low: string, high: string): string =>
  `${value} > '${low}' and ${value} < '${high}'`
