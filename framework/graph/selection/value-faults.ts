import type { Span } from './ast.ts'
import { methodOf } from './methods.ts'
import type { Token } from './tokens.ts'

export interface ValueFault {
  readonly message: string
  readonly span: Span
  readonly hint: string
}

/** The tokens of a value: `k` and `v` of `tag:k=v`. */
export interface ValueTokens {
  readonly text: readonly Token[]
  /** null without `=`; empty if nothing follows it. */
  readonly pair: readonly Token[] | null
  readonly span: Span
}

/**
 * What is almost certainly a typing error in the value of a method (null: of none), or null. Quotes make
 * every value valid that is not empty.
 */
export function valueFault(method: string | null, value: ValueTokens): ValueFault | null {
  return (
    placeholder(method, value) ??
    otherQuote(value) ??
    unfinished(method, value) ??
    equalsForColon(method, value) ??
    unfitParts(method, value)
  )
}

/** `key:<name>`, copied from a help text. `<null>` is a value of the methods that compare a property. */
function placeholder(method: string | null, { text, pair }: ValueTokens): ValueFault | null {
  const tokens = [...text, ...(pair ?? [])]
  const bad = tokens.find((token) => token.is === 'word' && /[<>]/.test(token.text))
  if (bad === undefined) return null
  if (bad.text === '<null>' && tokens.length === 1) {
    if (method !== null && methodOf(method) !== null) return null
    const message = method === null ? '<null> needs a method' : `${method}: takes no <null>`
    return { message, span: bad.span, hint: 'for example, group:<null> or owner:<null>' }
  }
  const isNull = /^<(null|none|nil)>$/i.test(bad.text) && tokens.length === 1
  return {
    message: `${bad.text} is a placeholder, not a value`,
    span: bad.span,
    hint: isNull
      ? 'did you mean <null>?'
      : 'write the value itself, without < and >; if they are part of it, put it in double quotes',
  }
}

/** `key:'x'`: only double quotes are quotes. */
function otherQuote({ text, pair }: ValueTokens): ValueFault | null {
  const words = [...text, ...(pair ?? [])].filter(({ is }) => is === 'word')
  const bad = words.find((word) => /^['‘’“”`]|['‘’“”`]$/.test(word.text))
  if (bad === undefined) return null
  return {
    message: `${bad.text} has a quote that is not a double quote`,
    span: bad.span,
    hint: 'put values in double quotes: key:"x"',
  }
}

/** `tag:k=`, `tag:k==v`, and any other value that ends with `=` or `:`. */
function unfinished(method: string | null, { text, pair, span }: ValueTokens): ValueFault | null {
  const key = text.map((token) => token.text).join('')
  if (pair?.length === 0) {
    const hint = `write ${method}:${key} for any value of it`
    return { message: `${method}:${key}= needs a value after the =`, span, hint }
  }
  const [first] = pair ?? []
  if (first?.is === '=') {
    return { message: 'unexpected "="', span: first.span, hint: `write ${method}:key=value` }
  }
  const last = pair?.at(-1) ?? text.at(-1)!
  if (last.is !== '=' && last.is !== ':') return null
  const message = `a value can't end with "${last.text}"`
  return { message, span: last.span, hint: 'if it is part of the value, put it in double quotes' }
}

/** `tag=daily` for `tag:daily`. */
function equalsForColon(method: string | null, { text }: ValueTokens): ValueFault | null {
  const [word, equals, ...rest] = text
  if (method !== null || word?.is !== 'word' || equals?.is !== '=') return null
  const [name = ''] = word.text.split('.')
  if (methodOf(name) === null && !['key', 'name', 'selector'].includes(name)) return null
  const value = rest.map((token) => token.text).join('')
  const hint = `did you mean ${word.text}:${value}?`
  return { message: 'a method needs ":" before its value', span: equals.span, hint }
}

/** `source:a.b.c.d`, `exposure:x.` */
function unfitParts(method: string | null, { text, span }: ValueTokens): ValueFault | null {
  const forms = method === null ? undefined : methodOf(method)?.forms
  if (forms === undefined) return null
  const parts = text
    .map((token) => token.text)
    .join('')
    .split('.')
  const hint = `the forms are ${forms.join(', ')}`
  if (parts.includes('')) return { message: `${method}: has an empty part`, span, hint }
  if (parts.length <= forms.length) return null
  return { message: `${method}: has ${parts.length} parts, at most ${forms.length}`, span, hint }
}
