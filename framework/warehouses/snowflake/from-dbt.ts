import type { Json } from '../../lib/json.ts'
import { fail, ok, type Problem } from '../../model/problem.ts'
import type { DbtKeys, DbtOutput, FromDbt } from '../../ports/warehouse.ts'

/** The keys that have the same name and meaning here and in dbt-snowflake. */
const SAME = ['account', 'user', 'role', 'warehouse', 'database', 'schema'] as const
/** Those that say how dbt logs in, and through which host. */
const LOGIN = [
  'authenticator',
  'private_key_path',
  'private_key',
  'private_key_passphrase',
  'token',
  'password',
  'host',
] as const

/**
 * The settings that this adapter takes from dbt-snowflake's keys. Problem `warehouse-settings`: dbt logs in
 * in a way that this program can't, such as in a browser.
 */
export const fromDbt: FromDbt = {
  secrets: [...SAME, ...LOGIN],
  settings(keys, output) {
    const text = (key: string) => textOf(keys, key)
    const login = loginOf(text)
    if (login === null) return fail(unfit(output, text('authenticator') ?? ''))
    const same = SAME.flatMap((key) => pair(key, text(key)))
    const url = accessUrl(text('protocol'), text('host'), text('port'))
    const settings = Object.fromEntries([...same, ...login, ...pair('access_url', url)])
    return ok({ type: 'snowflake', settings, at: output.at })
  },
}

type Pairs = readonly (readonly [key: string, value: Json])[]

const pair = (key: string, value: string | null): Pairs => (value === null ? [] : [[key, value]])

/** The settings to log in with. dbt prefers a key to a password. null: this program can't log in so. */
function loginOf(text: (key: string) => string | null): Pairs | null {
  const authenticator = text('authenticator')?.toLowerCase() ?? null
  switch (authenticator) {
    case 'programmatic_access_token':
      return [...pair('token', text('token')), ['authenticator', authenticator]]
    // `jwt` is dbt's word for an OAuth token that is used as it is.
    case 'oauth':
    case 'jwt':
      // With a client, the token is a refresh token, which only dbt exchanges.
      if (text('oauth_client_id') !== null) return null
      return [...pair('token', text('token')), ['authenticator', 'oauth']]
    case 'username_password_mfa':
      return [...pair('password', text('password')), ['authenticator', authenticator]]
    case null:
    case 'snowflake':
    case 'snowflake_jwt': {
      const path = text('private_key_path')
      const key = path === null ? pair('private_key', pemOf(text)) : pair('private_key_path', path)
      if (key.length === 0) return pair('password', text('password'))
      return [...key, ...pair('private_key_passphrase', text('private_key_passphrase'))]
    }
    default:
      return null
  }
}

/** The private key in PEM format. dbt also takes one as base64 without the lines around it. */
function pemOf(text: (key: string) => string | null): string | null {
  const key = text('private_key')
  if (key === null || key.startsWith('-')) return key
  const label = text('private_key_passphrase') === null ? 'PRIVATE KEY' : 'ENCRYPTED PRIVATE KEY'
  const lines = key.replaceAll(/\s/g, '').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/** Set only if the profile names a host: one behind a proxy. */
function accessUrl(
  protocol: string | null,
  host: string | null,
  port: string | null,
): string | null {
  if (host === null) return null
  return `${protocol ?? 'https'}://${host}${port === null || port === '0' ? '' : `:${port}`}`
}

function textOf({ shown, secret }: DbtKeys, key: string): string | null {
  const value = secret[key] ?? shown[key]
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && text !== '' ? text : null
}

function unfit({ name, at }: Pick<DbtOutput, 'name' | 'at'>, authenticator: string): Problem {
  return {
    code: 'warehouse-settings',
    message: `${name} logs in with authenticator ${authenticator}, which assets can't use`,
    at: { file: at.file, path: [...at.path, 'authenticator'] },
    hint: 'use a key pair, a programmatic access token or a password, or state `warehouse:` of the target',
    mistake: true,
  }
}
