/** Whether a text has `*`, `?` or `[…]` in it and so stands for many. */
export function isGlob(text: string): boolean {
  return /[*?]|\[[^\]]+\]/.test(text)
}

/**
 * A matcher for names, as shells match file names: `*` any characters, `?` one, `[a-z]` one of
 * these, `[!a-z]` one of the others. The whole name must match; case counts.
 */
export function nameGlob(pattern: string): (name: string) => boolean {
  if (!isGlob(pattern)) return (name) => name === pattern
  const regex = compile(pattern, '.')
  return (name) => regex.test(name)
}

/**
 * A matcher for paths with `/` between parts: as `nameGlob`, but `*` and `?` stay within one part,
 * and `**` is any number of parts.
 */
export function pathGlob(pattern: string): (path: string) => boolean {
  if (!isGlob(pattern)) return (path) => path === pattern
  const regex = compile(pattern, '[^/]')
  return (path) => regex.test(path)
}

/** `one` is what a single wildcard character may be. */
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
