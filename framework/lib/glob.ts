/** Whether a text is a pattern: it has `*`, `?` or `[…]`. */
export function isGlob(text: string): boolean {
  return /[*?]|\[[^\]]+\]/.test(text)
}

/**
 * A matcher for names with the patterns of shells: `*` matches any characters, `?` one, `[a-z]` one of
 * these, `[!a-z]` one of all others. It matches the whole name and is case-sensitive.
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
  const token = /\*\*\/|\*+|\?|\[(!?)([^\]]+)\]|./gs
  const source = pattern.replaceAll(token, (text, negated?: string, members?: string) => {
    if (text === '**/') return one === '.' ? '.*/' : '(?:.*/)?'
    if (text.startsWith('**')) return '.*'
    if (text === '*') return `${one}*`
    if (text === '?') return one
    if (members) return `[${negated ? '^' : ''}${members.replaceAll(/[\\[\]^]/g, '\\$&')}]`
    return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  })
  return new RegExp(`^${source}$`, 's')
}
