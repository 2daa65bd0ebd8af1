import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseBytes } from '../../lib/bytes.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { AdapterSettings } from '../../model/project.ts'
import type { Site } from '../../ports/site.ts'
import { type At, type Login, loginOf, type Texts } from './login.ts'
import { connectionNamed } from './toml.ts'

/** A Snowflake account and who we are there. Times in milliseconds, sizes in bytes. */
export interface Settings {
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
 * What YAML says of the warehouse, filled up from connections.toml where it names a connection there.
 * Problems, each at its setting: what is missing, what contradicts, a key file that is not there.
 */
export function settingsOf(
  adapter: AdapterSettings,
  site: Pick<Site, 'root' | 'env'>,
): Result<Settings> {
  const at: At = (key) => ({
    file: adapter.at.file,
    // A setting that comes from connections.toml has no place of its own.
    path: key in adapter.settings ? [...adapter.at.path, key] : adapter.at.path,
  })
  const own = textsOf(adapter.settings)
  const name = own.get('connection')
  const borrowed = name === undefined ? ok<Texts>(new Map()) : connectionNamed(name, site.env, at)
  if (!borrowed.ok) return borrowed
  const texts: Texts = new Map([...borrowed.value, ...own])
  const login = loginOf(texts, at)
  const problems: Problem[] = Array.isArray(login) ? [...login] : []
  for (const [key, why] of required(login as Login, texts)) problems.push(missing(key, why, at))
  const keyPath = texts.get('private_key_path')
  if (keyPath !== undefined && !existsSync(resolve(site.root, keyPath))) {
    problems.push(keyMissing(keyPath, at))
  }
  if (problems.length > 0) return fail(...problems)
  const number = (key: string, otherwise: number) => Number(adapter.settings[key] ?? otherwise)
  return ok({
    account: texts.get('account') ?? null,
    user: texts.get('user') ?? null,
    role: texts.get('role') ?? null,
    warehouse: texts.get('warehouse') ?? null,
    database: texts.get('database')!,
    schema: texts.get('schema') ?? 'ANALYTICS',
    accessUrl: texts.get('access_url') ?? null,
    login: absolute(login as Login, site.root),
    statementTimeout: 1000 * number('statement_timeout', STATEMENT_TIMEOUT_S),
    loginTimeout: 1000 * number('login_timeout', LOGIN_TIMEOUT_S),
    hashUpTo: parseBytes(texts.get('hash_up_to') ?? HASH_UP_TO),
  })
}

/** `${VAR:-}` gives an empty text, which says as much as leaving the setting out. */
function textsOf(settings: AdapterSettings['settings']): Texts {
  return new Map(
    Object.entries(settings).flatMap(([key, value]): [string, string][] =>
      typeof value === 'string' && value.trim() !== '' ? [[key, value]] : [],
    ),
  )
}

/** Settings that are needed and not there, with the reason. */
function* required(login: Login, texts: Texts): Generator<readonly [string, string]> {
  if (!texts.has('account') && !texts.has('access_url')) {
    yield ['account', 'it names the service to talk to (SHOW ORGANIZATION ACCOUNTS: org-name)']
  }
  if (!texts.has('database')) yield ['database', 'relations are looked for in it']
  const needsUser = login.how !== 'access_token' && login.how !== 'oauth'
  if (needsUser && !texts.has('user')) yield ['user', "a key or a password is somebody's"]
}

function missing(key: string, why: string, at: At): Problem {
  return {
    code: 'warehouse-settings',
    message: `the Snowflake warehouse needs \`${key}\`: ${why}`,
    at: at(key),
    hint: `set \`${key}\`, or name a \`connection\` of connections.toml that has it`,
    mistake: true,
  }
}

function keyMissing(path: string, at: At): Problem {
  return {
    code: 'warehouse-key-missing',
    message: `there is no private key at ${path}`,
    at: at('private_key_path'),
    hint: 'correct the path, which is relative to the project root, or set private_key to the key itself',
    mistake: true,
  }
}

function absolute(login: Login, root: string): Login {
  if (login.how !== 'key' || !('path' in login.key)) return login
  return { ...login, key: { path: resolve(root, login.key.path) } }
}
