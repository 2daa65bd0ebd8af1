/**
 * Makes `pg` interpret `sslmode` like psql: `require` encrypts without verifying the server's certificate.
 * By default `pg` treats `require` as `verify-full`.
 */
export function withLibpqModes(url: string): string {
  const asked = /[?&]sslmode=/.test(url) && !/[?&]uselibpqcompat=/.test(url)
  return asked ? `${url}&uselibpqcompat=true` : url
}

/** Host, port and database of a URL, without user and password. */
export function addressOf(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url)
    const host = hostname || searchParams.get('host') || 'localhost'
    return `${host}:${port || searchParams.get('port') || 5432}${pathname}`
  } catch {
    return 'the url'
  }
}
