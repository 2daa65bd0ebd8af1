import { fail, ok, type Result } from '../../model/problem.ts'
import type { Clock } from '../../ports/site.ts'
import type { Send } from './http.ts'
import { numberOf, textOf } from './json-fields.ts'
import { applicationsUnsupported, notAnswering, tokenRefused } from './problems.ts'
import type { AirbyteSettings } from './settings.ts'

const TIMEOUT = 30_000
/** A token is renewed after this share of its lifetime. */
const RENEW_AT = 0.8

/** The authentication of requests. */
export interface Login {
  headers(): Promise<Result<Readonly<Record<string, string>>>>
  /** Discards headers that Airbyte rejected. Returns whether new ones can be fetched. */
  expire(): boolean
  /** The secrets in use now, for redaction. */
  secrets(): readonly string[]
}

/** The login of the settings. Problems of `headers`: login refused, no valid response (transient). */
export function createLogin(settings: AirbyteSettings, send: Send, clock: Clock): Login {
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

interface AccessToken {
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

function applicationLogin(
  settings: AirbyteSettings,
  auth: { readonly id: string; readonly secret: string },
  send: Send,
  clock: Clock,
): Login {
  let token: AccessToken | null = null
  const fetch = async (): Promise<Result<AccessToken>> => {
    const { id, secret } = auth
    const grant = 'client_credentials'
    const answer = await send({
      method: 'POST',
      url: `${settings.url}/applications/token`,
      headers: { 'content-type': 'application/json' },
      // Airbyte's OpenAPI document requires one spelling of the grant and describes the other.
      body: { client_id: id, client_secret: secret, grant_type: grant, 'grant-type': grant },
      timeout: TIMEOUT,
    })
    if (answer.got === 'nothing') return fail(notAnswering(settings, answer.message))
    const { status } = answer
    if (status === 404) return fail(applicationsUnsupported(settings))
    if (status >= 400 && status < 500 && status !== 429) return fail(tokenRefused(settings, status))
    const text = answer.got === 'json' ? textOf(answer.body, 'access_token') : null
    if (answer.got === 'text' || text === null) {
      return fail(notAnswering(settings, `status ${status} without a token`))
    }
    const seconds = numberOf(answer.body, 'expires_in') ?? 60
    return ok({ text, until: clock() + seconds * 1_000 * RENEW_AT })
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
