/** A class in brackets, such as `[a-z]` or `[!a]`. A `]` that comes first is a member. */
const CLASS = String.raw`\[(!(?:\][^\]]*|[^\]]+)|(?!!)(?:\][^\]]*|[^\]]+))\]`
const GLOB = new RegExp(`[*?]|${CLASS}`)
const TOKENS = new RegExp(String.raw`\*\*\/|\*+|\?|${CLASS}|.`, 'gs')

/** Whether a text is a pattern: it has `*`, `?` or `[…]`. */
export function isGlob(text: string): boolean {
  return GLOB.test(text)
}

/**
 * A matcher for names with the patterns of shells: `*` matches any characters, `?` one, `[a-z]` one of
 * these, `[!a-z]` one of all others. It matches the whole name and is case-sensitive. Source: Python's
 * `fnmatch`, which dbt uses.
 */
export function nameGlob(pattern: string): (name: string) => boolean {
  if (!isGlob(pattern)) return (name) => name === pattern
  const regex = compile(pattern, '.')
  return (name) => regex.test(name)
}

/**
 * A matcher for paths: like `nameGlob`, but `*` and `?` do not match `/`, and `**` matches any number of
 * folders.
 */
export function pathGlob(pattern: string): (path: string) => boolean {
  if (!isGlob(pattern)) return (path) => path === pattern
  const regex = compile(pattern, '[^/]')
  return (path) => regex.test(path)
}

/** `one` is the regular expression for a character that a wildcard matches. */
function compile(pattern: string, one: '.' | '[^/]'): RegExp {
  const source = pattern.replaceAll(TOKENS, (text, members?: string) => {
    if (text === '**/') return one === '.' ? '.*/' : '(?:.*/)?'
    if (text.startsWith('**')) return '.*'
    if (text === '*') return `${one}*`
    if (text === '?') return one
    if (members !== undefined) return classOf(members)
    return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  })
  return new RegExp(`^${source}$`, 's')
}

/** The regular expression of a class. A range that runs backwards, such as `z-a`, has no members. */
function classOf(members: string): string {
  const isNegated = members.startsWith('!')
  const parts = members.slice(isNegated ? 1 : 0).match(/.-.|./gs) ?? []
  const kept = parts.filter((part) => part.length < 3 || part[0]! <= part[2]!)
  const escaped = kept.map((part) =>
    part.length < 3 ? escapeMember(part) : `${escapeMember(part[0]!)}-${escapeMember(part[2]!)}`,
  )
  return `[${isNegated ? '^' : ''}${escaped.join('')}]`
}

function escapeMember(char: string): string {
  return char.replace(/[\\[\]^-]/, '\\$&')
}
