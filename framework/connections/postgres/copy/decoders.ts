import type { ParquetType } from '../spool/parquet/parquet-file.ts'
import type { Decode } from './column-values.ts'
import {
  booleans,
  float8s,
  int2s,
  int4s,
  int8s,
  integers,
  numerics,
  oids,
} from './decode-numbers.ts'
import { jsonbs, texts, uuids } from './decode-texts.ts'
import { dates, times, timestamps } from './decode-times.ts'

/** The type of a column in COPY's binary format. `integer` is a numeric without a fraction. */
export type WireType =
  | 'int2'
  | 'int4'
  | 'int8'
  | 'oid'
  | 'float8'
  | 'numeric'
  | 'integer'
  | 'bool'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'text'
  | 'jsonb'
  | 'uuid'

/** A column of a COPY, with the type that the server sends. */
export interface WireColumn {
  readonly name: string
  readonly wire: WireType
  /** Whether a value that loses information is kept exactly beside its row. */
  readonly keepsExact: boolean
}

export interface Decoder {
  readonly type: ParquetType
  /** Bytes of a value; null if values differ in length. */
  readonly bytes: number | null
  /** Whether every value arrives as it is, so that two values never become equal. */
  readonly lossless: boolean
  readonly decode: Decode
}

export const DECODERS: Readonly<Record<WireType, Decoder>> = {
  int2: { type: 'int32', bytes: 2, lossless: true, decode: int2s },
  int4: { type: 'int32', bytes: 4, lossless: true, decode: int4s },
  int8: { type: 'int64', bytes: 8, lossless: true, decode: int8s },
  oid: { type: 'int64', bytes: 4, lossless: true, decode: oids },
  float8: { type: 'double', bytes: 8, lossless: false, decode: float8s },
  numeric: { type: 'double', bytes: null, lossless: false, decode: numerics },
  integer: { type: 'int128', bytes: null, lossless: false, decode: integers },
  bool: { type: 'boolean', bytes: 1, lossless: true, decode: booleans },
  date: { type: 'date', bytes: 4, lossless: false, decode: dates },
  time: { type: 'time', bytes: 8, lossless: false, decode: times },
  timestamp: { type: 'timestamp', bytes: 8, lossless: false, decode: timestamps },
  timestamptz: { type: 'timestamptz', bytes: 8, lossless: false, decode: timestamps },
  text: { type: 'text', bytes: null, lossless: true, decode: texts },
  jsonb: { type: 'text', bytes: null, lossless: true, decode: jsonbs },
  uuid: { type: 'text', bytes: 16, lossless: true, decode: uuids },
}
