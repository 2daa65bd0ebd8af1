import { describe, expect, test } from 'vitest'
import { connectAttempts, encryptedAttempt } from '../../../framework/lib/postgres-url.ts'

const URL = 'postgres://ann:p%40ss@db:5432/shop'
const attempts = (url: string, unset: string | null = null) =>
  connectAttempts(url, unset).map(({ url, tls }) => `${tls ? 'tls' : 'plain'} ${url}`)
const tls = `tls ${URL}?sslmode=require&uselibpqcompat=true`
const plain = `plain ${URL}?sslmode=disable&uselibpqcompat=true`

describe('the ways to connect', () => {
  test.each([
    ['prefer', [tls, plain]],
    ['allow', [plain, tls]],
    ['disable', [plain]],
    ['require', [tls]],
    ['verify-full', [`tls ${URL}?sslmode=verify-full&uselibpqcompat=true`]],
  ])('of sslmode=%s', (mode, expected) => {
    expect(attempts(`${URL}?sslmode=${mode}`)).toEqual(expected)
    expect(attempts(`${URL}?sslmode=${mode}`, 'disable')).toEqual(expected)
    expect(attempts(URL, mode)).toEqual(expected)
  })

  test('without sslmode are left to the driver, unless a default is given', () => {
    expect(attempts(URL)).toEqual([`plain ${URL}`])
    expect(attempts(`${URL}?sslrootcert=ca.crt`, 'prefer')).toEqual([
      `tls ${URL}?sslrootcert=ca.crt`,
    ])
    expect(attempts(`${URL}?ssl=true`, 'prefer')).toEqual([`tls ${URL}?ssl=true`])
    const own = `${URL}?sslmode=prefer&uselibpqcompat=false`
    expect(attempts(own)).toEqual([`tls ${own}`])
  })

  test('keep the other parameters as they are written', () => {
    const more = 'application_name=a%20b&sslrootcert=/c a.crt'
    expect(attempts(`${URL}?sslmode=prefer&${more}`)).toEqual([
      `tls ${URL}?${more}&sslmode=require&uselibpqcompat=true`,
      `plain ${URL}?application_name=a%20b&sslmode=disable&uselibpqcompat=true`,
    ])
  })

  test.each([
    'postgres://ann@/shop?host=/run/postgresql',
    'postgres://ann@%2Frun%2Fpostgresql/shop',
  ])('to a Unix socket are without TLS: %s', (url) => {
    expect(connectAttempts(url, 'prefer').map(({ tls }) => tls)).toEqual([false])
    expect(encryptedAttempt(url)).toBeNull()
  })
})
