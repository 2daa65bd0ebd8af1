import { timingSafeEqual } from 'node:crypto'

/** What a request must show before it gets an answer. */
export interface Guard {
  /** The values of `Host` that name this server: a page of another site can't send them (DNS rebinding). */
  readonly hosts: ReadonlySet<string>
  /** What `Authorization: Bearer …` must hold for anything but the empty page; null: nothing. */
  readonly token: string | null
}

/** The part of a request that the guard looks at. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly authorization: string | undefined
}

/** Why a request gets no answer: the status and a sentence; null if it does. Pure. */
export function refusalOf(
  { method, path, host, origin, authorization }: Asked,
  { hosts, token }: Guard,
): { readonly status: 403 | 401 | 405; readonly message: string } | null {
  if (host === undefined || !hosts.has(host.toLowerCase())) {
    return { status: 403, message: 'this address is not one of the page' }
  }
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return { status: 403, message: 'another site asks' }
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, message: 'the page only reads' }
  }
  // The empty page has no data; it reads the token from its own address and sends it from then on.
  if (token === null || path === '/') return null
  return isToken(authorization, token)
    ? null
    : { status: 401, message: 'open the whole address that `assets ui` printed, with its token' }
}

function isToken(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

/** The values of `Host` for a port. `address`: where it listens besides loopback; null for nowhere. */
export function hostsOf(port: number, address: string | null): ReadonlySet<string> {
  const names = ['127.0.0.1', 'localhost', '[::1]']
  if (address !== null) names.push(address.includes(':') ? `[${address}]` : address)
  return new Set(names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : `${name}:${port}`)))
}
