/** What ends a URL in a text. */
const END = /[\s"'`<>]/
/** A longer URL is looked at up to here. */
const LONGEST = 4_096
/** Names of parameters whose value is a secret. */
const PARAMETER = /[?&;](?:[a-z_]*(?:password|passwd|pwd|secret|token|api_?key))=([^&;#]+)/gi

/** Replaces the passwords in all URLs of a text by `***`: `postgres://etl:***@host/db?sslpassword=***`. */
export function withoutUrlPasswords(text: string): string {
  let at = text.indexOf('://')
  if (at === -1) return text
  let shown = ''
  let from = 0
  for (; at !== -1; at = text.indexOf('://', at)) {
    const start = at + 3
    const url = urlAt(text, start)
    shown += text.slice(from, start) + withoutPasswords(url)
    from = start + url.length
    at = from
  }
  return shown + text.slice(from)
}

/** The URL after its `://`. */
function urlAt(text: string, start: number): string {
  const next = text.indexOf('://', start)
  const rest = text.slice(start, Math.min(start + LONGEST, next === -1 ? text.length : next))
  const end = rest.search(END)
  return end === -1 ? rest : rest.slice(0, end)
}

/** A password ends at the last `@` before the path; one with a `/` in it is not valid in a URL. */
function withoutPasswords(url: string): string {
  const path = url.search(/[/?#]/)
  const authority = path === -1 ? url : url.slice(0, path)
  const colon = authority.indexOf(':')
  const sign = authority.lastIndexOf('@')
  const login =
    colon !== -1 && sign > colon + 1
      ? `${authority.slice(0, colon)}:***${authority.slice(sign)}`
      : authority
  const rest = path === -1 ? '' : url.slice(path)
  return (
    login +
    rest.replaceAll(PARAMETER, (found, value: string) => `${found.slice(0, -value.length)}***`)
  )
}
