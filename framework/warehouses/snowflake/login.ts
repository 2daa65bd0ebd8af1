import type { Pointer } from '../../model/location.ts'
import type { Problem } from '../../model/problem.ts'

/** One way to prove who one is. */
export type Login =
  | { readonly how: 'key'; readonly key: Key; readonly passphrase: string | null }
  | { readonly how: 'access_token' | 'oauth'; readonly token: string }
  | { readonly how: 'password'; readonly password: string; readonly passcode: string | null }
  /** A second factor that is asked for on a device; its answer is cached by the driver. */
  | { readonly how: 'mfa'; readonly password: string; readonly passcode: string | null }

export type Key = { readonly path: string } | { readonly pem: string }

/** Settings that are text and not empty, by name. */
export type Texts = ReadonlyMap<string, string>

/** Where a setting was declared, so that a problem can point at it. */
export type At = (key: string) => Pointer

const SECRETS = ['private_key_path', 'private_key', 'token', 'password'] as const
type Secret = (typeof SECRETS)[number]

/** What may go with each secret besides itself; the first is what is meant when nothing is said. */
const AUTHENTICATORS: Readonly<Record<Secret, readonly string[]>> = {
  private_key_path: ['snowflake_jwt'],
  private_key: ['snowflake_jwt'],
  token: ['programmatic_access_token', 'oauth'],
  password: ['snowflake', 'username_password_mfa'],
}

/**
 * How to log in. Problems: no secret or several, an authenticator that another secret belongs to, a
 * passphrase without a key, a passcode without a password.
 */
export function loginOf(texts: Texts, at: At): Login | readonly Problem[] {
  const given = SECRETS.filter((key) => texts.has(key))
  const [secret, other] = given
  if (secret === undefined) return [missing(at)]
  if (other !== undefined) return [twofold(secret, other, at)]
  const authenticator = texts.get('authenticator')?.toLowerCase() ?? AUTHENTICATORS[secret][0]!
  const problems: Problem[] = []
  if (!AUTHENTICATORS[secret].includes(authenticator)) {
    problems.push(contradiction('authenticator', `${authenticator} takes no ${secret}`, at))
  }
  const isKey = secret === 'private_key' || secret === 'private_key_path'
  if (texts.has('private_key_passphrase') && !isKey) {
    problems.push(contradiction('private_key_passphrase', 'there is no private key for it', at))
  }
  if (texts.has('passcode') && secret !== 'password') {
    problems.push(contradiction('passcode', 'it goes with a password only', at))
  }
  if (problems.length > 0) return problems
  const value = texts.get(secret)!
  const passphrase = texts.get('private_key_passphrase') ?? null
  const passcode = texts.get('passcode') ?? null
  switch (secret) {
    case 'private_key_path':
      return { how: 'key', key: { path: value }, passphrase }
    case 'private_key':
      // From an environment variable or a secret store a key often comes in one line.
      return { how: 'key', key: { pem: value.replaceAll('\\n', '\n') }, passphrase }
    case 'token':
      return { how: authenticator === 'oauth' ? 'oauth' : 'access_token', token: value }
    case 'password':
      return { how: authenticator === 'snowflake' ? 'password' : 'mfa', password: value, passcode }
  }
}

/** What must never be shown. */
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

function missing(at: At): Problem {
  return {
    code: 'warehouse-login-missing',
    message: 'the Snowflake warehouse is given no way to log in',
    at: at(''),
    hint: 'set private_key_path (a service user with a key pair is what production wants), private_key, token or password',
    mistake: true,
  }
}

function twofold(one: string, other: string, at: At): Problem {
  return {
    code: 'warehouse-login-contradiction',
    message: `the Snowflake warehouse has both ${one} and ${other}, and only one of them can log in`,
    at: at(other),
    related: [{ message: `${one} is given here`, at: at(one) }],
    hint: 'leave one of them out, or let its variable be empty',
    mistake: true,
  }
}

function contradiction(key: string, why: string, at: At): Problem {
  return {
    code: 'warehouse-login-contradiction',
    message: `the Snowflake warehouse can't use \`${key}\`: ${why}`,
    at: at(key),
    hint: `leave \`${key}\` out, or give what it belongs to`,
    mistake: true,
  }
}
