import type { Location, Pointer } from '../model/location.ts'
import type { Problem } from '../model/problem.ts'
import { maskSecrets } from './mask-secrets.ts'
import { SourceLines } from './source-lines.ts'
import type { Style } from './style.ts'
import { asTyped, brief, briefWords, clip, counted, displayWidth, printable } from './text.ts'

/** Returns the text of a file by its path relative to the project root; null when it can't be read. */
export type ReadSource = (file: string) => string | null

/** How to show problems. */
export interface ProblemContext {
  readonly style: Style
  readonly level: 'error' | 'warning'
  readonly source: ReadSource
}

/** A long source line is cut on the left so that this many characters precede the caret. */
const CONTEXT_WIDTH = 40
/** The widest snippet, in columns. */
const SNIPPET_WIDTH = 120
/** A longer line is not shown. */
const LONGEST_LINE = 50_000
/** The most problems that are shown at once. JSON has all of them. */
const MOST_SHOWN = 100

/**
 * All problems with their locations, source lines and carets, sorted by file and position. Problems
 * without a location come last, in the order given. Two or more problems end with their count. Of very many, only the first
 * are shown.
 */
export function problemsText(problems: readonly Problem[], context: ProblemContext): string {
  const sorted = sortProblems(problems)
  const inLines = withLines(context)
  const texts = sorted.slice(0, MOST_SHOWN).map((problem) => textOf(problem, inLines))
  if (sorted.length < 2) return texts.join('')
  const files = new Set(
    sorted.flatMap(({ at }) => (at === undefined || isExpression(at) ? [] : [at.file])),
  )
  const where = files.size < 2 ? '' : ` in ${counted(files.size, 'file')}`
  const noun = context.level === 'error' ? 'problem' : 'warning'
  const shown = sorted.length > MOST_SHOWN ? `; the first ${MOST_SHOWN} are shown` : ''
  return `${texts.join('\n\n')}\n\n${counted(sorted.length, noun)}${where}${shown}`
}

/** Sorts problems by file and position; problems without a location come last. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => {
    if (a.at === undefined || b.at === undefined) {
      return Number(a.at === undefined) - Number(b.at === undefined)
    }
    if (a.at.file !== b.at.file) return a.at.file < b.at.file ? -1 : 1
    const [left, right] = [locationOf(a.at), locationOf(b.at)]
    if (left === null || right === null) return 0
    return left.line - right.line || left.column - right.column
  })
}

/** One problem: location and message, source line with caret, related locations, detail, hint. */
export function problemText(problem: Problem, context: ProblemContext): string {
  return textOf(problem, withLines(context))
}

type LinesContext = Omit<ProblemContext, 'source'> & {
  /** A line of a file, from 1. */
  readonly lineOf: (file: string, line: number) => string | undefined
}

/** Reads each file once: it may have thousands of problems. */
function withLines({ source, ...context }: ProblemContext): LinesContext {
  const known = new Map<string, SourceLines | null>()
  const lineOf = (file: string, line: number) => {
    if (!known.has(file)) {
      const text = source(file)
      known.set(file, text === null ? null : new SourceLines(text))
    }
    return known.get(file)?.at(line)
  }
  return { ...context, lineOf }
}

function textOf(problem: Problem, context: LinesContext): string {
  const { paint } = context.style
  const level = paint[context.level === 'error' ? 'red' : 'yellow'](context.level)
  const where =
    problem.at === undefined || isExpression(problem.at) ? [] : [paint.cyan(label(problem.at))]
  const lines = [[...where, level, paint.bold(printable(brief(problem.message)))].join('  ')]
  if (problem.at !== undefined) lines.push(...snippet(problem.at, context))
  for (const { message, at } of problem.related ?? []) {
    lines.push(`  ${paint.cyan(label(at))}  ${printable(brief(message))}`, ...snippet(at, context))
  }
  if (problem.detail !== undefined) {
    lines.push(
      ...printable(briefWords(problem.detail))
        .split('\n')
        .map((line) => `    ${line}`.trimEnd()),
    )
  }
  if (problem.hint !== undefined) {
    lines.push(
      `  ${paint.green('hint:')} ${asTyped(printable(brief(problem.hint)), context.style)}`,
    )
  }
  return lines.join('\n')
}

/** True for a location in a selection of the command line. `detail` already shows its text. */
function isExpression(at: Location | Pointer): boolean {
  return at.file.startsWith('<')
}

/** The location with its line; null for a pointer that was not resolved to one. */
export function locationOf(at: Location | Pointer): Location | null {
  return 'line' in at ? at : null
}

function label(at: Location | Pointer): string {
  const location = locationOf(at)
  if (location !== null) return `${location.file}:${location.line}:${location.column}`
  return 'path' in at ? brief(`${at.file} (${at.path.join('.')})`) : at.file
}

function snippet(at: Location | Pointer, { style, lineOf }: LinesContext): string[] {
  const location = locationOf(at)
  if (location === null || isExpression(at)) return []
  const line = lineOf(location.file, location.line)
  // Whether a part of it is a secret is known only from the whole line.
  if (line === undefined || line.length > LONGEST_LINE) return []
  const plain = printable(line.replaceAll('\t', ' '))
  const text = maskSecrets(plain)
  // Where a column of the line is once secrets before it are masked.
  const shifted = (column: number) =>
    Math.min(maskSecrets(plain.slice(0, column)).length, text.length)
  const start = shifted(location.column - 1)
  const sameLine = location.endLine === undefined || location.endLine === location.line
  const end = sameLine
    ? shifted((location.endColumn ?? location.column + 1) - 1)
    : text.trimEnd().length
  const number = String(location.line)
  const width = Math.min(style.width, SNIPPET_WIDTH) - number.length - 5
  const from =
    start > width - CONTEXT_WIDTH && displayWidth(text) > width
      ? Math.max(0, start - CONTEXT_WIDTH)
      : 0
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
