import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { PageDocument } from './document.ts'
import type { EventStream } from './event-stream.ts'
import { type Guard, hostsOf, refusalOf } from './guard.ts'
import type { PageSource } from './page-source.ts'

export interface PageServerOptions {
  readonly document: PageDocument
  readonly source: PageSource
  readonly events: EventStream
  /** null: loopback only. */
  readonly host: string | null
  /** null: any free one. */
  readonly port: number | null
  readonly token: string | null
}

/** Below this size in bytes, compressing costs more than it saves. */
const SMALL = 1400

/**
 * Serves the page. It only reads, it never opens a path that a request names, and it answers nobody but its own page:
 * see `guard.ts`. Resolves once it listens. Throws the error of Node if it can't.
 */
export async function servePage(
  options: PageServerOptions,
): Promise<{ readonly server: Server; readonly port: number }> {
  let guard: Guard = { hosts: new Set(), token: options.token }
  const server = createServer((request, response) => {
    answer(request, response, guard, options).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      if (response.headersSent) response.destroy()
      else send(request, response, 500, JSON.stringify({ message }))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', () => resolve())
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  guard = { hosts: hostsOf(port, options.host), token: options.token }
  return { server, port }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  guard: Guard,
  { document, source, events }: PageServerOptions,
): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?')
  const { host, origin, authorization } = request.headers
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
  const method = request.method ?? 'GET'
  const refusal = refusalOf({ method, path, host, origin, authorization }, guard)
  if (refusal !== null) {
    const { status, message } = refusal
    return send(request, response, status, JSON.stringify({ message }))
  }
  if (path === '/') {
    response.setHeader('content-security-policy', `${document.policy}; frame-ancestors 'none'`)
    return send(request, response, 200, document.html, 'text/html; charset=utf-8')
  }
  if (path === '/events') {
    const last = request.headers['last-event-id']
    return events.add(response, await source.missed(typeof last === 'string' ? last : null))
  }
  const [, what = '', name = ''] = /^\/api\/([a-z]+)(?:\/(.*))?$/.exec(path) ?? []
  const json = what === '' ? null : await source.ask(what, decoded(name))
  if (json === null) return send(request, response, 404, JSON.stringify({ message: 'not found' }))
  send(request, response, 200, json)
}

const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}

/** A name in an address; one that is not encoded as it must be names nothing. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return ''
  }
}

function send(
  { headers, method }: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  type = 'application/json; charset=utf-8',
): void {
  const accepts = headers['accept-encoding']
  const isCompressed =
    text.length > SMALL && typeof accepts === 'string' && accepts.includes('gzip')
  const body = isCompressed ? gzipSync(text, { level: 5 }) : Buffer.from(text)
  response.writeHead(status, {
    'content-type': type,
    'content-length': body.length,
    ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
  })
  response.end(method === 'HEAD' ? undefined : body)
}
