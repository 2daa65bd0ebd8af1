// The word under the cursor may be a whole selection: `+fact_payment,tag:nightly`. Only its last term is completed.

/** A selection that is being typed. */
export interface SelectionWord {
  /** Everything before the name: earlier terms, and operators of this one. */
  readonly head: string
  /** `tag` of `tag:nightly`; null without a method. */
  readonly method: string | null
  /** The begun name, without quotes. */
  readonly start: string
  /** Whether the name begins with a quote of the grammar. */
  readonly isQuoted: boolean
  /** An operator after the name: `+`, `+1`. */
  readonly tail: string
}

/** Finds the term under the cursor, which is at the end of the text. */
export function readSelectionWord(text: string): SelectionWord {
  let from = 0
  let isInQuotes = false
  for (const [at, char] of [...text].entries()) {
    if (char === '"') isInQuotes = !isInQuotes
    else if (!isInQuotes && /[\s,(]/.test(char)) from = at + 1
  }
  const chars = [...text]
  const whole = chars.slice(from).join('')
  const operators = /^(?:@|\d*\+)*/.exec(whole)![0]
  const term = whole.slice(operators.length)
  const [, prefix = '', name = ''] = /^([a-z_.]+:)?(.*)$/s.exec(term)!
  const isQuoted = name.startsWith('"')
  const tail = isInQuotes ? '' : /(?:\+\d*)?$/.exec(name)![0]
  return {
    head: chars.slice(0, from).join('') + operators,
    method: prefix === '' ? null : prefix.slice(0, -1),
    start: name.slice(0, name.length - tail.length).replaceAll('"', ''),
    isQuoted,
    tail,
  }
}

/** A name as a selection needs it; null if no quotes can hold it. `=` separates the parts of a tag. */
export function quoteName(name: string, isQuoted: boolean): string | null {
  if (name.includes('"')) return null
  return isQuoted || /^@|[\s+,():]/.test(name) ? `"${name}"` : name
}
