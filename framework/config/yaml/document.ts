import { Composer, type CST, Lexer, LineCounter, type ParsedNode, Parser } from 'yaml'
import type { Place } from '../../model/place.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import { syntaxProblems } from './syntax.ts'

/** A YAML text that is well formed, as nodes that know where they stand. */
export interface YamlDocument {
  readonly file: string
  /** null: empty, or comments only. */
  readonly contents: ParsedNode | null
  /** The span between two offsets in the text. */
  readonly place: (start: number, end: number) => Place
}

/** The composer is recursive, and V8 does not survive every stack overflow: it ends the process. */
const DEEPEST = 100

/** Parses the text of one YAML file. Problems: `yaml-tab`, `yaml-tag`, `yaml-syntax`. */
export function parseYaml(file: string, text: string): Result<YamlDocument> {
  const lines = new LineCounter()
  const place = (start: number, end: number): Place => spanOf(file, text, lines, start, end)
  const tokens = tokenise(text, lines)
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

function tokenise(text: string, lines: LineCounter): CST.Token[] | { readonly tooDeepAt: number } {
  const parser = new Parser(lines.addNewLine)
  const tokens: CST.Token[] = []
  lines.addNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > DEEPEST) return { tooDeepAt: parser.offset }
  }
  return [...tokens, ...parser.end()]
}

function spanOf(file: string, text: string, lines: LineCounter, start: number, end: number): Place {
  const from = lines.linePos(start)
  const written = text.slice(start, end).trimEnd()
  const to = lines.linePos(start + Math.max(1, written.length))
  return { file, line: from.line, column: from.col, endLine: to.line, endColumn: to.col }
}
