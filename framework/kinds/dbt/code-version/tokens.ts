/**
 * One token of an SQL template. `sql` and `jinja` are what they say, `quoted` is Jinja inside an
 * SQL literal, `literal` is a piece of SQL that counts to the letter, and `gap` is white space that
 * tells `a {{ b }}` from `a{{ b }}`.
 */
export interface Token {
  readonly room: 'sql' | 'jinja' | 'quoted' | 'literal' | 'gap'
  readonly text: string
}

/** What a template can't be split into without knowing the SQL dialect. */
class Ambiguous extends Error {}

const WORD = /[\p{L}\p{N}_$]+/uy
const DOLLAR_QUOTE = /\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$/y
const SQL_OPERATOR =
  /<=>|->>|#>>|<=|>=|<>|!=|\|\||::|:=|=>|->|\*\*|\/\/|==|~~|!~|~\*|@>|<@|&&|<<|>>|#>|\.\./y
const JINJA_OPERATOR = /\*\*|\/\/|==|!=|<=|>=/y
const SPACE = /\s/
/** Neither merges with what a template puts beside it. */
const APART = new Set(['(', ')', ',', ';', '[', ']'])

/**
 * Splits SQL with Jinja into tokens, without comments (hints of the form `/*+ … *\/` stay) and
 * without white space, except in literals, in the text of `{% set x %}` blocks and where Jinja
 * touches SQL. Two templates with equal tokens render to SQL of one meaning, in every dialect that
 * the project knows; null where that can't be promised (nested comments, backslashes before
 * quotes, `{% raw %}`, a quote without an end), and the text itself has to stand for it. Words keep
 * their case.
 */
export function tokenize(template: string): readonly Token[] | null {
  try {
    return new Scanner(template).scan()
  } catch (error) {
    if (error instanceof Ambiguous) return null
    throw error
  }
}

class Scanner {
  readonly #text: string
  readonly #tokens: Token[] = []
  #at = 0
  /** White space was passed since the last token. */
  #space = false
  /** Where the text of an open `{% set x %}` block began. */
  #block: number | null = null

  constructor(text: string) {
    this.#text = text
  }

  scan(): readonly Token[] {
    while (this.#at < this.#text.length) this.#sql()
    if (this.#block !== null) throw new Ambiguous()
    return this.#tokens
  }

  #sql(): void {
    const char = this.#text[this.#at]!
    if (SPACE.test(char)) {
      this.#space = true
      this.#at++
    } else if (char === '{' && this.#jinja('jinja')) return
    else if (this.#sees('--')) this.#lineComment()
    else if (this.#sees('/*+')) this.#hint()
    else if (this.#sees('/*')) this.#blockComment()
    else if (this.#sees('//') && this.#quoteInLine()) throw new Ambiguous()
    else if (char === "'" || char === '"' || char === '`') this.#literal(char, 1)
    else {
      const dollars = this.#match(DOLLAR_QUOTE)
      if (dollars !== null) this.#literal(dollars, dollars.length)
      else this.#push('sql', this.#match(WORD) ?? this.#match(SQL_OPERATOR) ?? char)
    }
  }

  #push(room: Token['room'], text: string): void {
    if (room !== 'quoted') this.#gap(room, text)
    this.#tokens.push({ room, text })
    this.#at += text.length
  }

  /** White space between SQL and Jinja counts where the two could otherwise grow together. */
  #gap(room: Token['room'], text: string): void {
    const last = this.#tokens.at(-1)
    const spaced = this.#space
    this.#space = false
    if (!spaced || last === undefined) return
    const opens = room === 'jinja'
    const closed = last.room === 'jinja'
    const counts = opens ? closed || !APART.has(last.text) : closed && !APART.has(text)
    if (counts) this.#tokens.push({ room: 'gap', text: ' ' })
  }

  /** Scans a Jinja expression, statement or comment. False when there is none here. */
  #jinja(room: 'jinja' | 'quoted'): boolean {
    const kind = this.#text[this.#at + 1]
    if (kind === '#') {
      this.#jinjaComment()
      return true
    }
    if (kind !== '{' && kind !== '%') return false
    const sign = this.#text[this.#at + 2]
    const open = this.#text.slice(this.#at, this.#at + (sign === '-' || sign === '+' ? 3 : 2))
    if (sign === '-') this.#space = false
    const first = this.#tokens.length
    const began = this.#at
    this.#push(room, open)
    this.#inside(room, kind === '{' ? '}}' : '%}')
    if (kind === '%') this.#statement(first, began)
    return true
  }

  /** Up to and with the closing delimiter, which counts only outside of Jinja's own brackets. */
  #inside(room: 'jinja' | 'quoted', close: string): void {
    let depth = 0
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined) throw new Ambiguous()
      if (SPACE.test(char)) this.#at++
      else if (depth === 0 && this.#closes(close)) {
        const trims = char === '-'
        this.#token(room, char === '-' || char === '+' ? char + close : close)
        if (trims) this.#skipSpace()
        return
      } else if (char === "'" || char === '"') this.#token(room, this.#jinjaString(char))
      else {
        if (char === '(' || char === '[' || char === '{') depth++
        else if (char === ')' || char === ']' || char === '}') depth--
        this.#token(room, this.#match(WORD) ?? this.#match(JINJA_OPERATOR) ?? char)
      }
    }
  }

  #token(room: Token['room'], text: string): void {
    this.#tokens.push({ room, text })
    this.#at += text.length
  }

  #closes(close: string): boolean {
    return this.#sees(close) || this.#sees(`-${close}`) || this.#sees(`+${close}`)
  }

  #jinjaString(quote: string): string {
    let end = this.#at + 1
    while (this.#text[end] !== quote) {
      if (end >= this.#text.length) throw new Ambiguous()
      end += this.#text[end] === '\\' ? 2 : 1
    }
    return this.#text.slice(this.#at, end + 1)
  }

  /** `{% raw %}` switches Jinja off; the text of a `{% set x %}` block is a value, to the letter. */
  #statement(first: number, began: number): void {
    const words = this.#tokens.slice(first + 1, -1).map((token) => token.text)
    if (words[0] === 'raw') throw new Ambiguous()
    if (words[0] === 'set' && !words.includes('=')) this.#block ??= this.#at
    else if (words[0] === 'endset' && this.#block !== null) {
      this.#tokens.push({ room: 'literal', text: this.#text.slice(this.#block, began) })
      this.#block = null
    }
  }

  #jinjaComment(): void {
    const end = this.#text.indexOf('#}', this.#at + 2)
    if (end < 0) throw new Ambiguous()
    if (this.#text[this.#at + 2] === '-') this.#space = false
    this.#at = end + 2
    if (this.#text[end - 1] === '-') this.#skipSpace()
    const last = this.#tokens.at(-1)
    const next = this.#text[this.#at] ?? ' '
    // What stands on its two sides becomes one word.
    if (!this.#space && last !== undefined && !APART.has(last.text) && !SPACE.test(next)) {
      throw new Ambiguous()
    }
  }

  /** Jinja in a comment is live: it is kept, and a trim that would eat the line's end is too much. */
  #lineComment(): void {
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined || char === '\n') break
      if (char !== '{' || !this.#jinja('jinja')) this.#at++
    }
    this.#space = true
    this.#skipSpace()
    this.#space = true
    if (this.#text[this.#at] === '{' && this.#text[this.#at + 2] === '-') throw new Ambiguous()
  }

  #blockComment(): void {
    this.#at += 2
    while (!this.#sees('*/')) {
      if (this.#at >= this.#text.length || this.#sees('/*')) throw new Ambiguous()
      if (this.#text[this.#at] !== '{' || !this.#jinja('jinja')) this.#at++
    }
    this.#at += 2
    this.#space = true
  }

  #hint(): void {
    const end = this.#text.indexOf('*/', this.#at)
    if (end < 0) throw new Ambiguous()
    this.#push('literal', this.#text.slice(this.#at, end + 2))
  }

  /** A string or a quoted name; a doubled quote stands for one. */
  #literal(quote: string, length: number): void {
    let piece = this.#at
    this.#gap('literal', quote)
    this.#at += length
    for (;;) {
      if (this.#at >= this.#text.length) throw new Ambiguous()
      const char = this.#text[this.#at]!
      if (char === '\\' && this.#text[this.#at + 1] === quote) throw new Ambiguous()
      if (this.#sees(quote)) {
        this.#at += length
        if (length > 1 || !this.#sees(quote)) break
        this.#at += length
      } else if (char === '{' && /[{%#]/.test(this.#text[this.#at + 1] ?? '')) {
        this.#tokens.push({ room: 'literal', text: this.#text.slice(piece, this.#at) })
        this.#jinja('quoted')
        piece = this.#at
      } else this.#at++
    }
    this.#tokens.push({ room: 'literal', text: this.#text.slice(piece, this.#at) })
    this.#space = false
  }

  /** `//` divides in one dialect and begins a comment in another. */
  #quoteInLine(): boolean {
    const end = this.#text.indexOf('\n', this.#at)
    return /['"`]/.test(this.#text.slice(this.#at, end < 0 ? undefined : end))
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && SPACE.test(this.#text[this.#at]!)) this.#at++
    this.#space = false
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at)
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0] ?? null
  }
}
