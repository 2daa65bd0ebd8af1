import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { listen } from '../loopback.ts'

/** What happens to a request instead of, or in addition to, forwarding it. */
export type Fault =
  /** An empty response with this HTTP status. */
  | { readonly kind: 'status'; readonly status: number }
  /** An error of the service, in a response with status 200. */
  | { readonly kind: 'code'; readonly code: string; readonly message: string }
  /** An HTML page, like that of a proxy or a load balancer. */
  | { readonly kind: 'html'; readonly status: number }
  /** The connection breaks before the work. */
  | { readonly kind: 'reset' }
  /** The work is done, and the connection breaks before the response. */
  | { readonly kind: 'lost-answer' }
  /** The work is done, and the connection breaks within the response. */
  | { readonly kind: 'half-answer' }
  /** No response until `release` is called. */
  | { readonly kind: 'hold' }

interface Planned {
  readonly match: RegExp
  readonly fault: Fault
  left: number
}

/** A proxy in front of the look-alike that causes faults on request. */
export class FaultProxy {
  readonly #upstream: number
  readonly #server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing))
  readonly #planned: Planned[] = []
  readonly #held: (() => void)[] = []
  readonly #waiting: { readonly match: RegExp; readonly resolve: () => void }[] = []
  /** The requests, each with its fault: `POST /queries/v1/query-request reset`. */
  readonly seen: string[] = []

  private constructor(upstream: number) {
    this.#upstream = upstream
  }

  static async before(upstream: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstream)
    await listen(proxy.#server)
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The next `times` requests whose path or SQL matches get this fault. */
  plan(match: RegExp, fault: Fault, times = 1): void {
    this.#planned.push({ match, fault, left: times })
  }

  /** Resolves when a matching request has arrived. */
  arrival(match: RegExp): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ match, resolve }))
  }

  /** Forwards the held requests. */
  release(): void {
    for (const go of this.#held.splice(0)) go()
  }

  async close(): Promise<void> {
    this.release()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const isPacked = incoming.headers['content-encoding'] === 'gzip'
    const text = `${incoming.url} ${isPacked ? gunzipSync(body) : body}`
    const fault = this.#take(text)
    this.seen.push(
      `${incoming.method} ${incoming.url?.split('?')[0]}${fault === null ? '' : ` ${fault.kind}`}`,
    )
    for (const { match, resolve } of this.#waiting) if (match.test(text)) resolve()
    if (fault?.kind === 'hold') await new Promise<void>((resolve) => this.#held.push(resolve))
    switch (fault?.kind) {
      case 'status':
        return answer(outgoing, fault.status, 'application/json', '{}')
      case 'html':
        return answer(outgoing, fault.status, 'text/html', '<html><h1>Bad gateway</h1></html>')
      case 'code': {
        const { code, message } = fault
        const refusal = { success: false, code, message, data: null }
        return answer(outgoing, 200, 'application/json', JSON.stringify(refusal))
      }
      case 'reset':
        incoming.socket.resetAndDestroy()
        return
      default:
        this.#forward(incoming, outgoing, body, fault?.kind ?? 'none')
    }
  }

  #take(text: string): Fault | null {
    const at = this.#planned.findIndex(({ match }) => match.test(text))
    const found = this.#planned[at]
    if (found === undefined) return null
    found.left--
    if (found.left === 0) this.#planned.splice(at, 1)
    return found.fault
  }

  #forward(
    { method, url, headers, socket }: IncomingMessage,
    outgoing: ServerResponse,
    body: Buffer,
    fault: Fault['kind'] | 'none',
  ): void {
    const path = url ?? '/'
    const to = { host: '127.0.0.1', port: this.#upstream, method, path, headers }
    const upstream = request(to, (answered) => {
      if (fault === 'lost-answer') {
        answered.resume().on('end', () => socket.resetAndDestroy())
        return
      }
      outgoing.writeHead(answered.statusCode ?? 502, answered.headers)
      if (fault === 'half-answer') {
        answered.once('data', (some: Buffer) => {
          outgoing.write(some.subarray(0, some.length / 2), () => socket.resetAndDestroy())
        })
        return
      }
      answered.pipe(outgoing)
    })
    upstream.on('error', () => outgoing.destroy())
    upstream.end(body)
  }
}

function answer(to: ServerResponse, status: number, type: string, body: string): void {
  to.writeHead(status, { 'content-type': type })
  to.end(body)
}
