import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import {
  DECODERS,
  type WireColumn,
  type WireType,
} from '../../../framework/connections/postgres/copy/decoders.ts'
import { RowDecoder } from '../../../framework/connections/postgres/copy/row-decoder.ts'
import { RowVersionSum } from '../../../framework/connections/postgres/probe/row-version-sum.ts'
import { SpoolWriter } from '../../../framework/connections/postgres/spool/spool-writer.ts'
import { type Cell, readSpool } from '../../rig/spool.ts'

const folder = mkdtempSync(join(tmpdir(), 'assets-binary-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The bytes that a server sends for a value, and the decoded text in DuckDB's format; null if out of range. */
interface Sent {
  readonly bytes: Buffer
  readonly arrives: Cell
  /** Whether it arrives as another number. */
  readonly rounded?: boolean
}

const fixed = (size: number, write: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.alloc(size)
  write(bytes)
  return bytes
}
const int64 = (value: bigint) => fixed(8, (bytes) => bytes.writeBigInt64BE(value))
const float64 = (value: number) => fixed(8, (bytes) => bytes.writeDoubleBE(value))

/** Encodes a decimal text like numeric_send. */
function numeric(text: string): Buffer {
  if (text === 'NaN') return Buffer.from([0, 0, 0, 0, 0xc0, 0, 0, 0])
  if (text === 'Infinity') return Buffer.from([0, 0, 0, 0, 0xd0, 0, 0, 0])
  if (text === '-Infinity') return Buffer.from([0, 0, 0, 0, 0xf0, 0, 0, 0])
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(text)!
  const left = whole.padStart(Math.ceil(whole.length / 4) * 4, '0')
  const right = fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0')
  const digits = [...`${left}${right}`.matchAll(/\d{4}/g)].map(([four]) => Number(four))
  let weight = left.length / 4 - 1
  while (digits[0] === 0) {
    digits.shift()
    weight--
  }
  while (digits.at(-1) === 0) digits.pop()
  if (digits.length === 0) weight = 0
  const bytes = Buffer.alloc(8 + digits.length * 2)
  bytes.writeInt16BE(digits.length, 0)
  bytes.writeInt16BE(weight, 2)
  bytes.writeUInt16BE(sign === '-' ? 0x4000 : 0, 4)
  bytes.writeInt16BE(fraction.length, 6)
  for (const [at, digit] of digits.entries()) bytes.writeInt16BE(digit, 8 + at * 2)
  return bytes
}

const bigint = (low: bigint, high: bigint) => fc.bigInt({ min: low, max: high })
const EPOCH = 946_684_800_000_000n
const moment = (micros: bigint) =>
  micros < -63_082_281_600_000_000n || micros >= 252_455_616_000_000_000n
    ? null
    : `${(micros + EPOCH) / 1_000_000n - ((micros + EPOCH) % 1_000_000n < 0n ? 1n : 0n)}`
const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.nat(45), fc.nat(60))
  .map(([negative, digits, scale, zeros]) => {
    const all = `${digits}${'0'.repeat(zeros)}`.padStart(scale + 1, '0')
    const cut = all.length - scale
    return `${negative && digits > 0n ? '-' : ''}${all.slice(0, cut)}${scale > 0 ? '.' : ''}${all.slice(cut)}`
  })
const money = fc
  .tuple(fc.boolean(), fc.nat(99_999_999), fc.nat(99))
  .map(([negative, units, cents]) => `${negative && units > 0 ? '-' : ''}${units}.${cents}`)
/** A decimal, also with an exponent, as an integer and a power of ten. */
function scaled(text: string): readonly [value: bigint, power: number] {
  const [mantissa = '', power = '0'] = text.split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  return [BigInt(`${whole}${fraction}`), Number(power) - fraction.length]
}

function isSameNumber(one: string, other: string): boolean {
  const [a, b] = [scaled(one), scaled(other)]
  const least = Math.min(a[1], b[1])
  return a[0] * 10n ** BigInt(a[1] - least) === b[0] * 10n ** BigInt(b[1] - least)
}

/** Numerics that a double just holds, or just doesn't. */
const edges = fc.constantFrom(
  ...['9007199254740991', '9007199254740992', '9007199254740993', '9007199254740994'],
  ...['1152921504606846976', '1152921504606847000', '100000000000000000000000'],
  ...[
    '0.1',
    '0.10000000000000001',
    '0.30000000000000004',
    '1000.0000000000001',
    '92233720368547758.07',
  ],
  ...[
    '123456789012345',
    '1234567890123456',
    '0.1000000000000000055511151231257827021181583404541015625',
  ],
  ...[
    '999999999999999.9',
    '9999999999999999.9',
    '1.7976931348623157',
    '0.00000000000000000000123456789012345',
  ],
  ...[300, 323, 330, 400].map((zeros) => `0.${'0'.repeat(zeros)}1`),
  ...[300, 305, 320].map((zeros) => `0.${'0'.repeat(zeros)}123456789012345`),
)
const notNumbers = fc.constantFrom('NaN', 'Infinity', '-Infinity')

const SENT: Readonly<Record<WireType, fc.Arbitrary<Sent>>> = {
  int2: fc.integer({ min: -32768, max: 32767 }).map((value) => ({
    bytes: fixed(2, (bytes) => bytes.writeInt16BE(value)),
    arrives: String(value),
  })),
  int4: fc.integer().map((value) => ({
    bytes: fixed(4, (bytes) => bytes.writeInt32BE(value)),
    arrives: String(value),
  })),
  oid: fc.nat(4_294_967_295).map((value) => ({
    bytes: fixed(4, (bytes) => bytes.writeUInt32BE(value)),
    arrives: String(value),
  })),
  int8: bigint(-(2n ** 63n), 2n ** 63n - 1n).map((value) => ({
    bytes: int64(value),
    arrives: String(value),
  })),
  float8: fc.double().map((value) => ({
    bytes: float64(value),
    arrives: Number.isFinite(value) ? String(value) : null,
  })),
  numeric: fc.oneof(decimal, money, edges, notNumbers).map((text) => {
    const isHeld = Number.isFinite(Number(text))
    return {
      bytes: numeric(text),
      arrives: isHeld ? String(Number(text)) : null,
      rounded: isHeld && !isSameNumber(text, String(Number(text))),
    }
  }),
  integer: fc
    .oneof(bigint(-(10n ** 39n), 10n ** 39n).map(String), fc.integer().map(String), notNumbers)
    .map((text) => ({
      bytes: numeric(text),
      arrives: /^-?\d{1,38}$/.test(text) ? text : null,
    })),
  bool: fc
    .boolean()
    .map((value) => ({ bytes: Buffer.from([value ? 1 : 0]), arrives: String(value) })),
  date: fc
    .oneof(fc.integer({ min: -730_200, max: 2_922_000 }), fc.constantFrom(2 ** 31 - 1, -(2 ** 31)))
    .map((day) => ({
      bytes: fixed(4, (bytes) => bytes.writeInt32BE(day)),
      arrives: day < -730_119 || day > 2_921_939 ? null : String(day + 10_957),
    })),
  time: bigint(0n, 86_400_000_000n).map((micros) => ({
    bytes: int64(micros),
    arrives: micros === 86_400_000_000n ? null : String(micros),
  })),
  timestamp: moments(),
  timestamptz: moments(),
  text: fc.string({ unit: 'grapheme', maxLength: 100 }).map((value) => ({
    bytes: Buffer.from(value),
    arrives: value,
  })),
  jsonb: fc.json().map((value) => ({
    bytes: Buffer.concat([Buffer.from([1]), Buffer.from(value)]),
    arrives: value,
  })),
  uuid: fc.uuid().map((value) => ({
    bytes: Buffer.from(value.replaceAll('-', ''), 'hex'),
    arrives: value,
  })),
}

function moments(): fc.Arbitrary<Sent> {
  const edges = [
    -(2n ** 63n),
    2n ** 63n - 1n,
    -63_082_281_600_000_001n,
    -63_082_281_600_000_000n,
    252_455_615_999_999_999n,
    252_455_616_000_000_000n,
    -EPOCH - 1n,
    -1n,
  ]
  return fc
    .oneof(bigint(-64n * 10n ** 15n, 253n * 10n ** 15n), fc.constantFrom(...edges))
    .map((micros) => ({
      bytes: int64(micros),
      arrives: moment(micros) === null ? null : String(micros + EPOCH),
    }))
}

const WIRES = Object.keys(DECODERS) as WireType[]
const columns: readonly WireColumn[] = [false, true].flatMap((keepsExact) =>
  WIRES.map((wire) => ({ name: `${keepsExact ? 'key' : 'a'}_${wire}`, wire, keepsExact })),
)
const row = fc.record({
  xmin: fc.nat(4_294_967_295),
  fields: fc.tuple(...columns.map(({ wire }) => fc.option(SENT[wire], { freq: 4 }))),
})

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
const TRAILER = Buffer.from([0xff, 0xff])

const field = (bytes: Buffer | null) =>
  bytes === null
    ? Buffer.from([255, 255, 255, 255])
    : Buffer.concat([fixed(4, (length) => length.writeInt32BE(bytes.length)), bytes])
const tuple = (fields: readonly (Buffer | null)[]) =>
  Buffer.concat([fixed(2, (count) => count.writeInt16BE(fields.length)), ...fields.map(field)])

let files = 0
function writing(of: readonly WireColumn[]) {
  const paths: string[] = []
  const types = of.map(({ name, wire }) => ({ name, type: DECODERS[wire].type }))
  const writer = new SpoolWriter(
    [...types, { name: 'changes', type: 'text' }],
    () => join(folder, `${++files}.parquet`),
    ({ path }) => paths.push(path),
  )
  return { paths, writer }
}

/** Converts DuckDB's text of dates and timestamps back to the numbers that were sent. */
function asSent(wire: WireType, cell: Cell): Cell {
  if (cell === null) return null
  const micros = (text: string) => {
    const [seconds = '', fraction = ''] = text.split('.')
    const whole = BigInt(Date.parse(`${seconds.replace(' ', 'T')}Z`)) * 1000n
    return String(whole + BigInt(fraction.padEnd(6, '0')))
  }
  switch (wire) {
    case 'date':
      return String(Date.parse(`${cell}T00:00:00Z`) / 86_400_000)
    case 'time':
      return micros(`1970-01-01 ${cell}`)
    case 'timestamp':
      return micros(cell)
    case 'timestamptz':
      return micros(cell.replace(/\+00$/, ''))
    case 'float8':
    case 'numeric':
      return String(Number(cell))
    default:
      return cell
  }
}

/** The entry of `_airbyte_meta.changes` for a value that loses information. */
function changeOf({ bytes, arrives }: Sent, { name, wire, keepsExact }: WireColumn) {
  const hasScale = wire === 'numeric' || wire === 'integer'
  const kept = hasScale ? Buffer.concat([bytes.subarray(0, 6), bytes.subarray(8)]) : bytes
  return {
    field: name,
    change: arrives === null ? 'NULLED' : 'TRUNCATED',
    reason: 'DESTINATION_FIELD_SIZE_LIMITATION',
    ...(keepsExact ? { exact: { [name]: kept.toString('hex') } } : {}),
  }
}

describe('binary rows', () => {
  test('are decoded from any buffers; values that lose information are listed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 30 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat(5)),
        async (given, withVersions, chance) => {
          const { paths, writer } = writing(columns)
          const versions = withVersions ? new RowVersionSum() : null
          const expected = new RowVersionSum()
          const rows = new RowDecoder(columns, writer, versions)
          const messages = given.map(({ xmin, fields }) => {
            if (withVersions) expected.add(xmin)
            const bytes = fields.map((one) => one?.bytes ?? null)
            const xid = fixed(4, (id) => id.writeUInt32BE(xmin))
            return tuple(withVersions ? [xid, ...bytes] : bytes)
          })
          messages.push(TRAILER)
          messages[0] = Buffer.concat([HEADER, messages[0]!])
          let shared = Buffer.alloc(0)
          for (const message of messages) {
            if (chance.next().value < 2) {
              shared = Buffer.concat([Buffer.alloc(3), message, Buffer.alloc(2)])
              rows.add(shared, 3, 3 + message.length)
            } else {
              const alone = Buffer.from(message)
              rows.add(alone, 0, alone.length)
            }
            if (chance.next().value === 0) rows.flush()
          }
          await rows.flush()
          await writer.finish()

          expect(rows.rows).toBe(given.length)
          expect(versions?.position ?? expected.position).toEqual(expected.position)
          const read = (await Promise.all(paths.map(readSpool))).flatMap((spool) => spool.rows)
          expect(
            read.map((cells) => columns.map(({ wire }, at) => asSent(wire, cells[at]!))),
          ).toEqual(given.map(({ fields }) => fields.map((one) => one?.arrives ?? null)))
          const lost = given.map(({ fields }) =>
            fields.flatMap((one, at) =>
              one !== null && (one.arrives === null || one.rounded === true)
                ? [changeOf(one, columns[at]!)]
                : [],
            ),
          )
          expect(read.map((cells) => JSON.parse(cells.at(-1) ?? '[]'))).toEqual(lost)
          const lossy = columns.filter(({ wire }) => !DECODERS[wire].lossless)
          expect(lossy.map(({ name }) => name)).toEqual(
            expect.arrayContaining(lost.flat().map(({ field }) => field)),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  test('are all kept across row groups', async () => {
    const { paths, writer } = writing([{ name: 'n', wire: 'int4', keepsExact: false }])
    const rows = new RowDecoder([{ name: 'n', wire: 'int4', keepsExact: false }], writer)
    const count = 300_000
    const all = Array.from({ length: count }, (_, at) =>
      tuple([fixed(4, (bytes) => bytes.writeInt32BE(at))]),
    )
    const bytes = Buffer.concat([HEADER, ...all])
    for (let at = 0; at < count; at++) {
      rows.add(bytes, at === 0 ? 0 : HEADER.length + at * 10, HEADER.length + (at + 1) * 10)
      if (at % 5000 === 0) await rows.flush()
    }
    await rows.flush()
    await writer.finish()
    expect(paths.length).toBe(1)
    const read = (await readSpool(paths[0]!)).rows
    expect([read.length, read.every(([n], at) => Number(n) === at)]).toEqual([count, true])
  })

  const sent = [{ name: 'n', wire: 'int4', keepsExact: false }] as const
  test.each([
    ['no COPY in binary', Buffer.from('1\t2\n'.repeat(9))],
    [
      'another number of columns',
      Buffer.concat([HEADER, tuple([Buffer.alloc(4), Buffer.alloc(4)])]),
    ],
    ['another type', Buffer.concat([HEADER, tuple([Buffer.alloc(8)])])],
    ['more than its fields', Buffer.concat([HEADER, tuple([Buffer.alloc(4)]), Buffer.alloc(1)])],
  ])('that are %s are rejected', async (_what, bytes) => {
    const { writer } = writing(sent)
    const rows = new RowDecoder(sent, writer)
    expect(() => rows.add(bytes, 0, bytes.length)).toThrow()
  })

  test('with an invalid numeric are rejected', () => {
    const { writer } = writing([{ name: 'n', wire: 'numeric', keepsExact: false }])
    const rows = new RowDecoder([{ name: 'n', wire: 'numeric', keepsExact: false }], writer)
    const bytes = Buffer.concat([HEADER, tuple([Buffer.from('12345678901')])])
    rows.add(bytes, 0, bytes.length)
    expect(() => rows.flush()).toThrow('invalid numeric')
  })

  test('may be none, with the header alone or with the trailer', async () => {
    for (const messages of [[HEADER, TRAILER], [Buffer.concat([HEADER, TRAILER])]]) {
      const { paths, writer } = writing(sent)
      const rows = new RowDecoder(sent, writer)
      for (const message of messages) rows.add(message, 0, message.length)
      await rows.flush()
      await writer.finish()
      expect([rows.rows, paths]).toEqual([0, []])
    }
  })
})
