import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { ColumnChunk } from '../../../framework/connections/postgres/spool/parquet/column-chunk.ts'
import {
  type ParquetColumn,
  ParquetFile,
  type ParquetType,
} from '../../../framework/connections/postgres/spool/parquet/parquet-file.ts'
import { type Cell, readSpool } from '../../rig/spool.ts'

// The files are read by DuckDB, which has its own Parquet reader.

const folder = mkdtempSync(join(tmpdir(), 'assets-parquet-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Appends a value as its bytes in PLAIN encoding. */
function put(chunk: ColumnChunk, bytes: Uint8Array | null): void {
  if (bytes === null) chunk.addNull(chunk.rows)
  else {
    chunk.reserve(bytes.length)
    chunk.bytes.set(bytes, chunk.used)
    chunk.used += bytes.length
  }
  chunk.rows++
}

function fixed(size: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size)
  write(new DataView(bytes.buffer))
  return bytes
}
const int32 = (value: number) => fixed(4, (view) => view.setInt32(0, value, true))
const int64 = (value: bigint) => fixed(8, (view) => view.setBigInt64(0, value, true))
const double = (value: number) => fixed(8, (view) => view.setFloat64(0, value, true))
const text = (value: string) => Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)])
const int128 = (value: bigint) =>
  fixed(16, (view) => {
    view.setBigInt64(0, value >> 64n)
    view.setBigUint64(8, value & 0xffff_ffff_ffff_ffffn)
  })

/** Values, and each as DuckDB writes it. */
const SAMPLES: Readonly<
  Record<Exclude<ParquetType, 'boolean'>, readonly (readonly [Uint8Array, string])[]>
> = {
  int32: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)].map((it) => [int32(it), String(it)]),
  int64: [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n)].map((it) => [int64(it), String(it)]),
  int128: [0n, -1n, 10n ** 38n - 1n, 1n - 10n ** 38n, 2n ** 64n].map((it) => [
    int128(it),
    String(it),
  ]),
  double: [0.5, -1.25, 1e300].map((it) => [double(it), String(it)]),
  text: ['', 'x', 'ä😀', 'a\0b', 'x'.repeat(5000)].map((it) => [text(it), it]),
  date: [
    [int32(0), '1970-01-01'],
    [int32(-719_162), '0001-01-01'],
    [int32(2_932_896), '9999-12-31'],
  ],
  time: [
    [int64(0n), '00:00:00'],
    [int64(86_399_999_999n), '23:59:59.999999'],
  ],
  timestamp: [
    [int64(0n), '1970-01-01 00:00:00'],
    [int64(-62_135_596_800_000_000n), '0001-01-01 00:00:00'],
    [int64(253_402_300_799_999_999n), '9999-12-31 23:59:59.999999'],
  ],
  timestamptz: [[int64(1_500_000n), '1970-01-01 00:00:01.5+00']],
}

const TYPES = Object.keys(SAMPLES) as (keyof typeof SAMPLES)[]
const columns: readonly ParquetColumn[] = TYPES.map((type) => ({ name: `a ${type}`, type }))

/** A row: for each column the number of a sample, or null. */
const row = fc.tuple(
  ...TYPES.map((type) => fc.option(fc.nat(SAMPLES[type].length - 1), { freq: 2 })),
)

let files = 0
async function read(parts: readonly Uint8Array[]) {
  const path = join(folder, `${++files}.parquet`)
  writeFileSync(path, Buffer.concat(parts))
  return readSpool(path)
}

describe('a parquet file', () => {
  test('returns values of every type and nulls in every position, for any row groups', async () => {
    const groups = fc.array(fc.array(row, { maxLength: 20 }), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(groups, async (given) => {
        const file = new ParquetFile(columns)
        const parts = [file.header]
        const chunks = columns.map(() => new ColumnChunk())
        for (const rows of given) {
          for (const one of rows) {
            for (const [at, type] of TYPES.entries()) {
              const sample = one[at]!
              put(chunks[at]!, sample === null ? null : SAMPLES[type][sample]![0])
            }
          }
          parts.push(file.appendGroup(chunks))
          for (const chunk of chunks) chunk.clear()
        }
        parts.push(file.footer())
        const expected = given.flat().map((one) =>
          TYPES.map((type, at): Cell => {
            const sample = one[at] ?? null
            return sample === null ? null : SAMPLES[type][sample]![1]
          }),
        )
        const { types, rows } = await read(parts)
        expect(types).toEqual([
          'INTEGER',
          'BIGINT',
          'DECIMAL(38,0)',
          'DOUBLE',
          'VARCHAR',
          'DATE',
          'TIME',
          'TIMESTAMP',
          'TIMESTAMP WITH TIME ZONE',
        ])
        expect(rows.map((cells) => cells.map((cell) => cell?.replace(/e\+/, 'e') ?? null))).toEqual(
          expected.map((cells) => cells.map((cell) => cell?.replace(/e\+/, 'e') ?? null)),
        )
        expect([file.rows, file.size]).toEqual([
          expected.length,
          parts.reduce((sum, part) => sum + part.length, 0),
        ])
      }),
      { numRuns: 60 },
    )
  })

  test('holds many rows of a column with some nulls', async () => {
    const file = new ParquetFile([{ name: 'n', type: 'int32' }])
    const chunk = new ColumnChunk()
    const expected: Cell[][] = []
    for (let at = 0; at < 20_000; at++) {
      const none = at % 7 === 3 || at > 19_000
      put(chunk, none ? null : int32(at))
      expected.push([none ? null : String(at)])
    }
    const { rows } = await read([file.header, file.appendGroup([chunk]), file.footer()])
    expect(rows).toEqual(expected)
  })

  test('holds bits, values far larger than its buffers, and many columns', async () => {
    const many = Array.from({ length: 40 }, (_, at) => ({ name: `c${at}`, type: 'text' }) as const)
    const file = new ParquetFile([{ name: 'b', type: 'boolean' }, ...many])
    const chunks = [new ColumnChunk(), ...many.map(() => new ColumnChunk())]
    // true, null, false, true
    const bits = chunks[0]!
    bits.bytes[0] = 0b101
    bits.used = 1
    bits.addNull(1)
    bits.rows = 4
    const large = 'x'.repeat(20_000_000)
    for (const chunk of chunks.slice(1)) for (let at = 0; at < 4; at++) put(chunk, text(`${at}`))
    chunks[1]!.clear()
    for (const value of ['a', large, 'b', 'c']) put(chunks[1]!, text(value))
    const { rows } = await read([
      file.header,
      file.appendGroup(chunks, new Uint8Array(10)),
      file.footer(),
    ])
    expect(rows.map((cells) => cells[0])).toEqual(['true', null, 'false', 'true'])
    expect(rows.map((cells) => cells[1]!.length)).toEqual([1, 20_000_000, 1, 1])
    expect(rows.map((cells) => cells.slice(2))).toEqual(
      Array.from({ length: 4 }, (_, at) => many.slice(1).map(() => `${at}`)),
    )
  })

  test('writes into the given buffer', () => {
    const file = new ParquetFile([{ name: 'n', type: 'int32' }])
    const chunk = new ColumnChunk()
    put(chunk, int32(5))
    const room = new Uint8Array(1000)
    expect(file.appendGroup([chunk], room).buffer).toBe(room.buffer)
    expect(file.appendGroup([chunk], new Uint8Array(3)).length).toBeGreaterThan(3)
  })
})
