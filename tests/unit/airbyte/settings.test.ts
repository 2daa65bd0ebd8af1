import { describe, expect, test } from 'vitest'
import { basesOf, readSettings } from '../../../framework/connections/airbyte/settings.ts'
import type { Json } from '../../../framework/lib/json.ts'

const at = { file: 'assets.yaml', path: ['targets', 'prod', 'connections', 'shop'] }
const read = (settings: Readonly<Record<string, Json>>) =>
  readSettings({ type: 'airbyte', settings: { connection_id: 'id', ...settings }, at })

describe('the base URLs of the two APIs', () => {
  const own = { url: 'https://a.io/api/public/v1', configUrl: 'https://a.io/api/v1' }
  test.each([
    ['https://a.io', own],
    ['https://a.io/', own],
    ['https://a.io/api', own],
    ['https://a.io/api/v1', own],
    ['https://a.io/api/public', own],
    ['https://a.io/api/public/v1/', own],
    ['https://api.airbyte.com', { url: 'https://api.airbyte.com/v1', configUrl: null }],
    ['https://api.airbyte.com/v1/', { url: 'https://api.airbyte.com/v1', configUrl: null }],
    ['http://a.io:8006/v1', { url: 'http://a.io:8006/v1', configUrl: null }],
    [
      'https://b.io/airbyte/api/public/v1',
      { url: 'https://b.io/airbyte/api/public/v1', configUrl: 'https://b.io/airbyte/api/v1' },
    ],
  ])('%s', (given, bases) => {
    expect(basesOf(new URL(given))).toEqual(bases)
  })
})

describe('settings', () => {
  test('have defaults', () => {
    const settings = read({})
    expect(settings).toMatchObject({
      ok: true,
      value: {
        name: 'shop',
        url: 'https://api.airbyte.com/v1',
        auth: { by: 'nothing' },
        adopt: true,
        timeout: 24 * 3_600_000,
        poll: { from: 2_000, to: 30_000 },
      },
    })
  })

  test('accept one login, also from the url', () => {
    const login = (settings: Parameters<typeof read>[0]) => {
      const read_ = read(settings)
      return read_.ok && read_.value.auth.by
    }
    expect(login({ client_id: 'a', client_secret: 'b' })).toBe('application')
    expect(login({ username: 'a', password: 'b' })).toBe('password')
    expect(login({ token: 'a' })).toBe('token')
    const inUrl = read({ url: 'https://me:p%40ss@a.io' })
    expect(inUrl.ok && inUrl.value).toMatchObject({
      auth: { by: 'password', user: 'me', password: 'p@ss' },
      url: 'https://a.io/api/public/v1',
    })
  })

  test.each([
    [{ url: 'a.io' }, 'url is not a valid URL'],
    [{ client_id: 'a' }, 'the login is incomplete'],
    [{ password: 'a' }, 'the login is incomplete'],
    [{ token: 'a', username: 'b', password: 'c' }, 'more than one login is set'],
  ])('%j are invalid', (settings, message) => {
    const wrong = read(settings)
    expect(wrong).toMatchObject({ ok: false, problems: [{ code: 'invalid-connection' }] })
    expect(!wrong.ok && wrong.problems[0]!.message).toContain(message)
  })
})
