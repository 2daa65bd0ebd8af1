import { LONGEST_CODE } from '../../../lib/longest-code.ts'
import type { Piece } from '../manifest/worker-manifest.ts'

/**
 * One token of an SQL template.
 * - `sql`: a word or an operator
 * - `literal`: SQL whose exact text counts
 * - `jinja`: Jinja between two texts
 * - `gap`: white space that distinguishes `a {{ b }}` from `a{{ b }}`, or that is between two literals
 */
export interface Token {
  readonly type: 'sql' | 'literal' | 'jinja' | 'gap'
  readonly text: string
}

/** White space or a comment could be part of what the template renders. */
class Ambiguous extends Error {}

/** As DuckDB has it, a word may hold any character beyond ASCII. */
const WORD = /(?:[\w$]|[^\p{ASCII}\s])+/uy
const NUMBER = /\.?\d(?:[\w.]|(?<=e)[+-])*/iy
const DOLLAR_QUOTE = /\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$/y
const SQL_OPERATOR =
  /<=>|->>|#>>|<=|>=|<>|!=|\|\||::|:=|=>|->|\*\*|\/\/|==|~~|!~|~\*|@>|<@|&&|<<|>>|#>|\.\./y
const SPACE = /\s/
/** Punctuation that can't form one word with adjacent output of a template. */
const SEPARATORS = new Set(['(', ')', ',', ';', '[', ']'])
/** The output of Jinja may be empty: such a character before it and one after it would form one sign. */
const MAY_FORM_A_SIGN = /^[-/$]|[-/$]$/

/**
 * Splits SQL between Jinja into tokens. Leaves out comments (but not hints of the form `/*+ … *\/`) and white
 * space, except in literals and where Jinja touches SQL. Words keep their case. Two templates with equal
 * tokens render to SQL of equal meaning in every supported dialect. Null if that can't be promised, and the
 * template must be compared by its text:
 * - Jinja in a comment, or a comment that Jinja ends;
 * - a branch of `if` or `for` that begins or ends in a literal or a comment, other than it is itself in;
 * - output that could begin or end a literal or a comment;
 * - nested comments, backslashes before quotes, an unclosed quote, more than `LONGEST_CODE` characters.
 */
export function tokenize(pieces: readonly Piece[]): readonly Token[] | null {
  try {
    return new Scanner().scan(pieces)
  } catch (error) {
    if (error instanceof Ambiguous) return null
    throw error
  }
}

class Scanner {
  readonly #tokens: Token[] = []
  /** The quotes that opened the literal around the current position; null outside of literals. */
  #literal: string | null = null
  /** The literals that the open branches of Jinja began in. */
  readonly #branches: (string | null)[] = []
  #text = ''
  #at = 0
  /** No quote is between the position and this one, as far as `#quoteInLine` has looked. */
  #unquotedTo = 0
  /** Whether there was white space after the last token. */
  #space = false
  /** Whether there was the end of a line after the last literal. */
  #newline = false

  scan(pieces: readonly Piece[]): readonly Token[] {
    for (const [at, piece] of pieces.entries()) {
      if (typeof piece === 'string' && piece.length > LONGEST_CODE) throw new Ambiguous()
      if (typeof piece !== 'string') this.#jinja(piece)
      else this.#scanText(piece, at > 0, at + 1 < pieces.length)
    }
    if (this.#literal !== null) throw new Ambiguous()
    return this.#tokens
  }

  #scanText(text: string, isAfterJinja: boolean, isBeforeJinja: boolean): void {
    this.#text = text
    this.#at = 0
    this.#unquotedTo = 0
    const first = isAfterJinja && MAY_FORM_A_SIGN.test(text[0] ?? '')
    const last = isBeforeJinja && MAY_FORM_A_SIGN.test(text.at(-1) ?? '')
    if (first || last) throw new Ambiguous()
    if (this.#literal !== null) this.#inLiteral(this.#literal)
    while (this.#at < text.length) this.#sql(isBeforeJinja)
  }

  #jinja(piece: Exclude<Piece, string>): void {
    switch (piece.is) {
      case 'output':
        if (piece.level < (this.#literal === null ? 1 : 2)) throw new Ambiguous()
        break
      case 'open':
        this.#branches.push(this.#literal)
        break
      case 'else':
        if (this.#branches.at(-1) !== this.#literal) throw new Ambiguous()
        break
      case 'close':
        if (this.#branches.pop() !== this.#literal) throw new Ambiguous()
        break
      case 'statement':
        break
    }
    const token = { type: 'jinja', text: `${piece.is} ${piece.code}` } as const
    if (this.#literal === null) this.#gap(token.type, token.text)
    this.#tokens.push(token)
  }

  #sql(isBeforeJinja: boolean): void {
    const char = this.#text[this.#at]!
    if (SPACE.test(char)) {
      this.#space = true
      this.#newline ||= char === '\n' || char === '\r'
      this.#at++
    } else if (this.#sees('--')) this.#lineComment(isBeforeJinja)
    else if (this.#sees('/*+')) this.#hint()
    else if (this.#sees('/*')) this.#blockComment()
    else if (this.#sees('//') && this.#quoteInLine(isBeforeJinja)) throw new Ambiguous()
    else if (char === "'" || char === '"' || char === '`') this.#openLiteral(char)
    else {
      const dollars = this.#match(DOLLAR_QUOTE)
      if (dollars !== null) this.#openLiteral(dollars)
      else this.#push('sql', this.#matchSql() ?? char)
    }
  }

  #matchSql(): string | null {
    return this.#match(NUMBER) ?? this.#match(WORD) ?? this.#match(SQL_OPERATOR)
  }

  #push(type: Token['type'], text: string): void {
    this.#gap(type, text)
    this.#tokens.push({ type, text })
    this.#at += text.length
  }

  /** Adds a gap if there is white space between SQL and Jinja that could otherwise form one word. */
  #gap(type: Token['type'], text: string): void {
    const last = this.#tokens.at(-1)
    const isSpaced = this.#space
    this.#space = false
    if (!isSpaced || last === undefined) return
    const opens = type === 'jinja'
    const closed = last.type === 'jinja'
    const counts = opens ? closed || !SEPARATORS.has(last.text) : closed && !SEPARATORS.has(text)
    if (counts) this.#tokens.push({ type: 'gap', text: ' ' })
  }

  #lineComment(isBeforeJinja: boolean): void {
    const length = this.#text.slice(this.#at).search(/[\r\n]/)
    if (length < 0 && isBeforeJinja) throw new Ambiguous()
    this.#at = length < 0 ? this.#text.length : this.#at + length
    this.#space = true
  }

  #blockComment(): void {
    const end = this.#text.indexOf('*/', this.#at + 2)
    this.#newline ||= this.#text.slice(this.#at, end).includes('\n')
    if (end < 0 || this.#text.slice(this.#at + 2, end).includes('/*')) throw new Ambiguous()
    this.#at = end + 2
    this.#space = true
  }

  #hint(): void {
    const end = this.#text.indexOf('*/', this.#at)
    if (end < 0) throw new Ambiguous()
    this.#push('literal', this.#text.slice(this.#at, end + 2))
  }

  #openLiteral(quote: string): void {
    // Two literals with a line's end between them are one. Jinja between them may render nothing.
    const before = this.#tokens.findLast(({ type }) => type !== 'jinja' && type !== 'gap')
    if (before?.type === 'literal') {
      this.#tokens.push({ type: 'gap', text: this.#newline ? 'line' : this.#space ? 'space' : '' })
    }
    this.#gap('literal', quote)
    const start = this.#at
    this.#at += quote.length
    this.#inLiteral(quote, start)
  }

  /** A string or a quoted name, up to its end or to the Jinja in it. A doubled quote stands for one quote. */
  #inLiteral(quote: string, start = this.#at): void {
    this.#literal = quote
    this.#newline = false
    while (this.#at < this.#text.length && this.#literal !== null) {
      const next = this.#text[this.#at + 1] ?? quote
      if (this.#text[this.#at] === '\\' && quote.startsWith(next)) throw new Ambiguous()
      if (!this.#sees(quote)) this.#at++
      else if (quote.length === 1 && this.#text[this.#at + 1] === quote) this.#at += 2
      else {
        this.#at += quote.length
        this.#literal = null
      }
    }
    this.#tokens.push({ type: 'literal', text: this.#text.slice(start, this.#at) })
    this.#space = false
  }

  /** Whether a quote follows in the line. `//` is division in one dialect and a comment in another. */
  #quoteInLine(isBeforeJinja: boolean): boolean {
    if (this.#at < this.#unquotedTo) return false
    const end = this.#text.indexOf('\n', this.#at)
    if (end < 0 && isBeforeJinja) return true
    const isQuoted = /['"`]/.test(this.#text.slice(this.#at, end < 0 ? undefined : end))
    this.#unquotedTo = isQuoted ? 0 : end < 0 ? this.#text.length : end
    return isQuoted
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0] ?? null
  }
}
