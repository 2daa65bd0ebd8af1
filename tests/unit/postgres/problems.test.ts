import { describe, expect, test } from 'vitest'
import {
  connectProblem,
  isConnectionLost,
  readProblem,
} from '../../../framework/connections/postgres/problems.ts'

const sourceName = { address: 'db.example.com:5432/shop', connection: 'dvd_rental' }
const failure = (message: string, code?: string) => Object.assign(new Error(message), { code })
const read = (error: unknown) => readProblem(error, sourceName, { asset: 'raw_t', name: 't' })

describe('while a stream is read', () => {
  test.each([
    ['ENOSPC', 'disk-full', undefined],
    ['42501', 'source-permission-denied', undefined],
    ['42703', 'source-changed', true],
    ['57P01', 'source-connection-lost', true],
    ['ECONNRESET', 'source-connection-lost', true],
    ['53200', 'source-read-failed', true],
    ['40001', 'source-read-failed', true],
    ['22012', 'source-read-failed', undefined],
  ])('%s is %s', (code, expected, transient) => {
    const problem = read(failure('it said so', code))
    expect([problem.code, problem.transient, problem.asset]).toEqual([expected, transient, 'raw_t'])
    expect(problem.message).toContain('raw_t')
    expect(problem.message).toContain('t')
  })

  test('the detail shows the message of the server', () => {
    const error = Object.assign(failure('no', '22P02'), { detail: 'the detail', hint: 'the hint' })
    expect(read(error).detail).toBe('no\nthe detail\nthe hint\nSQLSTATE 22P02')
  })
})

describe('while connecting', () => {
  test('a refused localhost, which has two addresses, is reported by the first', () => {
    const error = new AggregateError([failure('connect ECONNREFUSED ::1:5432', 'ECONNREFUSED')])
    expect(connectProblem(error, sourceName)).toEqual({
      code: 'source-unreachable',
      message: 'the source of connection dvd_rental (db.example.com:5432/shop) cannot be reached',
      detail: 'connect ECONNREFUSED ::1:5432',
      hint: 'check that the server is running and accepts connections from this machine',
      transient: true,
    })
  })

  test.each([
    ['the database system is starting up', '57P03', 'source-unreachable', true],
    ['sorry, too many clients already', '53300', 'source-unreachable', true],
    ['password authentication failed for user "x"', '28P01', 'source-refused', undefined],
    ['no pg_hba.conf entry', '28000', 'source-refused', undefined],
    ['getaddrinfo EAI_AGAIN db', 'EAI_AGAIN', 'source-unreachable', true],
    [
      'self-signed certificate in certificate chain',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'source-tls',
      undefined,
    ],
    ['timeout expired', undefined, 'source-unreachable', true],
  ])('%s', (message, code, expected, transient) => {
    const problem = connectProblem(failure(message, code), sourceName)
    expect([problem.code, problem.transient]).toEqual([expected, transient])
  })
})

test('a connection is lost if no further query can succeed on it', () => {
  expect(isConnectionLost(failure('Connection terminated unexpectedly'))).toBe(true)
  expect(isConnectionLost(failure('terminating connection', '57P01'))).toBe(true)
  expect(isConnectionLost(failure('canceling statement due to user request', '57014'))).toBe(false)
  expect(isConnectionLost('what?')).toBe(false)
})
