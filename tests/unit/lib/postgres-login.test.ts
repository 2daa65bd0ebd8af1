import { describe, expect, test } from 'vitest'
import { openFirst } from '../../../framework/lib/postgres-login.ts'

const failure = (message: string, code?: string) => Object.assign(new Error(message), { code })
const NO_TLS = failure('The server does not support SSL connections')
const HANDSHAKE = failure('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT')
const HBA = failure('no pg_hba.conf entry for host "h", no encryption', '28000')
const POOLER = failure('SSL required', '08P01')
const PASSWORD = failure('password authentication failed for user "x"', '28P01')
const DOWN = failure('connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED')
const MISSING = failure('database "x" does not exist', '3D000')
const FULL = failure('sorry, too many clients already', '53300')

/** Opens by a list of outcomes, one for each attempt: an error, or null for an open connection. */
async function opened(...outcomes: readonly (Error | null)[]) {
  const tried: string[] = []
  const attempts = outcomes.map((_, index) => ({ url: `${index}`, tls: index === 0 }))
  const open = async ({ url }: { readonly url: string }) => {
    tried.push(url)
    const outcome = outcomes[Number(url)]!
    if (outcome !== null) throw outcome
    return url
  }
  const result = await openFirst(attempts, open).catch((error: Error) => error)
  return { result, tried: tried.length }
}

describe('the next way is tried', () => {
  test.each([
    ['without TLS', NO_TLS],
    ['after a failed handshake', HANDSHAKE],
    ['after a refusal by pg_hba.conf', HBA],
    ['after a wrong password', PASSWORD],
    ['after a pooler that requires TLS', POOLER],
  ])('%s', async (_what, error) => {
    expect(await opened(error, null)).toEqual({ result: '1', tried: 2 })
  })

  test.each([
    ['nothing listens', DOWN],
    ['the database is missing', MISSING],
    ['the server is full', FULL],
  ])('not if %s', async (_what, error) => {
    expect(await opened(error, null)).toEqual({ result: error, tried: 1 })
  })
})

describe('of two errors the one that says most is reported', () => {
  test.each([
    ['a server without TLS rejects the password', NO_TLS, PASSWORD, PASSWORD],
    ['a server without TLS has no line in pg_hba.conf', NO_TLS, HBA, HBA],
    ['the certificate is wrong, and the server demands TLS', HANDSHAKE, HBA, HANDSHAKE],
    ['the certificate is wrong, and a pooler demands TLS', HANDSHAKE, POOLER, HANDSHAKE],
    ['the password is wrong, and the server demands TLS', PASSWORD, HBA, PASSWORD],
    ['TLS is not admitted, and the password is wrong', HBA, PASSWORD, PASSWORD],
    ['without TLS it is not admitted, and the server has no TLS', HBA, NO_TLS, HBA],
  ])('%s', async (_what, first, second, expected) => {
    expect((await opened(first, second)).result).toBe(expected)
  })
})
