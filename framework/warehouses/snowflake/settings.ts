import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseBytes } from '../../lib/bytes.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Site } from '../../ports/site.ts'
import { readNamedConnection } from './connections-toml.ts'
import { type Login, loginOf, type SettingPointer, type TextSettings } from './login.ts'

/** The settings of a Snowflake warehouse. Times in milliseconds, sizes in bytes. */
export interface SnowflakeSettings {
  readonly account: string | null
  readonly user: string | null
  readonly role: string | null
  readonly warehouse: string | null
  readonly database: string
  readonly schema: string
  readonly accessUrl: string | null
  readonly login: Login
  readonly statementTimeout: number
  readonly loginTimeout: number
  readonly hashUpTo: number
}

const STATEMENT_TIMEOUT_S = 3600
const LOGIN_TIMEOUT_S = 60
const HASH_UP_TO = '5GB'

/**
 * The settings from YAML, completed from `connections.toml` if they name a connection. Each problem points
 * at its setting: `warehouse-settings`, `warehouse-login-missing`, `warehouse-login-contradiction`,
 * `warehouse-key-missing`, `warehouse-key-invalid`, `warehouse-connection`.
 */
export function settingsOf(
  adapter: AdapterSettings,
  site: Pick<Site, 'root' | 'env'>,
): Result<SnowflakeSettings> {
  const at: SettingPointer = (key) => ({
    file: adapter.at.file,
    // A setting from connections.toml has no location in YAML.
    path: key in adapter.settings ? [...adapter.at.path, key] : adapter.at.path,
  })
  const fromYaml = nonEmptyTexts(adapter.settings)
  const name = fromYaml.get('connection')
  const fromToml =
    name === undefined ? ok<TextSettings>(new Map()) : readNamedConnection(name, site.env, at)
  if (!fromToml.ok) return fromToml
  const texts: TextSettings = new Map([...fromToml.value, ...fromYaml])
  const login = loginOf(texts, at)
  const problems: Problem[] = Array.isArray(login) ? [...login] : []
  for (const [key, why] of missingSettings(login as Login, texts))
    problems.push(missing(key, why, at))
  const keyPath = texts.get('private_key_path')
  if (keyPath !== undefined && !existsSync(resolve(site.root, keyPath))) {
    problems.push(keyMissing(keyPath, at))
  }
  const key = texts.get('private_key')
  if (key !== undefined && !PEM.test(key)) {
    const isOfYaml = fromYaml.has('private_key')
    problems.push(keyInvalid((isOfYaml && adapter.origins?.private_key) || '`private_key`', at))
  }
  if (problems.length > 0) return fail(...problems)
  const number = (key: string, byDefault: number) => Number(adapter.settings[key] ?? byDefault)
  return ok({
    account: texts.get('account') ?? null,
    user: texts.get('user') ?? null,
    role: texts.get('role') ?? null,
    warehouse: texts.get('warehouse') ?? null,
    database: texts.get('database')!,
    schema: texts.get('schema') ?? 'ANALYTICS',
    accessUrl: texts.get('access_url') ?? null,
    login: withAbsoluteKeyPath(login as Login, site.root),
    statementTimeout: 1000 * number('statement_timeout', STATEMENT_TIMEOUT_S),
    loginTimeout: 1000 * number('login_timeout', LOGIN_TIMEOUT_S),
    hashUpTo: parseBytes(texts.get('hash_up_to') ?? HASH_UP_TO),
  })
}

/** The non-empty text settings. An unset variable in `${VAR:-}` gives an empty text, the same as no setting. */
function nonEmptyTexts(settings: AdapterSettings['settings']): TextSettings {
  return new Map(
    Object.entries(settings).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' && value.trim() !== '' ? [[key, value]] : [],
    ),
  )
}

/** The required settings that are missing, each with the reason why it is required. */
function* missingSettings(login: Login, texts: TextSettings): Generator<readonly [string, string]> {
  if (!texts.has('account') && !texts.has('access_url')) {
    yield ['account', 'the account identifier, such as myorg-myaccount']
  }
  if (!texts.has('database')) yield ['database', 'the database of all relations']
  const needsUser = login.how !== 'access_token' && login.how !== 'oauth'
  if (needsUser && !texts.has('user')) yield ['user', 'the owner of the key or password']
}

function missing(key: string, why: string, at: SettingPointer): Problem {
  return {
    code: 'warehouse-settings',
    message: `the Snowflake warehouse needs \`${key}\`: ${why}`,
    at: at(key),
    hint: `set \`${key}\`, or set \`connection\` to a connection of connections.toml that has it`,
    mistake: true,
  }
}

function keyMissing(path: string, at: SettingPointer): Problem {
  return {
    code: 'warehouse-key-missing',
    message: `private key file ${path} does not exist`,
    at: at('private_key_path'),
    hint: 'correct the path, which is relative to the project root, or set private_key to the key itself',
    mistake: true,
  }
}

/** A private key between its first and its last line (RFC 7468). Line ends may be written as `\n`. */
const PEM = /^\s*-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]+-----END \1-----/

/** `name`: what the key comes from. The message never has its value. */
function keyInvalid(name: string, at: SettingPointer): Problem {
  return {
    code: 'warehouse-key-invalid',
    message: `${name} is not a private key in PEM format`,
    at: at('private_key'),
    hint: 'it is the text from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY----- with its line ends; in .env, quote it and write \\n for each',
    mistake: true,
  }
}

function withAbsoluteKeyPath(login: Login, root: string): Login {
  if (login.how !== 'key' || !('path' in login.key)) return login
  return { ...login, key: { path: resolve(root, login.key.path) } }
}
