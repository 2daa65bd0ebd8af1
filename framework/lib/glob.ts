/** Whether a text is a pattern: it has `*`, `?` or `[…]`. */
export function isGlob(text: string): boolean {
  if (text.includes('*') || text.includes('?')) return true
  return text.includes('[') && tokensOf(text, 'name').some((token) => token.is !== 'char')
}

/**
 * A matcher for names with the patterns of shells: `*` matches any characters, `?` one, `[a-z]` one of
 * these, `[!a-z]` one of all others. It matches the whole name and is case-sensitive. Source: Python's
 * `fnmatch`, which dbt uses.
 */
export function nameGlob(pattern: string): (name: string) => boolean {
  return matcher(pattern, 'name')
}

/**
 * A matcher for paths: like `nameGlob`, but `*` and `?` do not match `/`, and `**` matches any number of
 * folders.
 */
export function pathGlob(pattern: string): (path: string) => boolean {
  return matcher(pattern, 'path')
}

/** How a pattern is read. In a name, `/` is a character like any other. */
type Reading = 'name' | 'path'

/**
 * A piece of a pattern. `any` and `many` are `?` and `*`; `crosses` says whether they match `/`. `folders` is
 * `**` with the `/` behind it: any text up to a `/`. It follows a `skip`, from which a match may pass over it.
 */
type Token =
  | { readonly is: 'char'; readonly code: number }
  | { readonly is: 'class'; readonly has: (code: number) => boolean }
  | { readonly is: 'any' | 'many'; readonly crosses: boolean }
  | { readonly is: 'skip' }
  | { readonly is: 'folders' }

const SLASH = 47

/** Most names fail or pass by the plain text at both ends of the pattern, and only the rest is simulated. */
function matcher(pattern: string, reading: Reading): (text: string) => boolean {
  const tokens = tokensOf(pattern, reading)
  const first = tokens.findIndex((token) => token.is !== 'char')
  if (first === -1) return (text) => text === pattern
  const last = tokens.findLastIndex((token) => token.is !== 'char')
  const prefix = textOf(tokens.slice(0, first))
  const suffix = textOf(tokens.slice(last + 1))
  const middle = tokens.slice(first, last + 1)
  const matches = matcherOfMiddle(middle)
  const ends = prefix.length + suffix.length
  const shortest =
    ends + middle.filter(({ is }) => is === 'char' || is === 'class' || is === 'any').length
  return (text) =>
    text.length >= shortest &&
    text.startsWith(prefix) &&
    text.endsWith(suffix) &&
    matches(text.slice(prefix.length, text.length - suffix.length))
}

/** `tokens` begin and end with a wildcard. Between those that match anything, the first place of each text will do. */
function matcherOfMiddle(tokens: readonly Token[]): (text: string) => boolean {
  const [first] = tokens
  if (tokens.length === 1 && first?.is === 'many' && !first.crosses)
    return (text) => !text.includes('/')
  if (!tokens.every((token) => token.is === 'char' || (token.is === 'many' && token.crosses)))
    return (text) => simulate(tokens, text)
  const pieces: string[] = []
  for (const token of tokens) {
    if (token.is === 'char') pieces[pieces.length - 1] += String.fromCodePoint(token.code)
    else pieces.push('')
  }
  return (text) => {
    let at = 0
    for (const piece of pieces) {
      const found = text.indexOf(piece, at)
      if (found === -1) return false
      at = found + piece.length
    }
    return true
  }
}

/**
 * Follows all ways to match at once, so its steps are at most tokens × characters, whatever the text.
 * `now[k]` says that the text so far can end in front of token `k`.
 */
function simulate(tokens: readonly Token[], text: string): boolean {
  let now = new Uint8Array(tokens.length + 1)
  let next = new Uint8Array(tokens.length + 1)
  now[0] = 1
  let from = 0
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at)!
    at += code > 0xffff ? 2 : 1
    let lowest = -1
    for (let k = from; k < tokens.length; k++) {
      if (now[k] === 0) continue
      pass(tokens[k]!, now, k)
      const moves = movesOf(tokens[k]!, code)
      if (moves & STAYS) next[k] = 1
      if (moves & GOES_ON) next[k + 1] = 1
      if (moves !== 0 && lowest === -1) lowest = moves & STAYS ? k : k + 1
    }
    if (lowest === -1) return false
    from = lowest
    now.fill(0)
    ;[now, next] = [next, now]
  }
  for (let k = from; k < tokens.length; k++) if (now[k] === 1) pass(tokens[k]!, now, k)
  return now[tokens.length] === 1
}

/** Which tokens may come next without a character. They are behind `k`, so one sweep reaches them all. */
function pass(token: Token, now: Uint8Array, k: number): void {
  if (token.is === 'many' || token.is === 'skip') now[k + 1] = 1
  if (token.is === 'skip') now[k + 2] = 1
}

const STAYS = 1
const GOES_ON = 2

/** Where a character leads from a token. */
function movesOf(token: Token, code: number): number {
  switch (token.is) {
    case 'char':
      return token.code === code ? GOES_ON : 0
    case 'class':
      return token.has(code) ? GOES_ON : 0
    case 'any':
      return token.crosses || code !== SLASH ? GOES_ON : 0
    case 'many':
      return token.crosses || code !== SLASH ? STAYS : 0
    case 'folders':
      return code === SLASH ? STAYS | GOES_ON : STAYS
    case 'skip':
      return 0
  }
}

function textOf(tokens: readonly Token[]): string {
  return tokens
    .map((token) => (token.is === 'char' ? String.fromCodePoint(token.code) : ''))
    .join('')
}

/** Repeated wildcards are one, so a match of `n` characters has at most a few times `n` tokens to follow. */
function tokensOf(pattern: string, reading: Reading): readonly Token[] {
  const tokens: Token[] = []
  const lastBracket = pattern.lastIndexOf(']')
  let at = 0
  while (at < pattern.length) {
    const char = String.fromCodePoint(pattern.codePointAt(at)!)
    const classEnd = char === '[' ? endOfClass(pattern, at, lastBracket) : -1
    if (char === '*') {
      const end = endOfStars(pattern, at)
      const isFolders = reading === 'path' && end - at === 2 && pattern[end] === '/'
      if (!isFolders) tokens.push({ is: 'many', crosses: reading === 'name' || end - at > 1 })
      else if (tokens.at(-1)?.is !== 'folders') tokens.push({ is: 'skip' }, { is: 'folders' })
      at = isFolders ? end + 1 : end
    } else if (char === '?') {
      tokens.push({ is: 'any', crosses: reading === 'name' })
      at += 1
    } else if (classEnd !== -1) {
      tokens.push({ is: 'class', has: classOf(pattern.slice(at + 1, classEnd)) })
      at = classEnd + 1
    } else {
      tokens.push({ is: 'char', code: char.codePointAt(0)! })
      at += char.length
    }
  }
  return tokens
}

function endOfStars(pattern: string, start: number): number {
  let end = start
  while (pattern[end] === '*') end += 1
  return end
}

/** Where the class that opens at `start` closes, or -1. A `]` that comes first is a member. */
function endOfClass(pattern: string, start: number, lastBracket: number): number {
  const firstMember = pattern[start + 1] === '!' ? start + 2 : start + 1
  return firstMember < lastBracket ? pattern.indexOf(']', firstMember + 1) : -1
}

/** A range that runs backwards, such as `z-a`, has no members. */
function classOf(members: string): (code: number) => boolean {
  const isNegated = members.startsWith('!')
  const ranges = mergedRanges(Array.from(isNegated ? members.slice(1) : members))
  return (code) => {
    let low = 0
    let high = ranges.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (ranges[middle]![1] < code) low = middle + 1
      else high = middle
    }
    const isMember = low < ranges.length && ranges[low]![0] <= code
    return isMember !== isNegated
  }
}

/** The code points of a class as ranges in order that do not overlap: `a-cbz` is a–c and z. */
function mergedRanges(chars: readonly string[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = []
  for (let k = 0; k < chars.length; k++) {
    const isRange = chars[k + 1] === '-' && k + 2 < chars.length
    const low = chars[k]!.codePointAt(0)!
    const high = isRange ? chars[k + 2]!.codePointAt(0)! : low
    if (isRange) k += 2
    if (low <= high) ranges.push([low, high])
  }
  ranges.sort(([a], [b]) => a - b)
  const merged: [number, number][] = []
  for (const [low, high] of ranges) {
    const before = merged.at(-1)
    if (before && low <= before[1]) before[1] = Math.max(before[1], high)
    else merged.push([low, high])
  }
  return merged
}
