// bash gives the line as it was typed, and inserts what it gets as it is. So quotes are read and written here.

/** A command line up to the cursor. */
export interface BashLine {
  /** Without quotes. The last one is being typed. */
  readonly words: readonly string[]
  /** The quote in which the cursor is. */
  readonly quote: '"' | "'" | null
}

/** Splits a line as bash does, except for its expansions. */
export function readBashLine(line: string): BashLine {
  const words: string[] = []
  let word = ''
  let isBetween = true
  let quote: BashLine['quote'] = null
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!
    if (quote === null && /\s/.test(char)) {
      if (!isBetween) words.push(word)
      word = ''
      isBetween = true
      continue
    }
    isBetween = false
    if (char === quote) quote = null
    else if (quote === null && (char === '"' || char === "'")) quote = char
    else if (char === '\\' && isEscape(line[at + 1] ?? '', quote)) word += line[++at] ?? ''
    else word += char
  }
  return { words: [...words, word], quote }
}

/** Whether a backslash before a character is not a letter itself. */
function isEscape(next: string, quote: BashLine['quote']): boolean {
  return quote === null || (quote === '"' && /["$`\\]/.test(next))
}

/** A text as it is typed, outside quotes or inside of open ones. */
export function bashQuoted(text: string, quote: BashLine['quote']): string {
  if (quote === "'") return text.replaceAll("'", "'\\''")
  if (quote === '"') return text.replaceAll(/["$`\\]/g, '\\$&')
  return text.replaceAll(/[^\w@%+=:,./-]/g, '\\$&')
}
