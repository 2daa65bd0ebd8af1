import { stripVTControlCharacters } from 'node:util'
import type { Style } from './style.ts'

/** Where names and messages are cut when lines have no end of their own. */
const PAGE = 100
/** Rows of a section before the rest is a number. */
export const ROWS = 20

/** `14,597`. */
export function grouped(count: number): string {
  // Not toLocaleString: the first use of Intl costs a command some ten milliseconds.
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 step`, `14,597 steps`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}

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

/** Columns that a text takes on a terminal: marks above letters take none, East Asian ones two. */
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
 * Text of an outside program or person without what would steer the terminal: escape sequences,
 * carriage returns, other control characters. Line ends and tabs stay.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).replaceAll(CONTROL, '')
}

/** As `printable`, on one line. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ')).trim()
}

/** A message of unknown length as part of a line. */
export function sentence(text: string): string {
  return clip(oneLine(text), SENTENCE)
}

const SENTENCE = 200
const CONTROL = /(?![\n\t])[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** The text, or as much of it as fits with a `…` after it. Takes text without colours. */
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

/** Pads to a column; a longer text is left as it is. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** A name in its column, with a gap after it also when it is too long. */
export function cell(name: string, column: number): string {
  return pad(`${name}  `, column)
}

/** The width of a column that holds these names: at least 15, at most 44, and two to the next. */
export function columnOf(names: Iterable<string>): number {
  let widest = 15
  for (const name of names) widest = Math.max(widest, name.length)
  return Math.min(widest, 44) + 2
}

/**
 * Names in a row, two spaces apart: what fits one line and then `… 13 more (--all)`; all of them,
 * over several lines, when the style says so.
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

/** The first rows of a long section, then how many were left out. */
export function cutRows<T>(rows: readonly T[], style: Style, show: (row: T) => string[]): string[] {
  const shown = style.all || rows.length <= ROWS + 1 ? rows : rows.slice(0, ROWS)
  const lines = shown.flatMap(show)
  if (shown.length < rows.length) {
    lines.push(`  ${style.paint.dim(more(rows.length - shown.length))}`)
  }
  return lines
}

/** The last line of every summary: what to type next. */
export function nextLine(command: string, { paint, target }: Style): string {
  const isSaid = target === undefined || command.includes(' --target ')
  return `next: ${paint.bold(isSaid ? command : `${command} --target ${target}`)}`
}
