import { int16 } from './big-endian.ts'

// The binary format of numeric (numeric_send in utils/adt/numeric.c): number of digits, weight of the first
// digit, sign, scale, then the digits in base 10,000, each in 16 bits.
const HEADER_BYTES = 8
/** Decimal digits in one digit of base 10,000. */
const BASE_DIGITS = 4

const NEGATIVE = 0x4000
/** The sign of NaN and of the infinities is negative as a 16-bit number. */
const isNumber = (sign: number): boolean => sign >= 0

/** The powers of the base that a double holds exactly. */
const POWERS = [1, 1e4, 1e8, 1e12, 1e16, 1e20]
const EXACT = 2 ** 53
const FEW_DIGITS = 4

/** Whether the length of a numeric matches its number of digits. */
export const isCompleteNumeric = (bytes: Uint8Array, at: number, length: number): boolean =>
  length >= HEADER_BYTES && length === HEADER_BYTES + 2 * int16(bytes, at)

/** The double nearest to a numeric; NaN if there is none. */
export function numericToDouble(bytes: Uint8Array, at: number): number {
  const digits = int16(bytes, at)
  const sign = int16(bytes, at + 4)
  if (!isNumber(sign)) return Number.NaN
  if (digits > FEW_DIGITS) return throughText(bytes, at)
  let value = 0
  for (let digit = 0; digit < digits; digit++) {
    value = value * 10_000 + int16(bytes, at + HEADER_BYTES + 2 * digit)
  }
  // Both operands are exact, so the result is rounded only once.
  const exponent = int16(bytes, at + 2) - digits + 1
  const power = POWERS[Math.abs(exponent)]
  if (value >= EXACT || power === undefined) return value === 0 ? 0 : throughText(bytes, at)
  const magnitude = exponent < 0 ? value / power : value * power
  return sign === NEGATIVE ? -magnitude : magnitude
}

function throughText(bytes: Uint8Array, at: number): number {
  const digits = int16(bytes, at)
  const sign = int16(bytes, at + 4) === NEGATIVE ? '-' : ''
  const exponent = (int16(bytes, at + 2) - digits + 1) * BASE_DIGITS
  const value = Number(`${sign}${digitsText(bytes, at)}e${exponent}`)
  return Number.isFinite(value) ? value : Number.NaN
}

/** All digits in decimal, four for each digit of base 10,000. */
function digitsText(bytes: Uint8Array, at: number): string {
  const digits = int16(bytes, at)
  let text = ''
  for (let digit = 0; digit < digits; digit++) {
    text += String(int16(bytes, at + HEADER_BYTES + 2 * digit)).padStart(BASE_DIGITS, '0')
  }
  return text
}

/** Any decimal of 15 digits is the shortest one of its double, and none needs more than 17 (IEEE 754). */
const ALWAYS_SHORTEST = 15
const LONGEST = 17
/** Doubles from 1e-280 to 1e280 have all their bits. Those near zero have fewer. */
const FULL_WEIGHT = 70

/**
 * Whether a numeric differs from the decimal that its double is read as: the shortest one that no other double
 * is nearer to. So two numerics that are not rounded have equal doubles only if they are equal.
 */
export function isRounded(bytes: Uint8Array, at: number, double: number): boolean {
  const digits = int16(bytes, at)
  if (digits === 0) return false
  const weight = int16(bytes, at + 2)
  const first = int16(bytes, at + HEADER_BYTES)
  const last = int16(bytes, at + HEADER_BYTES + 2 * (digits - 1))
  const decimals = digits * BASE_DIGITS - leadingZeros(first) - trailingZeros(last)
  if (decimals > LONGEST) return true
  if (decimals <= ALWAYS_SHORTEST && Math.abs(weight) < FULL_WEIGHT) return false
  const exponent = weight * BASE_DIGITS + BASE_DIGITS - 1 - leadingZeros(first)
  const text = digitsText(bytes, at)
  const own = text.slice(leadingZeros(first), text.length - trailingZeros(last))
  const [mantissa = '', power] = Math.abs(double).toExponential().split('e')
  return mantissa.replace('.', '') !== own || Number(power) !== exponent
}

/** Decimal zeros at the ends of a digit of base 10,000. The server sends no zero as first or last digit. */
const leadingZeros = (digit: number): number =>
  digit >= 1000 ? 0 : digit >= 100 ? 1 : digit >= 10 ? 2 : 3
const trailingZeros = (digit: number): number =>
  digit % 10 !== 0 ? 0 : digit % 100 !== 0 ? 1 : digit % 1000 !== 0 ? 2 : 3

/** 38 decimal digits, the most that warehouses hold, are nine digits of base 10,000 and two decimal ones. */
const INTEGER_WEIGHT = 9
const INTEGER_FIRST = 100
const WORD = 2 ** 32

/**
 * Writes a numeric without a fraction into four words, as a 128-bit big-endian two's complement number.
 * Returns false if it is NaN or infinite, or has more than 38 digits.
 */
export function numericToInteger(
  bytes: Uint8Array,
  at: number,
  words: Int32Array,
  to: number,
): boolean {
  const digits = int16(bytes, at)
  const weight = int16(bytes, at + 2)
  const sign = int16(bytes, at + 4)
  if (!isNumber(sign) || weight > INTEGER_WEIGHT) return false
  if (weight === INTEGER_WEIGHT && int16(bytes, at + HEADER_BYTES) >= INTEGER_FIRST) return false
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let digit = 0; digit <= weight && digits > 0; digit++) {
    const value = digit < digits ? int16(bytes, at + HEADER_BYTES + 2 * digit) : 0
    d = d * 10_000 + value
    c = c * 10_000 + Math.floor(d / WORD)
    b = b * 10_000 + Math.floor(c / WORD)
    a = a * 10_000 + Math.floor(b / WORD)
    d %= WORD
    c %= WORD
    b %= WORD
  }
  if (sign === NEGATIVE) {
    // Two's complement: invert, then add one.
    d = WORD - d
    c = WORD - 1 - c + (d === WORD ? 1 : 0)
    b = WORD - 1 - b + (c === WORD ? 1 : 0)
    a = WORD - 1 - a + (b === WORD ? 1 : 0)
  }
  words[to] = swapBytes(a)
  words[to + 1] = swapBytes(b)
  words[to + 2] = swapBytes(c)
  words[to + 3] = swapBytes(d)
  return true
}

/** The low 32 bits of a number in reversed byte order. */
const swapBytes = (word: number): number =>
  (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)
