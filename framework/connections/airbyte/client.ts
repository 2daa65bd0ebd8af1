import type { Json } from '../../lib/json.ts'
import { createRedactor } from '../../lib/redact.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Clock } from '../../ports/site.ts'
import type { Timers } from '../timers.ts'
import type { HttpCall, Send } from './http.ts'
import { textOf } from './json-fields.ts'
import { createLogin } from './login.ts'
import { loginDenied, notAnswering, type RefusedReply, requestRefused } from './problems.ts'
import type { AirbyteSettings } from './settings.ts'

/** A request to one of the two APIs. `path` is relative to its base URL. */
export interface ApiRequest extends Pick<HttpCall, 'method' | 'query' | 'body' | 'signal'> {
  /** Default: the public API. */
  readonly api?: 'internal'
  readonly path: string
  readonly timeout?: number
}

export type ApiReply =
  | { readonly reply: 'ok'; readonly body: Json }
  /** Airbyte rejected the request with a 4xx status. */
  | ({ readonly reply: 'refused' } & RefusedReply)
  /** Airbyte rejected the login. */
  | { readonly reply: 'denied'; readonly problem: Problem }
  /** Status 429: Airbyte did nothing. */
  | { readonly reply: 'busy' }
  /** No valid reply (none, truncated, a proxy's page, status 5xx): the request may have been executed. */
  | { readonly reply: 'unclear'; readonly message: string }

export interface ApiClient {
  /** Sends a request once, and again with a new token if Airbyte rejects the token. */
  send(request: ApiRequest): Promise<ApiReply>
  /**
   * Sends a request that changes nothing, with retries for about a minute. Problems: no valid response
   * (transient), request rejected, login rejected.
   */
  read(request: ApiRequest): Promise<Result<Json>>
}

const DEFAULT_TIMEOUT = 30_000
const RETRY_DELAYS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const

/** A client of both of Airbyte's APIs. Its replies and problems hold no secrets. */
export function createApiClient(
  settings: AirbyteSettings,
  send: Send,
  timers: Timers,
  clock: Clock,
): ApiClient {
  const login = createLogin(settings, send, clock)
  const baseOf = ({ api }: ApiRequest) => (api === 'internal' ? settings.configUrl : settings.url)

  const sendOnce = async (request: ApiRequest): Promise<ApiReply | 'expired'> => {
    const headers = await login.headers()
    if (!headers.ok) {
      const [problem] = headers.problems
      return problem!.transient === true
        ? { reply: 'unclear', message: problem!.detail ?? problem!.message }
        : { reply: 'denied', problem: problem! }
    }
    const { method, path, query, body, signal, timeout = DEFAULT_TIMEOUT } = request
    const answer = await send({
      method,
      url: `${baseOf(request)}${path}`,
      headers: { ...headers.value, ...(body === undefined ? {} : JSON_BODY) },
      timeout,
      signal,
      ...(query === undefined ? {} : { query }),
      ...(body === undefined ? {} : { body }),
    })
    if (answer.got === 'nothing') return { reply: 'unclear', message: redact(answer.message) }
    const { status } = answer
    if (status === 401) return 'expired'
    if (status === 429) return { reply: 'busy' }
    if (answer.got === 'text' || status >= 500 || status === 408 || (status >= 300 && status < 400))
      return { reply: 'unclear', message: describeUnexpected(status, answer.got) }
    if (status === 403) return { reply: 'denied', problem: loginDenied(settings, status) }
    if (status < 300) return { reply: 'ok', body: answer.body }
    const title = textOf(answer.body, 'title') ?? ''
    const detail = textOf(answer.body, 'detail') ?? textOf(answer.body, 'message') ?? ''
    return { reply: 'refused', status, title, detail: redact(detail) }
  }
  const redact = (text: string) => createRedactor(login.secrets())(text)

  const sendWithLogin = async (request: ApiRequest): Promise<ApiReply> => {
    const first = await sendOnce(request)
    if (first !== 'expired') return first
    const second = login.expire() ? await sendOnce(request) : first
    return second === 'expired' ? { reply: 'denied', problem: loginDenied(settings, 401) } : second
  }
  return {
    send: sendWithLogin,
    async read(request) {
      let last = ''
      for (const delay of [0, ...RETRY_DELAYS]) {
        if (delay > 0) await timers.sleep(delay, request.signal)
        if (request.signal?.aborted) break
        const reply = await sendWithLogin(request)
        switch (reply.reply) {
          case 'ok':
            return ok(reply.body)
          case 'refused':
            return fail(requestRefused(settings, request, reply))
          case 'denied':
            return fail(reply.problem)
          case 'busy':
            last = 'status 429, too many requests'
            break
          case 'unclear':
            last = reply.message
        }
      }
      return fail(notAnswering(settings, last))
    },
  }
}

const JSON_BODY = { 'content-type': 'application/json' } as const

function describeUnexpected(status: number, got: 'json' | 'text'): string {
  if (status >= 300 && status < 400) return `status ${status}, a redirect`
  return got === 'text' ? `status ${status}, and the body is not JSON` : `status ${status}`
}
