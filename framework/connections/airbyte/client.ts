import type { Json } from '../../lib/json.ts'
import { createRedactor } from '../../lib/redact.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Clock } from '../../ports/site.ts'
import type { Call, Send } from './http.ts'
import { denied, notAnswering, type Refusal, refused } from './problems.ts'
import { textOf } from './json-fields.ts'
import type { Settings } from './settings.ts'
import type { Timing } from './timers.ts'
import { loginOf } from './login.ts'

/** A request, with a path below one of the two bases. */
export interface Ask extends Pick<Call, 'method' | 'query' | 'body' | 'signal'> {
  /** `public` unless said otherwise. */
  readonly api?: 'internal'
  readonly path: string
  readonly timeout?: number
}

export type Reply =
  | { readonly reply: 'ok'; readonly body: Json }
  /** The service understood, and won't. */
  | ({ readonly reply: 'refused' } & Refusal)
  /** It won't have us. */
  | { readonly reply: 'denied'; readonly problem: Problem }
  /** Too many requests: nothing was done. */
  | { readonly reply: 'busy' }
  /** Whether it was done can't be told: no answer, half of one, a proxy's page, status 5xx. */
  | { readonly reply: 'unclear'; readonly message: string }

export interface Client {
  /** One request, tried once, or twice when its token was taken for none. */
  ask(ask: Ask): Promise<Reply>
  /**
   * One request that changes nothing, tried for about a minute. Problems: not answering (may pass),
   * refused, denied.
   */
  read(ask: Ask): Promise<Result<Json>>
}

const TIMEOUT = 30_000
const WAITS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const

/** A client of both of Airbyte's APIs. What it says holds no secret. */
export function clientOf(settings: Settings, send: Send, timing: Timing, clock: Clock): Client {
  const login = loginOf(settings, send, clock)
  const base = (ask: Ask) => (ask.api === 'internal' ? settings.configUrl : settings.url)

  const once = async (ask: Ask): Promise<Reply | 'expired'> => {
    const headers = await login.headers()
    if (!headers.ok) {
      const [problem] = headers.problems
      return problem!.transient === true
        ? { reply: 'unclear', message: problem!.detail ?? problem!.message }
        : { reply: 'denied', problem: problem! }
    }
    const { method, path, query, body, signal, timeout = TIMEOUT } = ask
    const answer = await send({
      method,
      url: `${base(ask)}${path}`,
      headers: { ...headers.value, ...(body === undefined ? {} : JSON_BODY) },
      timeout,
      signal,
      ...(query === undefined ? {} : { query }),
      ...(body === undefined ? {} : { body }),
    })
    if (answer.got === 'nothing') return { reply: 'unclear', message: clean(answer.message) }
    const { status } = answer
    if (status === 401) return 'expired'
    if (status === 429) return { reply: 'busy' }
    if (answer.got === 'text' || status >= 500 || status === 408 || (status >= 300 && status < 400))
      return { reply: 'unclear', message: strange(status, answer.got) }
    if (status === 403) return { reply: 'denied', problem: denied(settings, status) }
    if (status < 300) return { reply: 'ok', body: answer.body }
    const title = textOf(answer.body, 'title') ?? ''
    const detail = textOf(answer.body, 'detail') ?? textOf(answer.body, 'message') ?? ''
    return { reply: 'refused', status, title, detail: clean(detail) }
  }
  const clean = (text: string) => createRedactor(login.secrets())(text)

  const ask = async (one: Ask): Promise<Reply> => {
    const first = await once(one)
    if (first !== 'expired') return first
    const second = login.expire() ? await once(one) : first
    return second === 'expired' ? { reply: 'denied', problem: denied(settings, 401) } : second
  }
  return {
    ask,
    async read(one) {
      let last = ''
      for (const wait of [0, ...WAITS]) {
        if (wait > 0) await timing.sleep(wait, one.signal)
        if (one.signal?.aborted) break
        const reply = await ask(one)
        switch (reply.reply) {
          case 'ok':
            return ok(reply.body)
          case 'refused':
            return fail(refused(settings, one, reply))
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

function strange(status: number, got: 'json' | 'text'): string {
  if (status >= 300 && status < 400) return `status ${status}, a redirect`
  return got === 'text' ? `status ${status} with something that is no JSON` : `status ${status}`
}
