import { describe, expect, test } from 'vitest'
import {
  connectProblem,
  isConnectionLost,
  probeProblem,
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
    ['55P03', 'source-timeout', true],
    ['25P03', 'source-timeout', undefined],
    ['25P04', 'source-timeout', undefined],
    ['57014', 'source-read-failed', true],
  ])('%s is %s', (code, expected, transient) => {
    const problem = read(failure('it said so', code))
    expect([problem.code, problem.transient, problem.asset]).toEqual([expected, transient, 'raw_t'])
    expect(problem.message).toContain('raw_t')
    expect(problem.message).toContain('t')
  })

  test.each([
    ['canceling statement due to statement timeout', '57014', 'statement_timeout of the server'],
    ['canceling statement due to lock timeout', '55P03', 'lock_timeout of the server'],
    [
      'terminating connection due to idle-in-transaction timeout',
      '25P03',
      'idle_in_transaction_session_timeout of the server',
    ],
    [
      'terminating connection due to transaction timeout',
      '25P04',
      'transaction_timeout of the server',
    ],
    ['query timeout', '08P01', 'query_timeout of the pooler'],
    ['idle transaction timeout', '08P01', 'idle_transaction_timeout of the pooler'],
    ['query_wait_timeout', '08P01', 'query_wait_timeout of the pooler'],
  ])('%s: names the setting', (message, code, setting) => {
    const error = failure(message, code)
    expect(read(error).message).toBe(
      `raw_t: ${setting} ended the read of t from db.example.com:5432/shop`,
    )
    expect(probeProblem(error, sourceName)).toMatchObject({
      code: 'source-timeout',
      message: `${setting} ended a query of the source of connection dvd_rental (db.example.com:5432/shop)`,
    })
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
      isAccessFault: true,
    })
  })

  test.each([
    ['the database system is starting up', '57P03', 'source-unreachable', true],
    ['sorry, too many clients already', '53300', 'source-unreachable', true],
    ['password authentication failed for user "x"', '28P01', 'source-refused', undefined],
    ['no pg_hba.conf entry', '28000', 'source-pg-hba', undefined],
    ['pg_hba.conf rejects connection for host "h"', '28000', 'source-pg-hba', undefined],
    ['role "x" does not exist', '28000', 'source-refused', undefined],
    ['role "x" is not permitted to log in', '28000', 'source-refused', undefined],
    ['permission denied for database "shop"', '42501', 'source-refused', undefined],
    ['certificate authentication failed for user "x"', '28000', 'source-tls', undefined],
    ['The server does not support SSL connections', undefined, 'source-tls', undefined],
    // What pgbouncer says of the same, all with one code.
    ['password authentication failed', '08P01', 'source-refused', undefined],
    ['no such user: x', '08P01', 'source-refused', undefined],
    ['login rejected', '08P01', 'source-pg-hba', undefined],
    ['database "nothing" does not exist', '08P01', 'source-database-missing', undefined],
    ['no such database: nothing', '08P01', 'source-database-missing', undefined],
    ['SSL required', '08P01', 'source-tls', undefined],
    ['unsupported startup parameter: options', '08P01', 'source-pooler', undefined],
    [
      'transaction blocks not allowed in statement pooling mode',
      '08P01',
      'source-pooler',
      undefined,
    ],
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
