import type { Pointer } from '../../model/location.ts'
import type { Problem } from '../../model/problem.ts'

/** How to authenticate. */
export type Login =
  | { readonly how: 'key'; readonly key: PrivateKey; readonly passphrase: string | null }
  | { readonly how: 'access_token' | 'oauth'; readonly token: string }
  | { readonly how: 'password'; readonly password: string; readonly passcode: string | null }
  /** A password with a second factor, confirmed on a device. The driver caches the confirmation. */
  | { readonly how: 'mfa'; readonly password: string; readonly passcode: string | null }

export type PrivateKey = { readonly path: string } | { readonly pem: string }

/** The non-empty text settings by name. */
export type TextSettings = ReadonlyMap<string, string>

/** The pointer to a setting, for the location of a problem. */
export type SettingPointer = (key: string) => Pointer

const SECRETS = ['private_key_path', 'private_key', 'token', 'password'] as const
type SecretSetting = (typeof SECRETS)[number]

/** The authenticators that accept each secret. The first one is the default. */
const AUTHENTICATORS: Readonly<Record<SecretSetting, readonly string[]>> = {
  private_key_path: ['snowflake_jwt'],
  private_key: ['snowflake_jwt'],
  token: ['programmatic_access_token', 'oauth'],
  password: ['snowflake', 'username_password_mfa'],
}

/**
 * How to log in. Problems: `warehouse-login-missing` without a secret; `warehouse-login-contradiction` for
 * two secrets, an authenticator that does not accept the secret, a passphrase without a key, or a
 * passcode without a password.
 */
export function loginOf(texts: TextSettings, at: SettingPointer): Login | readonly Problem[] {
  const given = SECRETS.filter((key) => texts.has(key))
  const [secret, other] = given
  if (secret === undefined) return [missing(at)]
  if (other !== undefined) return [bothGiven(secret, other, at)]
  const authenticator = texts.get('authenticator')?.toLowerCase() ?? AUTHENTICATORS[secret][0]!
  const problems: Problem[] = []
  if (!AUTHENTICATORS[secret].includes(authenticator)) {
    problems.push(contradiction('authenticator', `${authenticator} does not accept ${secret}`, at))
  }
  const isKey = secret === 'private_key' || secret === 'private_key_path'
  if (texts.has('private_key_passphrase') && !isKey) {
    problems.push(contradiction('private_key_passphrase', 'no private key is set', at))
  }
  if (texts.has('passcode') && secret !== 'password') {
    problems.push(contradiction('passcode', 'no password is set', at))
  }
  if (problems.length > 0) return problems
  const value = texts.get(secret)!
  const passphrase = texts.get('private_key_passphrase') ?? null
  const passcode = texts.get('passcode') ?? null
  switch (secret) {
    case 'private_key_path':
      return { how: 'key', key: { path: value }, passphrase }
    case 'private_key':
      // Environment variables and secret stores often hold a key in one line.
      return { how: 'key', key: { pem: value.replaceAll('\\n', '\n') }, passphrase }
    case 'token':
      return { how: authenticator === 'oauth' ? 'oauth' : 'access_token', token: value }
    case 'password':
      return { how: authenticator === 'snowflake' ? 'password' : 'mfa', password: value, passcode }
  }
}

/** The secrets of a login, to be redacted. */
export function secretsOf(login: Login): readonly string[] {
  switch (login.how) {
    case 'key':
      return [
        ...('pem' in login.key ? [login.key.pem] : []),
        ...(login.passphrase === null ? [] : [login.passphrase]),
      ]
    case 'access_token':
    case 'oauth':
      return [login.token]
    case 'password':
    case 'mfa':
      return [login.password, ...(login.passcode === null ? [] : [login.passcode])]
  }
}

function missing(at: SettingPointer): Problem {
  return {
    code: 'warehouse-login-missing',
    message: 'the Snowflake warehouse has no key, token or password to log in with',
    at: at(''),
    hint: 'set private_key_path, private_key, token or password; for production, use a service user with a key pair',
    mistake: true,
  }
}

function bothGiven(one: string, other: string, at: SettingPointer): Problem {
  return {
    code: 'warehouse-login-contradiction',
    message: `the Snowflake warehouse has both ${one} and ${other}, but can log in with only one of them`,
    at: at(other),
    related: [{ message: `${one} is set here`, at: at(one) }],
    hint: 'remove one of them, or leave its variable empty',
    mistake: true,
  }
}

function contradiction(key: string, why: string, at: SettingPointer): Problem {
  return {
    code: 'warehouse-login-contradiction',
    message: `the Snowflake warehouse can't use \`${key}\`: ${why}`,
    at: at(key),
    hint: `remove \`${key}\`, or set the secret that it belongs to`,
    mistake: true,
  }
}
