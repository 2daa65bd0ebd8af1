import type { ServerResponse } from 'node:http'

/** What the server tells all open pages: its name, and data for the page. */
export interface PageEvent {
  readonly name: 'changed' | 'run' | 'away'
  /** What a page that lost its connection sends, to get the events that it missed. */
  readonly id?: string
  readonly data: unknown
}

const HEARTBEAT = 15_000

/** The pages that are open now, each with a stream of server-sent events (HTML standard, 9.2). */
export class EventStream {
  readonly #open = new Set<ServerResponse>()
  #heartbeat: NodeJS.Timeout | null = null

  /** The number of open pages. */
  get size(): number {
    return this.#open.size
  }

  /** Keeps a response open until its page goes away. `missed`: what is sent first. */
  add(response: ServerResponse, missed: readonly PageEvent[]): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    response.write('retry: 1000\n\n')
    for (const event of missed) response.write(textOf(event))
    this.#open.add(response)
    response.on('close', () => this.#open.delete(response))
    // A comment keeps proxies from closing the stream, and shows when a page is gone.
    this.#heartbeat ??= setInterval(() => this.#write(': here\n\n'), HEARTBEAT).unref()
  }

  send(event: PageEvent): void {
    this.#write(textOf(event))
  }

  close(): void {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat)
    this.#heartbeat = null
    for (const response of this.#open) response.end()
    this.#open.clear()
  }

  #write(text: string): void {
    for (const response of this.#open) response.write(text)
  }
}

function textOf({ name, id, data }: PageEvent): string {
  // JSON has no line break outside of its strings, and escapes those in them.
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}
