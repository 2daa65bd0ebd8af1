import { describe, expect, test } from 'vitest'
import { type Asked, hostsOf, refusalOf } from '../../../framework/ui/server/guard.ts'

const GUARD = { hosts: hostsOf(4711, null), token: null }
const ASKED: Asked = {
  method: 'GET',
  path: '/api/overview',
  host: '127.0.0.1:4711',
  origin: undefined,
  authorization: undefined,
}

function refused(change: Partial<Asked>, token: string | null = null): number | null {
  return refusalOf({ ...ASKED, ...change }, { ...GUARD, token })?.status ?? null
}

describe('the guard of the page', () => {
  test.each(['127.0.0.1:4711', 'localhost:4711', 'LOCALHOST:4711', '[::1]:4711'])(
    'answers %s',
    (host) => {
      expect(refused({ host })).toBeNull()
      expect(refused({ host, origin: `http://${host}` })).toBeNull()
    },
  )

  test.each([
    undefined,
    '',
    '127.0.0.1',
    '127.0.0.1:80',
    'evil.example:4711',
    'localhost.evil.example:4711',
    '127.0.0.1:4711.evil.example',
  ])('refuses the host %s', (host) => {
    expect(refused({ host })).toBe(403)
    expect(refused({ host, path: '/' })).toBe(403)
  })

  test.each([
    'http://evil.example',
    'null',
    'https://127.0.0.1:4711',
    'http://127.0.0.1:4712',
    'http://localhost:4711',
  ])('refuses the origin %s', (origin) => {
    expect(refused({ origin })).toBe(403)
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('refuses %s', (method) => {
    expect(refused({ method })).toBe(405)
  })

  test('answers HEAD', () => {
    expect(refused({ method: 'HEAD' })).toBeNull()
  })

  test('with a token, answers only who sends it, and the page without data', () => {
    expect(refused({}, 'secret')).toBe(401)
    expect(refused({ path: '/events' }, 'secret')).toBe(401)
    expect(refused({ authorization: 'Bearer secreT' }, 'secret')).toBe(401)
    expect(refused({ authorization: 'Bearer secret' }, 'secret')).toBeNull()
    for (const authorization of ['Bearer secre', 'Bearer secret2', 'secret', 'Basic secret', '']) {
      expect(refused({ authorization }, 'secret')).toBe(401)
    }
    expect(refused({ path: '/' }, 'secret')).toBeNull()
    expect(refused({ path: '/?x' }, 'secret')).toBe(401)
  })

  test('answers the address that it listens on', () => {
    expect([...hostsOf(80, '10.0.0.5')]).toContain('10.0.0.5')
    expect([...hostsOf(4711, 'fd00::5')]).toContain('[fd00::5]:4711')
    expect([...hostsOf(4711, null)]).toHaveLength(3)
  })
})
