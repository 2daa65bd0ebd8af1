import { createRedactor } from '../../lib/redact.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { Clock } from '../../ports/site.ts'
import type { Timers } from '../timers.ts'
import {
  type Element,
  elementIn,
  type HttpAnswer,
  type HttpCall,
  type Send,
  textIn,
} from './http.ts'
import {
  moved,
  notAnswering,
  type Refusal,
  requestRefused,
  sessionLost,
  signInDenied,
  tooOld,
} from './problems.ts'
import { RETRY_DELAYS } from './retry-delays.ts'
import type { TableauSettings } from './settings.ts'

/** A call in the site of the connection. `path` is below `/sites/ID`. */
export interface SiteCall extends Pick<HttpCall, 'method' | 'query' | 'body' | 'signal'> {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly timeout?: number
  /** An infinitive for messages: `list the projects`. */
  readonly what: string
}

export type Reply =
  | { readonly reply: 'ok'; readonly body: Element }
  /** Tableau refused the call. */
  | { readonly reply: 'refused'; readonly refusal: Refusal }
  /** No valid answer: the call may have been carried out. */
  | { readonly reply: 'unclear'; readonly message: string }

/** The session of a process: Tableau ends the first one when the same token signs in again. */
export interface Session {
  readonly siteId: string
  readonly userId: string
}

export interface Client {
  /** Signs in, unless that is done. Problems: `tableau-denied`, `tableau-not-answering`, `tableau-too-old`. */
  session(): Promise<Result<Session>>
  /**
   * Sends a call that must not be carried out twice: once, and again only if Tableau says that it was not carried out
   * (the session has ended, too many requests). Problems: those of `session`.
   */
  send(call: SiteCall): Promise<Result<Reply>>
  /**
   * Sends a call that may be carried out twice, with retries for about a minute. Problems: those of `session`,
   * `tableau-forbidden`, `tableau-refused`.
   */
  repeat(call: SiteCall): Promise<Result<Element>>
  /** What must be added to a time of this machine to get Tableau's, in milliseconds; 0 before the first answer. */
  lead(): number
  /** The version of the REST API that is used; null before the sign-in. */
  version(): string | null
  /** Ends the session at Tableau. */
  close(): Promise<void>
}

export interface ClientOptions {
  /** Milliseconds between tries. */
  readonly retryDelays?: readonly number[]
  /** Prints one line. */
  readonly notice?: (message: string) => void
}

/** The newest version that was tried. */
const OUR_VERSION = '3.27'
/** The first one with personal access tokens. */
const OLDEST_VERSION = '3.6'
const DEFAULT_TIMEOUT = 30_000
/** What a server asks for is waited for up to this long in all, in milliseconds. */
const LONGEST_WAIT = 60_000
/** Milliseconds before a call is sent in the first session, the second, … */
const SESSION_PAUSES: readonly number[] = [0, 0, 1_000, 5_000]
/** How long a sign-in that failed is not tried again, in milliseconds. */
const FAILURE_COUNTS = 30_000
/** After a pause of this length, in milliseconds, people are told what is waited for. */
const LONG_DELAY = 4_000
/** A server may send a sign-in to its pod, and that to another one. */
const MOST_MOVES = 3

interface SignedIn extends Session {
  readonly token: string
}

/**
 * A client of Tableau's REST API. Its replies and problems hold no secret. Sends nothing yet. `ending`: aborted
 * when the command ends; calls without a signal of their own stop then.
 */
export function createClient(
  settings: TableauSettings,
  sendCall: Send,
  timers: Timers,
  clock: Clock,
  ending: AbortSignal,
  { retryDelays = RETRY_DELAYS, notice = () => {} }: ClientOptions = {},
): Client {
  const send: Send = async (call) => {
    const answer = await sendCall(call)
    if (answer.got !== 'nothing' && answer.date !== null) lead = answer.date - clock()
    return answer
  }
  let version: string | null = null
  let base = settings.url
  let moves = 0
  let signedIn: SignedIn | null = null
  let signingIn: Promise<Result<SignedIn>> | null = null
  let lead = 0
  /** The last sign-in that failed, and when: what fails for one call fails for the others. */
  let lastFailure: { readonly at: number; readonly result: Result<SignedIn> } | null = null
  let isNoticed = false
  const redact = (text: string) =>
    createRedactor([settings.token, ...(signedIn === null ? [] : [signedIn.token])])(text)

  /**
   * Sends a call until there is an answer to it, a minute is over, or the call itself has a problem. Only for calls that
   * may be repeated.
   */
  const persist = async (
    call: () => Promise<Result<HttpAnswer>>,
    signal: AbortSignal = ending,
  ): Promise<Result<Extract<HttpAnswer, { got: 'answer' }>>> => {
    let last = ''
    let wait = 0
    let waited = 0
    for (const delay of [0, ...retryDelays]) {
      const pause = Math.max(delay, wait)
      waited += pause
      if (pause > 0) await timers.sleep(pause, signal)
      if (signal?.aborted) break
      const sent = await call()
      if (!sent.ok) return sent
      const answer = sent.value
      if (answer.got === 'answer' && !isUnclear(answer.status) && answer.status !== 429)
        return ok(answer)
      last = messageOf(answer)
      if (delay >= LONG_DELAY && !isNoticed) {
        isNoticed = true
        notice(`Tableau at ${settings.url} does not answer (${redact(last)}): still trying`)
      }
      if (answer.got === 'page' && isFinal(answer.status)) {
        // A redirect has a page for people, too.
        if (answer.location !== null) return ok({ ...answer, got: 'answer', body: {} })
        break
      }
      wait = Math.min(pauseOf(answer), Math.max(0, LONGEST_WAIT - waited))
    }
    return fail(notAnswering(settings, redact(last)))
  }

  /** Takes the base from the address of a redirect. `path`: what is behind the base. */
  const follow = (location: string, path: RegExp): Result<void> => {
    moves += 1
    const to = URL.canParse(location, base) ? new URL(location, base) : null
    if (to === null || moves > MOST_MOVES || !mayFollow(new URL(base), to)) {
      return fail(moved(settings, redact(to === null ? location.slice(0, 200) : to.origin)))
    }
    base = `${to.origin}${to.pathname.replace(path, '')}`
    return ok(undefined)
  }

  const negotiate = async (): Promise<Result<string>> => {
    const answer = await persist(async () => {
      const url = `${base}/api/2.4/serverinfo`
      return ok(await send({ method: 'GET', url, headers: {}, timeout: DEFAULT_TIMEOUT }))
    })
    if (!answer.ok) return answer
    const { status, body, location } = answer.value
    if (isRedirect(status) && location !== null) {
      const followed = follow(location, /\/api\/2\.4\/.*$/)
      return followed.ok ? negotiate() : followed
    }
    const theirs = textIn(elementIn(body, 'serverInfo'), 'restApiVersion')
    if (theirs === null)
      return fail(notAnswering(settings, `status ${status}, and no version of the API`))
    if (compareVersions(theirs, OLDEST_VERSION) < 0) return fail(tooOld(settings, theirs))
    return ok(compareVersions(theirs, OUR_VERSION) < 0 ? theirs : OUR_VERSION)
  }

  const signIn = async (): Promise<Result<SignedIn>> => {
    if (version === null) {
      const negotiated = await negotiate()
      if (!negotiated.ok) return negotiated
      version = negotiated.value
    }
    const body = `<tsRequest><credentials personalAccessTokenName="${escaped(settings.tokenName)}" personalAccessTokenSecret="${escaped(settings.token)}"><site contentUrl="${escaped(settings.site)}"/></credentials></tsRequest>`
    const answer = await persist(async () => {
      const url = `${base}/api/${version}/auth/signin`
      const call = { method: 'POST', url, headers: XML_BODY, body } as const
      return ok(await send({ ...call, timeout: DEFAULT_TIMEOUT }))
    })
    if (!answer.ok) return answer
    const { status, location } = answer.value
    if (isRedirect(status) && location !== null) {
      // The pod of a site: the same call goes there.
      const followed = follow(location, /\/api\/.*$/)
      return followed.ok ? signIn() : followed
    }
    if (status === 401) return fail(signInDenied(settings, refusalOf(answer.value, redact)))
    if (status >= 400) {
      return fail(requestRefused(settings, 'sign in', refusalOf(answer.value, redact)))
    }
    const credentials = elementIn(answer.value.body, 'credentials')
    const token = textIn(credentials, 'token')
    const siteId = textIn(elementIn(credentials, 'site'), 'id')
    if (token === null || siteId === null) {
      return fail(notAnswering(settings, `status ${status}, and no token`))
    }
    signedIn = { token, siteId, userId: textIn(elementIn(credentials, 'user'), 'id') ?? '' }
    return ok(signedIn)
  }
  const session = (): Promise<Result<SignedIn>> => {
    if (signedIn !== null) return Promise.resolve(ok(signedIn))
    if (lastFailure !== null && clock() - lastFailure.at < FAILURE_COUNTS) {
      return Promise.resolve(lastFailure.result)
    }
    signingIn ??= signIn().then((result) => {
      lastFailure = result.ok ? null : { at: clock(), result }
      signingIn = null
      return result
    })
    return signingIn
  }
  const sendIn = ({ token, siteId }: SignedIn, call: SiteCall) =>
    send({
      method: call.method,
      url: `${base}/api/${version}/sites/${siteId}${call.path}`,
      headers: {
        ...(typeof call.body === 'string' ? XML_BODY : {}),
        ...call.headers,
        'x-tableau-auth': token,
      },
      timeout: call.timeout ?? DEFAULT_TIMEOUT,
      signal: call.signal,
      ...(call.query === undefined ? {} : { query: call.query }),
      ...(call.body === undefined ? {} : { body: call.body }),
    })

  /** Sends a call; with a new session if the present one has ended. */
  const sendSigned = async (call: SiteCall): Promise<Result<HttpAnswer>> => {
    for (const pause of SESSION_PAUSES) {
      // Another process with this token signs in again, too.
      if (pause > 0) await timers.sleep(pause, call.signal ?? ending)
      const used = await session()
      if (!used.ok) return used
      const answer = await sendIn(used.value, call)
      if (answer.got !== 'answer' || answer.status !== 401) return ok(answer)
      // Another call may have signed in again meanwhile.
      if (signedIn === used.value) signedIn = null
    }
    return fail(sessionLost(settings))
  }

  const replyOf = (answer: HttpAnswer): Reply => {
    if (answer.got !== 'answer' || isUnclear(answer.status)) {
      return { reply: 'unclear', message: redact(messageOf(answer)) }
    }
    return answer.status >= 300
      ? { reply: 'refused', refusal: refusalOf(answer, redact) }
      : { reply: 'ok', body: answer.body }
  }

  return {
    async session() {
      const used = await session()
      return used.ok ? ok({ siteId: used.value.siteId, userId: used.value.userId }) : used
    },
    version: () => version,
    lead: () => lead,
    async send(call) {
      let waited = 0
      for (const delay of [0, ...retryDelays, null]) {
        const sent = await sendSigned(call)
        if (!sent.ok) return sent
        const answer = sent.value
        const isBusy = answer.got !== 'nothing' && answer.status === 429
        if (!isBusy) return ok(replyOf(answer))
        const pause = Math.max(delay ?? 0, pauseOf(answer))
        if (delay === null || waited + pause > LONGEST_WAIT) break
        await timers.sleep(pause, call.signal ?? ending)
        waited += pause
        if ((call.signal ?? ending).aborted) break
      }
      return fail(notAnswering(settings, 'status 429, too many requests'))
    },
    async repeat(call) {
      const answer = await persist(() => sendSigned(call), call.signal)
      if (!answer.ok) return answer
      if (answer.value.status < 300) return ok(answer.value.body)
      return fail(requestRefused(settings, call.what, refusalOf(answer.value, redact)))
    },
    async close() {
      const last = signedIn
      signedIn = null
      if (last === null) return
      await send({
        method: 'POST',
        url: `${base}/api/${version}/auth/signout`,
        headers: { 'x-tableau-auth': last.token },
        timeout: 5_000,
      })
    },
  }
}

const XML_BODY = { 'content-type': 'text/xml' } as const

const isRedirect = (status: number) => status >= 300 && status < 400

/**
 * Whether the token may go from one address to another: not to plain http, and to another host only beside the first
 * one, as from `10ax.online.tableau.com` to `10ay.online.tableau.com`.
 */
function mayFollow(from: URL, to: URL): boolean {
  if (to.protocol !== 'https:')
    return to.protocol === from.protocol && to.hostname === from.hostname
  if (to.hostname === from.hostname) return true
  const [, ...parent] = from.hostname.split('.')
  // Fewer names may be those of a registry, such as co.uk; and an IP address has no names.
  const isDomain = parent.length >= 3 && /[a-z]/i.test(parent.at(-1)!)
  return isDomain && to.hostname.endsWith(`.${parent.join('.')}`)
}

/** A page with this status comes again. Others are of a proxy or of a server that is starting. */
const isFinal = (status: number) =>
  status >= 300 && status < 500 && status !== 408 && status !== 429

/** The call may have been carried out, or not. */
const isUnclear = (status: number) => status >= 500 || status === 408

/** What the server asks to wait, up to a minute, in milliseconds. */
function pauseOf(answer: HttpAnswer | null): number {
  const seconds = answer === null || answer.got === 'nothing' ? 0 : (answer.retryAfter ?? 0)
  return Math.min(LONGEST_WAIT, seconds * 1_000)
}

function messageOf(answer: HttpAnswer): string {
  switch (answer.got) {
    case 'nothing':
      return answer.message
    case 'page':
      return `status ${answer.status}, and the body is no answer of Tableau`
    case 'answer':
      return answer.status === 429 ? 'status 429, too many requests' : `status ${answer.status}`
  }
}

function refusalOf(
  { status, body }: Extract<HttpAnswer, { got: 'answer' }>,
  redact: (text: string) => string,
): Refusal {
  const error = elementIn(body, 'error')
  return {
    status,
    code: textIn(error, 'code') ?? '',
    summary: redact(textIn(error, 'summary') ?? ''),
    detail: redact(textIn(error, 'detail') ?? ''),
  }
}

/** Compares `3.9` and `3.27`. */
function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}

/** A text in an attribute of XML. */
export function escaped(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // In an attribute, a line end is read as a space.
      .replaceAll('\n', '&#10;')
  )
}
