import { Composer, type CST, Lexer, type ParsedNode, Parser } from 'yaml'
import type { Location } from '../../model/location.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { syntaxProblems } from './syntax.ts'

/** A parsed YAML file. Its nodes have ranges: offsets in the text. */
export interface YamlDocument {
  readonly file: string
  /** null for an empty file, or one with comments only. */
  readonly contents: ParsedNode | null
  /** The location of the span between two offsets. */
  readonly locationOf: (start: number, end: number) => Location
}

/** The composer is recursive, and V8 ends the process at some stack overflows. */
const MAX_DEPTH = 100

/**
 * The most words, marks, line ends and spaces between them: about 10,000 assets. So many take half a second and
 * 150 MB; both grow with their number, not with the size of the file.
 */
const MAX_LEXEMES = 400_000
/** The longest text in characters. V8 gives up regular expressions on texts of some millions. */
const LONGEST_TEXT = 1_000_000

/** Parses the text of one YAML file. Problems: `yaml-tab`, `yaml-tag`, `yaml-syntax`, `file-too-large`. */
export function parseYaml(file: string, text: string): Result<YamlDocument> {
  const locationOf = locationFinder(file, text)
  const tokens = tokenise(text)
  if ('limit' in tokens) {
    return fail({ ...tooMuch(file, tokens.limit), at: locationOf(tokens.at, tokens.at + 1) })
  }
  // `uniqueKeys` compares every pair of keys: quadratic. `readValue` reports duplicates.
  const options = { uniqueKeys: false, resolveKnownTags: false, logLevel: 'silent' } as const
  // Two are enough: the second is a problem.
  const [document, second] = new Composer(options).compose(tokens, true, text.length)
  if (document === undefined)
    throw new Error('the composer returns a document even for an empty text')
  const parsed = { document, second, text }
  const problems = syntaxProblems(file, parsed, locationOf)
  return problems.length > 0
    ? fail(...problems)
    : ok({ file, contents: document.contents, locationOf })
}

type Limit = 'depth' | 'lexemes' | 'text'

function tokenise(text: string): CST.Token[] | { readonly limit: Limit; readonly at: number } {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let count = 0
  for (const lexeme of new Lexer().lex(text)) {
    const at = parser.offset
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (parser.stack.length > MAX_DEPTH) return { limit: 'depth', at: parser.offset }
    if (lexeme.length > LONGEST_TEXT && !/^[#\s]/.test(lexeme)) return { limit: 'text', at }
    count += 1
    if (count > MAX_LEXEMES) return { limit: 'lexemes', at }
  }
  for (const token of parser.end()) tokens.push(token)
  return tokens
}

function tooMuch(file: string, limit: Limit): Problem {
  switch (limit) {
    case 'depth':
      return {
        code: 'yaml-syntax',
        message: `${file} is nested more than ${MAX_DEPTH} levels deep`,
      }
    case 'text':
      return {
        code: 'file-too-large',
        message: `${file} has a text of more than ${LONGEST_TEXT} characters`,
        hint: 'close its quotes, or move it into a file of its own that a command or a model reads',
      }
    case 'lexemes':
      return {
        code: 'file-too-large',
        message: `${file} has more than ${MAX_LEXEMES} words and marks`,
        hint: 'split it into several files and list them in include',
      }
  }
}

/** Converts offsets to lines and columns. Excludes white space at the end of a span. */
function locationFinder(file: string, text: string): YamlDocument['locationOf'] {
  const starts = [0]
  const position = (offset: number) => {
    extendTo(starts, text, offset)
    const line = lineOf(starts, offset)
    return { line, column: offset - starts[line - 1]! + 1 }
  }
  return (start, end) => {
    const from = position(start)
    const to = position(start + Math.max(1, text.slice(start, end).trimEnd().length))
    return { file, ...from, endLine: to.line, endColumn: to.column }
  }
}

/** Adds the starts of the lines up to an offset. A large file that is refused early may have millions of lines. */
function extendTo(starts: number[], text: string, offset: number): void {
  while (starts.at(-1)! <= offset) {
    const end = text.indexOf('\n', starts.at(-1)!)
    starts.push(end === -1 ? Number.POSITIVE_INFINITY : end + 1)
  }
}

/** The line of an offset, from 1: a binary search for the last line start at or before it. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= offset) low = middle
    else high = middle
  }
  return high
}
