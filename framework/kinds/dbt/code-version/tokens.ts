/**
 * One token of an SQL template.
 * - `sql`, `jinja`: a word or an operator of that language
 * - `quoted`: Jinja inside an SQL literal
 * - `literal`: SQL whose exact text counts
 * - `gap`: white space that distinguishes `a {{ b }}` from `a{{ b }}`
 */
export interface Token {
  readonly type: 'sql' | 'jinja' | 'quoted' | 'literal' | 'gap'
  readonly text: string
}

/** The template can't be split without knowing the SQL dialect. */
class Ambiguous extends Error {}

const WORD = /[\p{L}\p{N}_$]+/uy
const DOLLAR_QUOTE = /\$(?:[A-Za-z_][A-Za-z0-9_]*)?\$/y
const SQL_OPERATOR =
  /<=>|->>|#>>|<=|>=|<>|!=|\|\||::|:=|=>|->|\*\*|\/\/|==|~~|!~|~\*|@>|<@|&&|<<|>>|#>|\.\./y
const JINJA_OPERATOR = /\*\*|\/\/|==|!=|<=|>=/y
const SPACE = /\s/
/** Punctuation that can't form one word with adjacent output of a template. */
const SEPARATORS = new Set(['(', ')', ',', ';', '[', ']'])

/**
 * Splits SQL with Jinja into tokens. Leaves out comments (but not hints of the form `/*+ … *\/`) and
 * white space, except in literals, in the text of `{% set x %}` blocks and where Jinja touches SQL.
 * Words keep their case. Two templates with equal tokens render to SQL of equal meaning in every
 * supported dialect. Null if that can't be promised: nested comments, backslashes before quotes,
 * `{% raw %}`, an unclosed quote. Such a template must be compared by its text.
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
  /** Whether there was white space after the last token. */
  #space = false
  /** Where the text of an open `{% set x %}` block begins. */
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

  #push(type: Token['type'], text: string): void {
    if (type !== 'quoted') this.#gap(type, text)
    this.#tokens.push({ type, text })
    this.#at += text.length
  }

  /** Adds a gap if there is white space between SQL and Jinja that could otherwise form one word. */
  #gap(type: Token['type'], text: string): void {
    const last = this.#tokens.at(-1)
    const spaced = this.#space
    this.#space = false
    if (!spaced || last === undefined) return
    const opens = type === 'jinja'
    const closed = last.type === 'jinja'
    const counts = opens ? closed || !SEPARATORS.has(last.text) : closed && !SEPARATORS.has(text)
    if (counts) this.#tokens.push({ type: 'gap', text: ' ' })
  }

  /** Scans a Jinja expression, statement or comment. False if there is none here. */
  #jinja(type: 'jinja' | 'quoted'): boolean {
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
    const start = this.#at
    this.#push(type, open)
    this.#inside(type, kind === '{' ? '}}' : '%}')
    if (kind === '%') this.#statement(first, start)
    return true
  }

  /** Scans to the end of the closing delimiter. Inside Jinja's own brackets it does not close. */
  #inside(type: 'jinja' | 'quoted', close: string): void {
    let depth = 0
    for (;;) {
      const char = this.#text[this.#at]
      if (char === undefined) throw new Ambiguous()
      if (SPACE.test(char)) this.#at++
      else if (depth === 0 && this.#closes(close)) {
        const trims = char === '-'
        this.#token(type, char === '-' || char === '+' ? char + close : close)
        if (trims) this.#skipSpace()
        return
      } else if (char === "'" || char === '"') this.#token(type, this.#jinjaString(char))
      else {
        if (char === '(' || char === '[' || char === '{') depth++
        else if (char === ')' || char === ']' || char === '}') depth--
        this.#token(type, this.#match(WORD) ?? this.#match(JINJA_OPERATOR) ?? char)
      }
    }
  }

  #token(type: Token['type'], text: string): void {
    this.#tokens.push({ type, text })
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

  /** Handles `{% raw %}`, which is unsupported, and `{% set x %}` blocks, whose exact text is a value. */
  #statement(first: number, start: number): void {
    const words = this.#tokens.slice(first + 1, -1).map((token) => token.text)
    if (words[0] === 'raw') throw new Ambiguous()
    if (words[0] === 'set' && !words.includes('=')) this.#block ??= this.#at
    else if (words[0] === 'endset' && this.#block !== null) {
      this.#tokens.push({ type: 'literal', text: this.#text.slice(this.#block, start) })
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
    // The text before and after the comment would become one word.
    if (!this.#space && last !== undefined && !SEPARATORS.has(last.text) && !SPACE.test(next)) {
      throw new Ambiguous()
    }
  }

  /** Jinja in a comment is executed, so it is kept. A trim that removes the line's end is unsupported. */
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

  /** A string or a quoted name. A doubled quote stands for one quote. */
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
        this.#tokens.push({ type: 'literal', text: this.#text.slice(piece, this.#at) })
        this.#jinja('quoted')
        piece = this.#at
      } else this.#at++
    }
    this.#tokens.push({ type: 'literal', text: this.#text.slice(piece, this.#at) })
    this.#space = false
  }

  /** Whether a quote follows in the line. `//` is division in one dialect and a comment in another. */
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
