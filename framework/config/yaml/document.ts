import { Composer, type CST, Lexer, type ParsedNode, Parser } from 'yaml'
import type { Location } from '../../model/location.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import { syntaxProblems } from './syntax.ts'

/** A YAML text that is well formed, as nodes that know where they stand. */
export interface YamlDocument {
  readonly file: string
  /** null: empty, or comments only. */
  readonly contents: ParsedNode | null
  /** The span between two offsets in the text. */
  readonly place: (start: number, end: number) => Location
}

/** The composer is recursive, and V8 does not survive every stack overflow: it ends the process. */
const DEEPEST = 100

/** Parses the text of one YAML file. Problems: `yaml-tab`, `yaml-tag`, `yaml-syntax`. */
export function parseYaml(file: string, text: string): Result<YamlDocument> {
  const place = placer(file, text)
  const tokens = tokenise(text)
  if ('tooDeepAt' in tokens) {
    return fail({
      code: 'yaml-syntax',
      message: `${file} nests more than ${DEEPEST} levels deep`,
      at: place(tokens.tooDeepAt, tokens.tooDeepAt + 1),
    })
  }
  // `uniqueKeys` compares every pair of keys: quadratic. `readValue` finds duplicates by itself.
  const options = { uniqueKeys: false, resolveKnownTags: false, logLevel: 'silent' } as const
  const [document, second] = [...new Composer(options).compose(tokens, true, text.length)]
  if (document === undefined) throw new Error('the composer gives a document even for no text')
  const found = { document, second, text }
  const problems = syntaxProblems(file, found, place)
  return problems.length > 0 ? fail(...problems) : ok({ file, contents: document.contents, place })
}

function tokenise(text: string): CST.Token[] | { readonly tooDeepAt: number } {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > DEEPEST) return { tooDeepAt: parser.offset }
  }
  return [...tokens, ...parser.end()]
}

/** From offsets to lines and columns. White space at the end of a span does not count. */
function placer(file: string, text: string): YamlDocument['place'] {
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

/** The line, from 1, that an offset is in: binary search for the last start not behind it. */
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
