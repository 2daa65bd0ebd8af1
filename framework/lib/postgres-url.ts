/** One way to open a connection: a URL as `pg` reads it, and whether the connection is encrypted. */
export interface ConnectAttempt {
  readonly url: string
  readonly tls: boolean
}

/**
 * The ways to connect to a URL, in the order in which psql tries them
 * (https://www.postgresql.org/docs/current/libpq-ssl.html). `prefer`: with TLS, else without. `allow`: without
 * TLS, else with. All other modes have one way. `require` encrypts without verifying the server's
 * certificate, unless the URL has `sslrootcert`; `pg` alone would treat it as `verify-full`. A Unix socket is
 * never encrypted. `unset` is the mode of a URL without any parameter of TLS; null leaves that to `pg`.
 */
export function connectAttempts(url: string, unset: string | null): readonly ConnectAttempt[] {
  const params = new URLSearchParams(splitQuery(url).parts.join('&'))
  const isSilent = !TLS_PARAMETERS.some((name) => params.has(name))
  const mode = params.get('sslmode') ?? (isSilent ? unset : null)
  if (mode === null) return [{ url, tls: !isSilent }]
  if (params.has('uselibpqcompat')) return [{ url, tls: mode !== 'disable' }]
  const plain = { url: withoutTls(url), tls: false }
  const tls = encryptedAttempt(url)
  if (tls === null) return [plain]
  switch (mode) {
    case 'disable':
      return [plain]
    case 'prefer':
      return [tls, plain]
    case 'allow':
      return [plain, tls]
    default:
      return [{ url: withTls(url, mode), tls: true }]
  }
}

/** The way to connect with TLS, whatever the URL says of it; null for a Unix socket. */
export function encryptedAttempt(url: string): ConnectAttempt | null {
  return isSocket(url) ? null : { url: withTls(url, 'require'), tls: true }
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

/** Makes `pg` interpret `sslmode` as libpq does. */
const COMPATIBLE = 'uselibpqcompat=true'
/** Parameters of a URL that ask `pg` for TLS. */
const TLS_PARAMETERS = ['sslmode', 'ssl', 'sslnegotiation', 'sslcert', 'sslkey', 'sslrootcert']

/** The URL with a mode of TLS that `pg` interprets as libpq does. */
function withTls(url: string, mode: string): string {
  const { base, parts } = splitQuery(url)
  const others = parts.filter((part) => nameOf(part) !== 'sslmode')
  return `${base}?${[...others, `sslmode=${mode}`, COMPATIBLE].join('&')}`
}

/** The URL for a connection without TLS. `pg` would read the files that the other parameters name. */
function withoutTls(url: string): string {
  const { base, parts } = splitQuery(url)
  const others = parts.filter((part) => !TLS_PARAMETERS.includes(nameOf(part)))
  return `${base}?${[...others, 'sslmode=disable', COMPATIBLE].join('&')}`
}

/** All parts stay as they are written: `pg` accepts URLs that the class `URL` rejects or changes. */
function splitQuery(url: string): { readonly base: string; readonly parts: readonly string[] } {
  const at = url.indexOf('?')
  if (at < 0) return { base: url, parts: [] }
  return {
    base: url.slice(0, at),
    parts: url
      .slice(at + 1)
      .split('&')
      .filter(Boolean),
  }
}

const nameOf = (part: string): string => part.split('=', 1)[0]!

/** Whether the host is the folder of a Unix socket: `?host=/run/postgresql` or `//%2Frun%2Fpostgresql`. */
function isSocket(url: string): boolean {
  return /^[^/?]*\/\/([^/?]*@)?%2f|[?&]host=(\/|%2f)/i.test(url)
}
