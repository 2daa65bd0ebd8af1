import { XMLParser } from 'fast-xml-parser'
import type { Timers } from '../timers.ts'
import { type NoAnswer, withDeadline } from '../with-deadline.ts'

/** A call of Tableau's REST API. */
export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** Milliseconds until the answer must be complete. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/** An element of an answer: attributes and elements by their names. */
export type Element = Readonly<Record<string, unknown>>

/** What precedes a body. */
export interface HttpHead {
  readonly status: number
  /** Seconds of the header `retry-after`; null without one. */
  readonly retryAfter: number | null
  /** The header `location`; null without one. */
  readonly location: string | null
  /** The header `date`, in milliseconds since the epoch; null without one. */
  readonly date: number | null
}

export type HttpAnswer =
  | ({
      readonly got: 'answer'
      /** What is in `tsResponse`. */
      readonly body: Element
    } & HttpHead)
  /** No answer of Tableau: a proxy's page, a truncated answer. */
  | ({ readonly got: 'page' } & HttpHead)
  | NoAnswer

export type Send = (call: HttpCall) => Promise<HttpAnswer>

/** Bytes. A page of a hundred items has some hundred kilobytes. */
const LONGEST_ANSWER = 50_000_000

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseAttributeValue: false,
  parseTagValue: false,
  trimValues: false,
  // References such as &#233;, which XML allows everywhere.
  htmlEntities: true,
  // An item of a list, such as `<projects><project/></projects>`; there may be one only.
  isArray: (name, path, _isLeaf, isAttribute) =>
    !isAttribute && String(path).endsWith(`.${name}s.${name}`),
})

/** Sends calls with axios; never throws. */
export function createSend(timers: Timers): Send {
  return async ({ method, url, query = {}, headers, body, ...limits }) => {
    const { default: axios } = await import('axios')
    return withDeadline(timers, limits, async (signal) => {
      const {
        status,
        data,
        headers: got,
      } = await axios.request<string>({
        ...{ method, url, params: query },
        headers: { accept: 'application/xml', 'user-agent': 'assets', ...headers },
        ...(body === undefined ? {} : { data: body }),
        signal,
        // A redirected POST would become a GET.
        maxRedirects: 0,
        maxBodyLength: Number.POSITIVE_INFINITY,
        maxContentLength: LONGEST_ANSWER,
        responseType: 'text',
        transformResponse: (text: string) => text,
        validateStatus: () => true,
      })
      const after = Number(got['retry-after'] ?? Number.NaN)
      const head: HttpHead = {
        status,
        retryAfter: Number.isNaN(after) ? null : after,
        location: typeof got.location === 'string' ? got.location : null,
        date: timeOf(got.date),
      }
      const parsed = data === '' ? {} : parsedAnswer(data)
      return parsed === null ? { got: 'page', ...head } : { got: 'answer', ...head, body: parsed }
    })
  }
}

/** A time of HTTP or of Tableau in milliseconds since the epoch; null if it is none. */
export function timeOf(text: unknown): number | null {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? null : time
}

/** What is in the `tsResponse` of an answer; null if it has none. */
function parsedAnswer(text: string): Element | null {
  if (!/<\/(?:\w+:)?tsResponse>\s*$/.test(text.slice(-40))) return null
  try {
    const { tsResponse } = parser.parse(text) as { tsResponse?: unknown }
    if (tsResponse === '') return {}
    return typeof tsResponse === 'object' && tsResponse !== null ? (tsResponse as Element) : null
  } catch {
    return null
  }
}

/** An element in another one; null if there is none. */
export function elementIn(element: Element | null, name: string): Element | null {
  const found = element?.[name]
  return typeof found === 'object' && found !== null && !Array.isArray(found)
    ? (found as Element)
    : null
}

/** The elements of a list such as `<projects>`. */
export function elementsIn(
  element: Element | null,
  list: string,
  name: string,
): readonly Element[] {
  const found = elementIn(element, list)?.[name]
  return Array.isArray(found) ? (found as readonly Element[]) : []
}

/** An attribute, or the text of an element without attributes; null if there is none. */
export function textIn(element: Element | null, name: string): string | null {
  const found = element?.[name]
  if (typeof found === 'string') return found
  const text = elementIn(element, name)?.['#text']
  return typeof text === 'string' ? text : null
}
