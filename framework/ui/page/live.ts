import type { PageRunDetail } from '../data/runs.ts'
import { ask } from './documents.ts'

interface Listener {
  changed(): void
  run(run: PageRunDetail | null): void
  /** The connection was lost (a message), or is there again (null). */
  lost(message: string | null): void
}

const AGAIN = 1_000

/**
 * Listens to the server's events as long as the page is open. `EventSource` can't send the token of the page, so the
 * stream is read here (HTML standard, 9.2.6).
 */
export async function listen(listener: Listener): Promise<void> {
  let last: string | null = null
  let isLost = false
  for (;;) {
    try {
      const answer = await ask('/events', last === null ? {} : { 'last-event-id': last })
      if (!answer.ok || answer.body === null) throw new Error(String(answer.status))
      if (isLost) listener.lost(null)
      isLost = false
      // From here on, no change is missed.
      listener.changed()
      for await (const event of eventsIn(answer.body)) {
        last = event.id ?? last
        const data = JSON.parse(event.data) as { readonly run?: PageRunDetail | null }
        if (event.name === 'changed') listener.changed()
        if (event.name === 'run') listener.run(data.run ?? null)
      }
    } catch {
      // Tried again below.
    }
    if (!isLost) listener.lost('the server of this page does not answer; start it again: assets ui')
    isLost = true
    await new Promise((resolve) => setTimeout(resolve, AGAIN))
  }
}

interface ServerEvent {
  readonly name: string
  readonly id: string | null
  readonly data: string
}

async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    text += decoder.decode(value, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => splitAt(line, ': ')))
      const data = fields.get('data')
      if (data === undefined) continue
      yield { name: fields.get('event') ?? 'message', id: fields.get('id') ?? null, data }
    }
  }
}

function splitAt(line: string, mark: string): readonly [string, string] {
  const at = line.indexOf(mark)
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + mark.length)]
}
