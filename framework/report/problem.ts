import type { Location, Pointer } from '../model/location.ts'
import type { Problem } from '../model/problem.ts'
import type { Style } from './style.ts'
import { clip, counted, displayWidth, printable } from './text.ts'

/** What problems are shown with. */
export interface ProblemContext {
  readonly style: Style
  readonly level: 'error' | 'warning'
  /** The text of a file, relative to the project root; null when it can't be read. */
  source(file: string): string | null
}

/** Characters of a source line that are shown before a caret far to the right. */
const BEFORE = 40
const WIDEST = 120

/**
 * All problems with their places, source lines and carets, sorted by file and position; those without
 * a place come last, in the order given. More than one ends with how many there are.
 */
export function problemsText(problems: readonly Problem[], context: ProblemContext): string {
  const sorted = sortProblems(problems)
  const texts = sorted.map((problem) => problemText(problem, context))
  if (sorted.length < 2) return texts.join('')
  const files = new Set(
    sorted.flatMap(({ at }) => (at === undefined || isExpression(at) ? [] : [at.file])),
  )
  const where = files.size < 2 ? '' : ` in ${counted(files.size, 'file')}`
  const noun = context.level === 'error' ? 'problem' : 'warning'
  return `${texts.join('\n\n')}\n\n${counted(sorted.length, noun)}${where}`
}

/** The order in which problems are shown and listed. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => {
    if (a.at === undefined || b.at === undefined) {
      return Number(a.at === undefined) - Number(b.at === undefined)
    }
    if (a.at.file !== b.at.file) return a.at.file < b.at.file ? -1 : 1
    const [left, right] = [placeOf(a.at), placeOf(b.at)]
    if (left === null || right === null) return 0
    return left.line - right.line || left.column - right.column
  })
}

/** One problem: where and what, the source line with a caret, related places, detail, hint. */
export function problemText(problem: Problem, context: ProblemContext): string {
  const { paint } = context.style
  const level = paint[context.level === 'error' ? 'red' : 'yellow'](context.level)
  const where =
    problem.at === undefined || isExpression(problem.at) ? [] : [paint.cyan(label(problem.at))]
  const lines = [[...where, level, paint.bold(printable(problem.message))].join('  ')]
  if (problem.at !== undefined) lines.push(...snippet(problem.at, context))
  for (const { message, at } of problem.related ?? []) {
    lines.push(`  ${paint.cyan(label(at))}  ${printable(message)}`, ...snippet(at, context))
  }
  if (problem.detail !== undefined) {
    lines.push(
      ...printable(problem.detail)
        .split('\n')
        .map((line) => `    ${line}`.trimEnd()),
    )
  }
  if (problem.hint !== undefined) lines.push(`  ${paint.green('hint:')} ${printable(problem.hint)}`)
  return lines.join('\n')
}

/** A place in what was typed; its `detail` shows the text already. */
function isExpression(at: Location | Pointer): boolean {
  return at.file.startsWith('<')
}

export function placeOf(at: Location | Pointer): Location | null {
  return 'line' in at ? at : null
}

function label(at: Location | Pointer): string {
  const place = placeOf(at)
  if (place !== null) return `${place.file}:${place.line}:${place.column}`
  return 'path' in at ? `${at.file} (${at.path.join('.')})` : at.file
}

function snippet(at: Location | Pointer, { style, source }: ProblemContext): string[] {
  const place = placeOf(at)
  if (place === null || isExpression(at)) return []
  const line = source(place.file)?.split(/\r\n|\r|\n/)[place.line - 1]
  if (line === undefined) return []
  const text = printable(line.replaceAll('\t', ' '))
  const start = Math.min(place.column - 1, text.length)
  const sameLine = place.endLine === undefined || place.endLine === place.line
  const end = sameLine ? (place.endColumn ?? place.column + 1) - 1 : text.trimEnd().length
  const number = String(place.line)
  const width = Math.min(style.width, WIDEST) - number.length - 5
  const from =
    start > width - BEFORE && displayWidth(text) > width ? Math.max(0, start - BEFORE) : 0
  const lead = from > 0 ? '…' : ''
  const shown = clip(lead + text.slice(from), width)
  const offset = displayWidth(lead + text.slice(from, start))
  const marked = displayWidth(text.slice(start, Math.max(start, end)))
  const carets = '^'.repeat(Math.max(1, Math.min(marked, width - offset)))
  const { paint } = style
  return [
    `  ${paint.dim(`${number} │`)} ${shown}`,
    `  ${paint.dim(`${' '.repeat(number.length)} │`)} ${' '.repeat(offset)}${paint.red(carets)}`,
  ]
}
