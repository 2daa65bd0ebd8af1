import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../../../framework/lib/json.ts'
import type { Pointer } from '../../../framework/model/location.ts'
import { dbtEnv } from '../../../framework/warehouses/snowflake/dbt-env.ts'
import { destinationOf } from '../../../framework/warehouses/snowflake/destination.ts'
import { settingsOf } from '../../../framework/warehouses/snowflake/settings.ts'

const PATH = ['targets', 'prod', 'warehouse']
const PEM = '-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n'
const BASE = { account: 'org-acc', user: 'robot', database: 'dvd' }

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-settings-'))
  mkdirSync(join(root, 'home'))
  writeFileSync(join(root, 'key.p8'), 'a key')
  writeFileSync(
    join(root, 'home/connections.toml'),
    '[night]\naccount = "org-night"\nuser = "night"\nprivate_key_file = "key.p8"\nport = 443\n',
  )
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const read = (settings: Readonly<Record<string, Json>>) =>
  settingsOf(
    { type: 'snowflake', settings, at: { file: 'assets.yaml', path: PATH } },
    { root, env: { SNOWFLAKE_HOME: join(root, 'home') } },
  )
const login = (settings: Readonly<Record<string, Json>>) => {
  const result = read({ ...BASE, ...settings })
  return result.ok ? result.value.login : result.problems.map(({ code, at }) => [code, at])
}
const wrong = (settings: Readonly<Record<string, Json>>) => {
  const result = read(settings)
  return result.ok
    ? []
    : result.problems.map(({ code, at }) => `${code} at ${(at as Pointer).path.at(-1)}`)
}

describe('how to log in', () => {
  it.each([
    [{ password: 'p' }, { how: 'password', password: 'p', passcode: null }],
    [
      { password: 'p', passcode: '123', authenticator: 'USERNAME_PASSWORD_MFA' },
      { how: 'mfa', password: 'p', passcode: '123' },
    ],
    [{ token: 't' }, { how: 'access_token', token: 't' }],
    [
      { token: 't', authenticator: 'oauth' },
      { how: 'oauth', token: 't' },
    ],
    [
      { private_key: PEM.replaceAll('\n', '\\n'), private_key_passphrase: 'x' },
      { how: 'key', key: { pem: PEM }, passphrase: 'x' },
    ],
    // An empty variable counts as not set.
    [
      { password: '', token: 't', passcode: ' ' },
      { how: 'access_token', token: 't' },
    ],
  ])('%j', (settings, expected) => {
    expect(login(settings)).toEqual(expected)
  })

  it('finds a key file in the project', () => {
    expect(login({ private_key_path: 'key.p8' })).toEqual({
      how: 'key',
      key: { path: join(root, 'key.p8') },
      passphrase: null,
    })
  })
})

describe('invalid settings', () => {
  it.each([
    [BASE, ['warehouse-login-missing at warehouse']],
    [{ ...BASE, password: 'p', token: 't' }, ['warehouse-login-contradiction at password']],
    [
      { ...BASE, password: 'p', authenticator: 'oauth' },
      ['warehouse-login-contradiction at authenticator'],
    ],
    [
      { ...BASE, token: 't', passcode: '1', private_key_passphrase: 'x' },
      [
        'warehouse-login-contradiction at private_key_passphrase',
        'warehouse-login-contradiction at passcode',
      ],
    ],
    [
      { password: 'p' },
      [
        'warehouse-settings at warehouse',
        'warehouse-settings at warehouse',
        'warehouse-settings at warehouse',
      ],
    ],
    [{ ...BASE, private_key_path: 'gone.p8' }, ['warehouse-key-missing at private_key_path']],
    [{ ...BASE, private_key: 'hunter22' }, ['warehouse-key-invalid at private_key']],
    [{ connection: 'day' }, ['warehouse-connection at connection']],
  ])('%j', (settings, expected) => {
    expect(wrong(settings)).toEqual(expected)
  })

  it.each(['c2VjcmV0', PEM.slice(0, 30), PEM.replace('END PRIVATE KEY', 'END CERTIFICATE')])(
    'says which variable holds no private key: %s',
    (value) => {
      const settings = { ...BASE, private_key: value }
      const named = settingsOf(
        {
          type: 'snowflake',
          settings,
          at: { file: 'assets.yaml', path: [] },
          origins: { private_key: 'SNOWFLAKE_PRIVATE_KEY' },
        },
        { root, env: {} },
      )
      const [problem] = named.ok ? [] : named.problems
      expect(problem?.message).toBe('SNOWFLAKE_PRIVATE_KEY is not a private key in PEM format')
      expect(JSON.stringify(problem)).not.toContain('c2VjcmV0')
      const unnamed = read(settings)
      expect(unnamed.ok ? [] : unnamed.problems.map(({ message }) => message)).toEqual([
        '`private_key` is not a private key in PEM format',
      ])
    },
  )

  it('needs no user for a token', () => {
    expect(wrong({ account: 'a', database: 'd', token: 't' })).toEqual([])
  })
})

describe('connections.toml', () => {
  it('supplies settings that are missing in YAML', () => {
    const result = read({ connection: 'night', database: 'dvd', user: 'day' })
    expect(result).toMatchObject({
      ok: true,
      value: { account: 'org-night', user: 'day', database: 'dvd', login: { how: 'key' } },
    })
  })
})

describe('an invalid connections.toml', () => {
  it('is reported by line and column, without quoting the file', () => {
    const home = join(root, 'broken')
    mkdirSync(home)
    writeFileSync(join(home, 'connections.toml'), '[night]\npassword = "hunter22" user\n')
    const result = settingsOf(
      {
        type: 'snowflake',
        settings: { connection: 'night' },
        at: { file: 'assets.yaml', path: PATH },
      },
      { root, env: { SNOWFLAKE_HOME: home } },
    )
    expect(result).toMatchObject({ ok: false, problems: [{ code: 'warehouse-connection' }] })
    expect(JSON.stringify(result)).toMatch(/is not valid TOML \(line 2, column \d+\)/)
    expect(JSON.stringify(result)).not.toContain('hunter22')
  })
})

describe('the environment of dbt', () => {
  it('holds secrets only in variables that dbt hides', () => {
    const result = read({ ...BASE, password: 'hunter22', access_url: 'http://127.0.0.1:8080' })
    if (!result.ok) throw new Error('refused')
    const env = dbtEnv(result.value)
    const holding = Object.entries(env).filter(([, value]) => value.includes('hunter22'))
    expect(holding).toEqual([['DBT_ENV_SECRET_SNOWFLAKE_PASSWORD', 'hunter22']])
    expect(env).toMatchObject({
      SNOWFLAKE_ACCOUNT: 'org-acc',
      SNOWFLAKE_HOST: '127.0.0.1',
      SNOWFLAKE_PORT: '8080',
      SNOWFLAKE_PROTOCOL: 'http',
    })
  })
})

describe('the destination in messages', () => {
  const place = (settings: Readonly<Record<string, Json>>) =>
    destinationOf(
      { type: 'snowflake', settings, at: { file: 'assets.yaml', path: PATH } },
      { root, env: { SNOWFLAKE_HOME: join(root, 'home') } },
    )

  it.each([
    [{ ...BASE, password: 'p', role: 'R' }, 'Snowflake org-acc / dvd as R'],
    [{ ...BASE, password: 'p' }, 'Snowflake org-acc / dvd'],
    [{ connection: 'night', database: 'dvd' }, 'Snowflake org-night / dvd'],
    [
      { access_url: 'https://u:p@lan:8/x', user: 'u', database: 'dvd', password: 'p' },
      'Snowflake lan:8 / dvd',
    ],
    [BASE, null],
  ])('%j is %s', (settings, told) => {
    expect(place(settings)).toBe(told)
  })
})
