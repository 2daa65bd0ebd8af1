import { stripVTControlCharacters } from 'node:util'
import type { Style } from './style.ts'

/** The width of a line of names on a stream without a width, such as a pipe. */
const PAGE = 100
/** Rows of a section that are shown; the others are counted. */
const ROWS = 20

/** `14,597`. */
export function grouped(count: number): string {
  // Not toLocaleString: the first use of Intl takes about ten milliseconds.
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 step`, `14,597 steps`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** `comments of 2 assets`. */
export const commentsOf = (assets: readonly string[]): string =>
  `comments of ${counted(assets.length, 'asset')}`

/** `40 fresh · 1 stale`: the counts that are not zero. */
export function tally(counts: readonly (readonly [count: number, what: string])[]): string {
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${grouped(count)} ${what}`)
    .join(' · ')
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** Columns of a text on a terminal: combining marks take none, East Asian characters take two. */
export function displayWidth(text: string): number {
  const plain = stripVTControlCharacters(text)
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length
  let width = 0
  for (const char of plain) {
    if (/\p{Mark}|\p{Cf}|\p{Cc}/u.test(char)) continue
    width += WIDE.test(char) ? 2 : 1
  }
  return width
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/**
 * Text from outside without the characters that control a terminal: escape sequences, carriage
 * returns, other control characters. Newlines and tabs are kept.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).replaceAll(CONTROL, '')
}

/** The longest word and the longest text that a message keeps, in characters. */
const LONG_WORD = 500
const LONG_TEXT = 4_000

/** A message that quotes a user: a name or a value of any length in it is cut in its middle. */
export function brief(text: string): string {
  if (text.length <= LONG_WORD) return text
  return cut(briefWords(text), LONG_TEXT, 2_000)
}

/** A text of any length, such as what a program printed, with each very long word in it cut in its middle. */
export function briefWords(text: string): string {
  return text.replaceAll(/\S{501,}/g, (word) => cut(word, LONG_WORD, 200))
}

function cut(text: string, longest: number, kept: number): string {
  return text.length <= longest ? text : `${text.slice(0, kept)}…${text.slice(-kept / 4)}`
}

/** Like `printable`, on one line. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ')).trim()
}

/** A message for use within a line, cut to 200 columns. */
export function sentence(text: string): string {
  return clip(oneLine(text), SENTENCE)
}

const SENTENCE = 200
const CONTROL = /(?![\n\t])[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** The text, cut with a `…` when it is wider than `width`. The text must not contain colours. */
export function clip(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 1
  for (const char of text) {
    used += displayWidth(char)
    if (used > width) break
    kept += char
  }
  return width < 1 ? '' : `${kept}…`
}

/** Pads a text with spaces up to a width. A longer text is unchanged. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** A name padded to its column. Two spaces follow a name that is too long. */
export function cell(name: string, column: number): string {
  return pad(`${name}  `, column)
}

/** The width of a column for these names: 15 to 44, plus a gap of two. */
export function columnOf(names: Iterable<string>): number {
  let widest = 15
  for (const name of names) widest = Math.max(widest, name.length)
  return Math.min(widest, 44) + 2
}

/**
 * Names separated by two spaces: one line that ends with `… 13 more (--all)` when not all names fit,
 * or all names on several lines with `--all`.
 */
export function nameLines(names: readonly string[], indent: string, style: Style): string[] {
  const width = Math.min(style.width, PAGE) - indent.length
  const whole = names.join('  ')
  if (whole.length <= width) return [indent + whole]
  const lines: string[] = []
  let line = ''
  for (const [k, name] of names.entries()) {
    const next = line === '' ? name : `${line}  ${name}`
    const left = names.length - k - 1
    const room = style.all || left === 0 ? 0 : more(left).length + 2
    if (line === '' || next.length + room <= width) {
      line = next
    } else if (style.all) {
      lines.push(indent + line)
      line = name
    } else {
      return [`${indent}${line}  ${style.paint.dim(more(names.length - k))}`]
    }
  }
  return [...lines, indent + line]
}

function more(count: number): string {
  return `… ${grouped(count)} more (--all)`
}

/** The first rows of a long section, followed by the number of the other rows. */
export function cutRows<T>(rows: readonly T[], style: Style, show: (row: T) => string[]): string[] {
  const shown = style.all || rows.length <= ROWS + 1 ? rows : rows.slice(0, ROWS)
  const lines = shown.flatMap(show)
  if (shown.length < rows.length) {
    lines.push(`  ${style.paint.dim(more(rows.length - shown.length))}`)
  }
  return lines
}

/** A text whose commands are those that the person can type: `npx assets status` for `assets status`. */
export function asTyped(text: string, { calledAs = 'assets' }: Style): string {
  return calledAs === 'assets' ? text : text.replaceAll(COMMAND, () => `${calledAs} `)
}

/** The program's name before one of its verbs (`cli/verbs/`) or an option. */
const COMMAND =
  /(?<![\w./-])assets (?=(?:--|(?:check|completion|doctor|graph|import|init|list|materialize|plan|runs?|savings|schema|source|state|status|ui|verify|why)\b))/g
