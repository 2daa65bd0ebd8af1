/** A setting, split into its variables, its secrets and the texts between them. */
export type Template = readonly TemplatePart[]

export type TemplatePart =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'variable'; readonly name: string; readonly fallback: Template | null }
  /** `key`: a key of the JSON object in the secret; null for the whole secret. */
  | { readonly is: 'secret'; readonly name: string; readonly key: string | null }

/** Whether a value needs `parseTemplate`, even if it only contains an escaped `$${`. */
export function isTemplate(value: unknown): value is string {
  return typeof value === 'string' && value.includes('${')
}

/**
 * Parses `${NAME}`, `${NAME:-fallback}` (the fallback is a template too), `${secret:NAME}`,
 * `${secret:NAME#key}` and `$${`, a literal `${`. Returns the text of the error for an invalid template.
 */
export function parseTemplate(text: string): Template | string {
  const parser = new TemplateParser(text)
  const template = parser.parts(false)
  return parser.error ?? template
}

/** The names that AWS allows, ARNs and the names that RDS generates (`rds!db-…`) included. */
const SECRET = /\$\{secret:([\w/+=.@!:-]+)(?:#([^}\s]+))?\}/y
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(\}|:-)/y

/** How deep fallbacks may be in each other. The call stack holds more. */
const MAX_DEPTH = 50

class TemplateParser {
  error: string | null = null
  #depth = 0
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Parses up to the end, or up to the `}` that closes a fallback. */
  parts(inFallback: boolean): Template {
    const parts: TemplatePart[] = []
    let literal = ''
    while (this.error === null && this.#at < this.#text.length) {
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

  #secret(): TemplatePart | null {
    SECRET.lastIndex = this.#at
    const [whole, name = '', key = null] = SECRET.exec(this.#text) ?? []
    if (whole === undefined) return null
    this.#at += whole.length
    return { is: 'secret', name, key }
  }

  #variable(): TemplatePart {
    const start = this.#at
    VARIABLE.lastIndex = start
    const [whole, name = '', end] = VARIABLE.exec(this.#text) ?? []
    if (whole === undefined) {
      const written = /^\$\{[^}]{0,40}\}?/.exec(this.#text.slice(start))?.[0]
      const what = written?.startsWith('${secret:') ? 'secret' : 'variable'
      this.error = `${written} is not a valid ${what}`
      return { is: 'text', text: '' }
    }
    this.#at += whole.length
    if (end === '}') return { is: 'variable', name, fallback: null }
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) {
      this.error = `\${${name}:- is inside more than ${MAX_DEPTH} other fallbacks`
      return { is: 'text', text: '' }
    }
    const fallback = this.parts(true)
    this.#depth -= 1
    if (this.#text[this.#at] !== '}') this.error ??= `\${${name}:- has no closing }`
    this.#at++
    return { is: 'variable', name, fallback }
  }
}
