/**
 * `sslmode` as psql understands it: `require` encrypts without asking who is there. `pg` alone
 * takes `require` for `verify-full`.
 */
export function withLibpqModes(url: string): string {
  const asked = /[?&]sslmode=/.test(url) && !/[?&]uselibpqcompat=/.test(url)
  return asked ? `${url}&uselibpqcompat=true` : url
}

/** Host, port and database of a URL, fit to be shown. */
export function addressOf(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url)
    const host = hostname || searchParams.get('host') || 'localhost'
    return `${host}:${port || searchParams.get('port') || 5432}${pathname}`
  } catch {
    return 'the url'
  }
}
