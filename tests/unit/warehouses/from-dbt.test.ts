import { describe, expect, it } from 'vitest'
import type { Json } from '../../../framework/lib/json.ts'
import { fromDbt as duckdb } from '../../../framework/warehouses/duckdb/from-dbt.ts'
import { fromDbt as snowflake } from '../../../framework/warehouses/snowflake/from-dbt.ts'

const OUTPUT = {
  name: 'output dev of dbt profile shop',
  at: { file: 'profiles.yml', path: ['shop', 'outputs', 'dev'] },
}

type Keys = Readonly<Record<string, Json>>

describe('DuckDB, as dbt opens it', () => {
  const take = (shown: Keys) => duckdb.settings({ shown, secret: {} }, OUTPUT)

  it('has the path, and what views may need: attached files, extensions, settings', () => {
    const attach = [{ path: '/d/o.duckdb', alias: 'o', read_only: false }]
    const shown = {
      path: '/d/x.duckdb',
      database: 'x',
      schema: 'main',
      attach,
      extensions: ['httpfs'],
    }
    const settings = { TimeZone: 'UTC', threads: 9, memory_limit: '1GB', s3_region: 'eu' }
    expect(take({ ...shown, settings })).toEqual({
      ok: true,
      value: {
        type: 'duckdb',
        at: OUTPUT.at,
        settings: {
          path: '/d/x.duckdb',
          attach,
          extensions: ['httpfs'],
          settings: { TimeZone: 'UTC', s3_region: 'eu' },
        },
      },
    })
  })

  it("has the machine's time zone, as dbt's session, unless the profile sets one", () => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
    const taken = take({ path: '/x.duckdb' })
    expect(taken.ok && taken.value.settings.settings).toEqual({ TimeZone: timeZone })
  })

  it.each([
    [{ path: ':memory:' }, 'path', 'keeps its tables in memory'],
    [{ path: 'md:shop' }, 'path', "leads to md:shop, which assets can't open"],
    [{ path: '/x.duckdb', remote: { host: 'h' } }, 'remote', 'leads to a remote server'],
    [
      { path: '/x.duckdb', database: 'o', attach: [{ path: '/o.duckdb', alias: 'o' }] },
      'database',
      'builds in the attached database o',
    ],
  ])('%j is refused', (shown, key, message) => {
    const taken = take(shown)
    const [problem] = taken.ok ? [] : taken.problems
    expect(problem?.message).toContain(message)
    expect(problem?.at).toEqual({ ...OUTPUT.at, path: [...OUTPUT.at.path, key] })
  })
})

describe('Snowflake, as dbt connects', () => {
  const WHERE = {
    account: 'my-account',
    user: 'ann',
    role: 'transformer',
    warehouse: 'wh',
    database: 'shop',
    schema: 'analytics',
  }
  const take = (shown: Keys, secret: Readonly<Record<string, string>> = {}) =>
    snowflake.settings({ shown: { ...WHERE, ...shown }, secret }, OUTPUT)
  const settings = (shown: Keys, secret: Readonly<Record<string, string>> = {}) => {
    const taken = take(shown, secret)
    if (!taken.ok) throw new Error(taken.problems[0]!.message)
    return taken.value.settings
  }

  it('has what says where, as whom, and with which password', () => {
    expect(settings({}, { password: 'hunter22' })).toEqual({ ...WHERE, password: 'hunter22' })
  })

  it('logs in with the key if there is one, as dbt does', () => {
    const login = { private_key_path: '/k.p8', private_key_passphrase: 'open' }
    const shown = { private_key_path: '/k.p8' }
    expect(settings(shown, { password: 'x', private_key_passphrase: 'open' })).toEqual({
      ...WHERE,
      ...login,
    })
  })

  it('takes a key without its lines, as dbt does', () => {
    const taken = settings({}, { private_key: 'A'.repeat(70) })
    expect(taken.private_key).toBe(
      `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}\nAAAAAA\n-----END PRIVATE KEY-----\n`,
    )
    const encrypted = settings({}, { private_key: 'QUFB', private_key_passphrase: 'p' })
    expect(encrypted.private_key).toContain('BEGIN ENCRYPTED PRIVATE KEY')
    const pem = '-----BEGIN PRIVATE KEY-----\nA\n-----END PRIVATE KEY-----'
    expect(settings({}, { private_key: pem }).private_key).toBe(pem)
  })

  it.each([
    ['programmatic_access_token', 'programmatic_access_token'],
    ['oauth', 'oauth'],
    ['jwt', 'oauth'],
  ])('with authenticator %s logs in with the token', (authenticator, ours) => {
    expect(settings({ authenticator }, { token: 't0ken', password: 'x' })).toEqual({
      ...WHERE,
      token: 't0ken',
      authenticator: ours,
    })
  })

  it('reaches a host behind a proxy by its URL', () => {
    const url = (shown: Keys) => settings(shown).access_url
    expect(url({ host: 'h', port: 8080, protocol: 'http' })).toBe('http://h:8080')
    expect(url({ host: 'h', port: 0 })).toBe('https://h')
    expect(url({ port: 8080 })).toBe(undefined)
  })

  it.each([
    [{ authenticator: 'externalbrowser' }],
    [{ authenticator: 'https://shop.okta.com' }],
    [{ authenticator: 'oauth', oauth_client_id: 'c' }],
  ])('%j is refused: only dbt can log in so', (shown) => {
    const taken = take(shown, { password: 'p', token: 't' })
    const [problem] = taken.ok ? [] : taken.problems
    expect(problem?.message).toContain(`logs in with authenticator ${shown.authenticator}`)
  })
})
