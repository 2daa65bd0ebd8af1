import { parseBytes } from '../../lib/bytes.ts'
import { parseDuration } from '../../lib/duration.ts'
import type { Json } from '../../lib/json.ts'
import { trimEndOf } from '../../lib/trim-end.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'

export type AirbyteLogin =
  | { readonly by: 'nothing' }
  | { readonly by: 'application'; readonly id: string; readonly secret: string }
  | { readonly by: 'password'; readonly user: string; readonly password: string }
  | { readonly by: 'token'; readonly token: string }

/** The settings of one `airbyte` connection, with defaults filled in. Times in milliseconds. */
export interface AirbyteSettings {
  /** The connection's name in the target. */
  readonly name: string
  /** Base URL of the public API, without a trailing slash and without credentials. */
  readonly url: string
  /** Base URL of the internal API; null if there is none. */
  readonly configUrl: string | null
  readonly connectionId: string
  readonly auth: AirbyteLogin
  /** Source schema of streams without a namespace; null for any. */
  readonly schema: string | null
  readonly prefix: string
  /** Whether to use syncs that were started outside assets. */
  readonly adopt: boolean
  readonly timeout: number
  readonly poll: { readonly from: number; readonly to: number }
  readonly secrets: readonly string[]
  readonly source: ReplicatedSourceSettings | null
}

/** The source that Airbyte reads by change data capture, for `assets doctor`. */
export interface ReplicatedSourceSettings {
  /** null if it is not set: then the source is not examined. */
  readonly url: string | null
  readonly slot: string
  readonly publication: string
  /** Bytes; null when it is not known. */
  readonly disk: number | null
}

const CLOUD = 'https://api.airbyte.com/v1'
const HOUR = 3_600_000
/** Milliseconds between two polls of a running sync: the first interval, and the longest. */
const DEFAULT_POLL = { from: 2_000, to: 30_000 }

/** Reads validated settings. Problems: incomplete login, more than one login, invalid URL. */
export function readSettings({ settings, at }: AdapterSettings): Result<AirbyteSettings> {
  const name = String(at.path.at(-1))
  const invalid = (key: string, message: string, hint: string): Result<never> => {
    const path = [...at.path, ...(key === '' ? [] : [key])]
    const problem: Problem = {
      code: 'invalid-connection',
      message: `connection ${name}: ${message}`,
      at: { file: at.file, path },
      hint,
    }
    return fail(problem)
  }
  const given = new URL(CLOUD)
  try {
    given.href = text(settings.url) ?? CLOUD
  } catch {
    return invalid(
      'url',
      'url is not a valid URL',
      `set url to ${CLOUD}, or to a self-managed Airbyte such as https://airbyte.example.com`,
    )
  }
  const auths = authsOf(settings, given)
  if (auths === null) {
    return invalid(
      '',
      'the login is incomplete',
      'client_id needs client_secret, username needs password',
    )
  }
  if (auths.length > 1) {
    return invalid(
      '',
      'more than one login is set',
      'keep client_id and client_secret, or username and password, or token',
    )
  }
  const { url, configUrl } = basesOf(given)
  const time = (key: string, otherwise: number) => {
    const written = text(settings[key])
    return (written === null ? null : parseDuration(written)) ?? otherwise
  }
  const auth = auths[0] ?? { by: 'nothing' }
  const from = Math.max(1, time('poll_interval', DEFAULT_POLL.from))
  return ok({
    name,
    url,
    configUrl: configUrlOf(text(settings.config_url)) ?? configUrl,
    connectionId: String(settings.connection_id),
    auth,
    schema: text(settings.schema),
    prefix: text(settings.prefix) ?? '',
    adopt: settings.adopt !== false,
    timeout: time('timeout', 24 * HOUR),
    poll: { from, to: Math.max(from, time('max_poll_interval', DEFAULT_POLL.to)) },
    secrets: secretsOf(auth),
    source: settings.source === undefined ? null : sourceOf(settings.source),
  })
}

function sourceOf(source: Json): ReplicatedSourceSettings {
  const { url, slot, publication, disk } = source as { readonly [key: string]: Json }
  const size = text(disk)
  return {
    url: text(url),
    slot: text(slot) ?? 'airbyte_slot',
    publication: text(publication) ?? 'airbyte_publication',
    disk: size === null ? null : parseBytes(size),
  }
}

/** Every complete login; null if one of them is incomplete. */
function authsOf(
  settings: Readonly<Record<string, Json>>,
  url: URL,
): readonly AirbyteLogin[] | null {
  const auths: AirbyteLogin[] = []
  const [id, secret] = [text(settings.client_id), text(settings.client_secret)]
  const user = text(settings.username) ?? decoded(url.username)
  const password = text(settings.password) ?? decoded(url.password)
  const token = text(settings.token)
  if ((id === null) !== (secret === null) || (user === null) !== (password === null)) return null
  if (id !== null && secret !== null) auths.push({ by: 'application', id, secret })
  if (user !== null && password !== null) auths.push({ by: 'password', user, password })
  if (token !== null) auths.push({ by: 'token', token })
  return auths
}

/**
 * The base URLs of the two APIs. A self-managed Airbyte has the public API at `/api/public/v1` and the
 * internal API at `/api/v1`. Airbyte Cloud has only the public API, at `/v1`
 * (https://reference.airbyte.com/reference/getting-started).
 */
export function basesOf(given: URL): Pick<AirbyteSettings, 'url' | 'configUrl'> {
  const path = trimEndOf(given.pathname, /\//)
  const root = `${given.protocol}//${given.host}`
  const own = /^(.*?)(\/api(\/public)?)?(\/v1)?$/.exec(path)
  const [, before = '', api, , version] = own ?? []
  const isBare = api === undefined && version !== undefined
  if (isBare || given.hostname === 'api.airbyte.com') {
    return { url: `${root}${before}/v1`, configUrl: null }
  }
  return { url: `${root}${before}/api/public/v1`, configUrl: `${root}${before}/api/v1` }
}

function secretsOf(auth: AirbyteLogin): readonly string[] {
  switch (auth.by) {
    case 'nothing':
      return []
    case 'application':
      return [auth.secret]
    case 'password':
      return [auth.password]
    case 'token':
      return [auth.token]
  }
}

/** As stated, without slashes at its end. */
function configUrlOf(url: string | null): string | null {
  return url === null ? null : trimEndOf(url, /\//)
}

const text = (value: Json | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null

/** As it is written if it is not percent-encoded, as in `https://user:100%@host`. */
function decoded(part: string): string | null {
  if (part === '') return null
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
