import { ok, type Result } from '../../model/problem.ts'
import type { Span } from './ast.ts'
import { selectionProblem } from './problem.ts'

export type Punctuation = '+' | '@' | ',' | '(' | ')' | ':' | '='

export interface Token {
  readonly is: Punctuation | 'word' | 'string' | 'end'
  /** The word, or the string without its quotes. */
  readonly text: string
  readonly span: Span
  /** Whether it directly follows the token before it. */
  readonly glued: boolean
}

const PUNCTUATION = new Set('+,():=')

/** Splits an expression of either grammar. Problems: `selection-syntax` for an unclosed quote. */
export function tokenize(text: string): Result<readonly Token[]> {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const start = at
    const glued = start > 0 && !/\s/.test(text[start - 1]!)
    const char = text[at]!
    if (/\s/.test(char)) {
      at += 1
    } else if (PUNCTUATION.has(char) || (char === '@' && opensTerm(tokens, glued))) {
      at += 1
      tokens.push({ is: char as Punctuation, text: char, span: { start, end: at }, glued })
    } else if (char === '"') {
      const close = text.indexOf('"', at + 1)
      if (close === -1) {
        const span = { start, end: start + 1 }
        const message = 'this quote is never closed'
        return { ok: false, problems: [selectionProblem('selection-syntax', message, text, span)] }
      }
      at = close + 1
      tokens.push({
        is: 'string',
        text: text.slice(start + 1, close),
        span: { start, end: at },
        glued,
      })
    } else {
      while (at < text.length && !/[\s"]/.test(text[at]!) && !PUNCTUATION.has(text[at]!)) at += 1
      tokens.push({ is: 'word', text: text.slice(start, at), span: { start, end: at }, glued })
    }
  }
  tokens.push({ is: 'end', text: '', span: { start: text.length, end: text.length }, glued: false })
  return ok(tokens)
}

/** `@` is an operator only at the start of a term: in `owner:@team` and `a@b` it is a letter. */
function opensTerm(tokens: readonly Token[], glued: boolean): boolean {
  const last = tokens.at(-1)
  return last === undefined || !glued || ['+', ',', '(', '@'].includes(last.is)
}
