/** What the page needs of Node's `path/posix`: a path without `.`, `..` inside it, and double slashes. */
export function normalize(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  const isAbsolute = path.startsWith('/')
  const joined = (isAbsolute ? parts.filter((part) => part !== '..') : parts).join('/')
  const end = path.endsWith('/') && joined !== '' ? '/' : ''
  return `${isAbsolute ? '/' : ''}${joined}${end}` || (isAbsolute ? '/' : '.')
}
