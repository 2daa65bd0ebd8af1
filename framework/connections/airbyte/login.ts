import { fail, ok, type Result } from '../../model/problem.ts'
import type { Clock } from '../../ports/site.ts'
import type { Send } from './http.ts'
import { noApplications, notAnswering, tokenRefused } from './problems.ts'
import { numberOf, textOf } from './json-fields.ts'
import type { Settings } from './settings.ts'

const TIMEOUT = 30_000
/** A token is renewed when this part of its life is over. */
const RENEWED_AT = 0.8

/** What makes a request ours. */
export interface Login {
  headers(): Promise<Result<Readonly<Record<string, string>>>>
  /** The service took the last one for none; whether another may be had. */
  expire(): boolean
  /** What must never be shown, as of now. */
  secrets(): readonly string[]
}

/** The login that the settings ask for. Problems of `headers`: refused, unreachable. */
export function loginOf(settings: Settings, send: Send, clock: Clock): Login {
  const { auth } = settings
  const always = (headers: Readonly<Record<string, string>>): Login => ({
    headers: async () => ok(headers),
    expire: () => false,
    secrets: () => settings.secrets,
  })
  switch (auth.by) {
    case 'nothing':
      return always({})
    case 'password': {
      const pair = Buffer.from(`${auth.user}:${auth.password}`).toString('base64')
      return always({ authorization: `Basic ${pair}` })
    }
    case 'token':
      return always({ authorization: `Bearer ${auth.token}` })
    case 'application':
      return applicationLogin(settings, auth, send, clock)
  }
}

interface Token {
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

function applicationLogin(
  settings: Settings,
  auth: { readonly id: string; readonly secret: string },
  send: Send,
  clock: Clock,
): Login {
  let token: Token | null = null
  const fetch = async (): Promise<Result<Token>> => {
    const { id, secret } = auth
    const grant = 'client_credentials'
    const answer = await send({
      method: 'POST',
      url: `${settings.url}/applications/token`,
      headers: { 'content-type': 'application/json' },
      // The document requires one spelling of the grant and describes the other.
      body: { client_id: id, client_secret: secret, grant_type: grant, 'grant-type': grant },
      timeout: TIMEOUT,
    })
    if (answer.got === 'nothing') return fail(notAnswering(settings, answer.message))
    const { status } = answer
    if (status === 404) return fail(noApplications(settings))
    if (status >= 400 && status < 500 && status !== 429) return fail(tokenRefused(settings, status))
    const text = answer.got === 'json' ? textOf(answer.body, 'access_token') : null
    if (answer.got === 'text' || text === null) {
      return fail(notAnswering(settings, `status ${status} and no token`))
    }
    const seconds = numberOf(answer.body, 'expires_in') ?? 60
    return ok({ text, until: clock() + seconds * 1_000 * RENEWED_AT })
  }
  return {
    async headers() {
      if (token === null || clock() >= token.until) {
        const fetched = await fetch()
        if (!fetched.ok) return fetched
        token = fetched.value
      }
      return ok({ authorization: `Bearer ${token.text}` })
    },
    expire() {
      token = null
      return true
    },
    secrets: () => (token === null ? settings.secrets : [...settings.secrets, token.text]),
  }
}
