import type { Json } from '../../lib/json.ts'
import type { Timers } from '../timers.ts'
import { type NoAnswer, withDeadline } from '../with-deadline.ts'

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Json
  /** Milliseconds until the answer must be complete. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

export type HttpAnswer =
  | {
      readonly got: 'json'
      readonly status: number
      readonly body: Json
      /** The `date` header in milliseconds since the epoch, precise to one second. */
      readonly date?: number
    }
  /** Not JSON: a proxy's error page, a login page, a truncated answer. */
  | { readonly got: 'text'; readonly status: number }
  | NoAnswer

export type Send = (call: HttpCall) => Promise<HttpAnswer>

/** Sends calls with axios; never throws. */
export function createSend(timing: Timers): Send {
  return async ({ method, url, query = {}, headers, body, ...limits }) => {
    const { default: axios } = await import('axios')
    return withDeadline(timing, limits, async (signal) => {
      const {
        status,
        data,
        headers: responseHeaders,
      } = await axios.request<string>({
        method,
        url,
        params: query,
        headers: { accept: 'application/json', 'user-agent': 'assets', ...headers },
        ...(body === undefined ? {} : { data: body }),
        signal,
        // A redirect would lead to a login page or drop the body, so it is not followed.
        maxRedirects: 0,
        responseType: 'text',
        transformResponse: (text: string) => text,
        validateStatus: () => true,
      })
      return parseAnswer(status, data, Date.parse(String(responseHeaders.date)))
    })
  }
}

function parseAnswer(status: number, text: string, date: number): HttpAnswer {
  const dated = Number.isNaN(date) ? {} : { date }
  if (text === '') return { got: 'json', status, body: null, ...dated }
  try {
    return { got: 'json', status, body: JSON.parse(text) as Json, ...dated }
  } catch {
    return { got: 'text', status }
  }
}
