import type { Json } from '../../lib/json.ts'
import type { Timing } from './timers.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Json
  /** Milliseconds until the answer must be whole. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

export type Answer =
  | {
      readonly got: 'json'
      readonly status: number
      readonly body: Json
      /** The service's own time, in milliseconds since the epoch, where it tells; exact to a second. */
      readonly date?: number
    }
  /** Something that is no JSON: a proxy's page, a login form, half an answer. */
  | { readonly got: 'text'; readonly status: number }
  /** Nobody answered, or the answer broke off. */
  | { readonly got: 'nothing'; readonly message: string }

export type Send = (call: Call) => Promise<Answer>

/**
 * Sends calls with axios, and never throws. An axios error holds headers and body of its request, secrets
 * and all: only its code and message get out of here.
 */
export function sender(timing: Timing): Send {
  return async ({ method, url, query = {}, headers, body, timeout, signal }) => {
    const { default: axios } = await import('axios')
    const cut = new AbortController()
    const cancel = timing.later(timeout, () => cut.abort())
    try {
      const {
        status,
        data,
        headers: told,
      } = await axios.request<string>({
        method,
        url,
        params: query,
        headers: { accept: 'application/json', 'user-agent': 'assets', ...headers },
        ...(body === undefined ? {} : { data: body }),
        signal: signal === undefined ? cut.signal : AbortSignal.any([signal, cut.signal]),
        // A redirect leads to a login page or drops the body: it is an answer like any other.
        maxRedirects: 0,
        responseType: 'text',
        transformResponse: (text: string) => text,
        validateStatus: () => true,
      })
      return read(status, data, Date.parse(String(told.date)))
    } catch (error) {
      if (cut.signal.aborted) {
        return { got: 'nothing', message: `no answer within ${Math.round(timeout / 1000)} s` }
      }
      const { code, message } = error as { readonly code?: string; readonly message: string }
      const told = [code, message].filter((part) => part !== undefined && part !== '')
      return { got: 'nothing', message: [...new Set(told)].join(': ') }
    } finally {
      cancel()
    }
  }
}

function read(status: number, text: string, date: number): Answer {
  const dated = Number.isNaN(date) ? {} : { date }
  if (text === '') return { got: 'json', status, body: null, ...dated }
  try {
    return { got: 'json', status, body: JSON.parse(text) as Json, ...dated }
  } catch {
    return { got: 'text', status }
  }
}
