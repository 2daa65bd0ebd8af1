/** A setting with variables and secrets in it, with the texts between them. */
export type Template = readonly Part[]

export type Part =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'variable'; readonly name: string; readonly fallback: Template | null }
  /** `key` is one of a JSON object that the secret holds; null for the secret as it is. */
  | { readonly is: 'secret'; readonly name: string; readonly key: string | null }

/** Whether a value has to go through `parseTemplate`; `$${` does too, to become `${`. */
export function isTemplate(value: unknown): value is string {
  return typeof value === 'string' && value.includes('${')
}

/**
 * Reads `${NAME}`, `${NAME:-fallback}` (in which all of this may stand again), `${secret:NAME}`,
 * `${secret:NAME#key}` and `$${`, which means `${` itself. Gives a sentence part about what is wrong instead of a template when it isn't one.
 */
export function parseTemplate(text: string): Template | string {
  const parser = new TemplateParser(text)
  const template = parser.parts(false)
  return parser.fault ?? template
}

/** Names as AWS allows them, ARNs and those that RDS gives (`rds!db-…`) too. */
const SECRET = /\$\{secret:([\w/+=.@!:-]+)(?:#([^}\s]+))?\}/y
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(\}|:-)/y

class TemplateParser {
  fault: string | null = null
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Parts up to the end, or up to the `}` that closes a fallback. */
  parts(inFallback: boolean): Template {
    const parts: Part[] = []
    let literal = ''
    while (this.fault === null && this.#at < this.#text.length) {
      if (inFallback && this.#text[this.#at] === '}') break
      if (this.#text.startsWith('$${', this.#at)) {
        literal += '${'
        this.#at += 3
      } else if (this.#text.startsWith('${', this.#at)) {
        if (literal !== '') parts.push({ is: 'text', text: literal })
        literal = ''
        parts.push(this.#secret() ?? this.#variable())
      } else {
        literal += this.#text[this.#at++]
      }
    }
    if (literal !== '') parts.push({ is: 'text', text: literal })
    return parts
  }

  #secret(): Part | null {
    SECRET.lastIndex = this.#at
    const [whole, name = '', key = null] = SECRET.exec(this.#text) ?? []
    if (whole === undefined) return null
    this.#at += whole.length
    return { is: 'secret', name, key }
  }

  #variable(): Part {
    const start = this.#at
    VARIABLE.lastIndex = start
    const [whole, name = '', end] = VARIABLE.exec(this.#text) ?? []
    if (whole === undefined) {
      const written = /^\$\{[^}]{0,40}\}?/.exec(this.#text.slice(start))?.[0]
      const what = written?.startsWith('${secret:') ? 'secret' : 'variable'
      this.fault = `${written} names no ${what}`
      return { is: 'text', text: '' }
    }
    this.#at += whole.length
    if (end === '}') return { is: 'variable', name, fallback: null }
    const fallback = this.parts(true)
    if (this.#text[this.#at] !== '}') this.fault ??= `\${${name}:- is not closed by }`
    this.#at++
    return { is: 'variable', name, fallback }
  }
}
