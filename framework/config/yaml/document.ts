import { Composer, type CST, Lexer, type ParsedNode, Parser } from 'yaml'
import type { Location } from '../../model/location.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
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

/** Parses the text of one YAML file. Problems: `yaml-tab`, `yaml-tag`, `yaml-syntax`. */
export function parseYaml(file: string, text: string): Result<YamlDocument> {
  const locationOf = locationFinder(file, text)
  const tokens = tokenise(text)
  if ('tooDeepAt' in tokens) {
    return fail({
      code: 'yaml-syntax',
      message: `${file} is nested more than ${MAX_DEPTH} levels deep`,
      at: locationOf(tokens.tooDeepAt, tokens.tooDeepAt + 1),
    })
  }
  // `uniqueKeys` compares every pair of keys: quadratic. `readValue` reports duplicates.
  const options = { uniqueKeys: false, resolveKnownTags: false, logLevel: 'silent' } as const
  const [document, second] = [...new Composer(options).compose(tokens, true, text.length)]
  if (document === undefined)
    throw new Error('the composer returns a document even for an empty text')
  const parsed = { document, second, text }
  const problems = syntaxProblems(file, parsed, locationOf)
  return problems.length > 0
    ? fail(...problems)
    : ok({ file, contents: document.contents, locationOf })
}

function tokenise(text: string): CST.Token[] | { readonly tooDeepAt: number } {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > MAX_DEPTH) return { tooDeepAt: parser.offset }
  }
  return [...tokens, ...parser.end()]
}

/** Converts offsets to lines and columns. Excludes white space at the end of a span. */
function locationFinder(file: string, text: string): YamlDocument['locationOf'] {
  let starts: readonly number[] | null = null
  const position = (offset: number) => {
    starts ??= lineStarts(text)
    const line = lineOf(starts, offset)
    return { line, column: offset - starts[line - 1]! + 1 }
  }
  return (start, end) => {
    const from = position(start)
    const to = position(start + Math.max(1, text.slice(start, end).trimEnd().length))
    return { file, ...from, endLine: to.line, endColumn: to.column }
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) {
    starts.push(end + 1)
  }
  return starts
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
