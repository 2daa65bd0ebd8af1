import { expect, test } from 'vitest'
import type { Client } from '../../../framework/connections/postgres/source/client.ts'
import {
  beginReading,
  beginStatements,
  endReading,
} from '../../../framework/connections/postgres/source/transaction.ts'

/** A session that answers with an error to the texts that `errorOf` knows. */
function fakeClient(errorOf: (text: string) => Error | null = () => null) {
  const texts: string[] = []
  const client = {
    texts,
    readyForQuery: true,
    status: 'T',
    connectionParameters: { application_name: "ann's" },
    getTransactionStatus: () => client.status,
    async query(query: string | { readonly text: string }) {
      const text = typeof query === 'string' ? query : query.text
      texts.push(text)
      const error = errorOf(text)
      if (error !== null) throw error
      return { rows: [] }
    },
  }
  return client
}

const denied = Object.assign(new Error('permission denied to set parameter'), { code: '42501' })

test('no setting of a transaction outlives it', () => {
  const statements = beginStatements(null, 'assets').split(';\n')
  expect(statements[0]).toBe('begin isolation level repeatable read read only')
  const sets = statements.filter((one) => /^\s*set /.test(one))
  expect(sets.length).toBe(8)
  for (const one of sets) expect(one).toMatch(/^set local /)
  expect(statements.filter((one) => one.includes('set_config'))).toEqual([
    expect.stringContaining("set_config(name, '0', true)"),
  ])
})

test('what other clients have set is reset before the own settings', () => {
  const statements = beginStatements(null, 'assets').split(';\n')
  const firstSet = statements.findIndex((one) => one.startsWith('set local'))
  expect(statements.slice(1, firstSet)).toEqual([
    'reset session authorization',
    'reset role',
    'reset all',
  ])
})

test('a snapshot is taken over before anything else', () => {
  expect(beginStatements('0001-1', 'assets').split(';\n')[1]).toBe(
    "set transaction snapshot '0001-1'",
  )
})

test('a session that may not set timeouts keeps them, and reads', async () => {
  const client = fakeClient((text) => (text.startsWith('begin') ? denied : null))
  await beginReading(client as unknown as Client)
  expect(client.texts[0]).toContain("set local application_name = 'ann''s'")
  expect(client.texts.slice(1)).toEqual(['rollback to before_timeouts; release before_timeouts'])
})

test('another refused statement is an error', async () => {
  const client = fakeClient(() => denied)
  await expect(beginReading(client as unknown as Client)).rejects.toBe(denied)
})

test('a transaction is rolled back, which also undoes the reset', async () => {
  const client = fakeClient()
  await endReading(client as unknown as Client)
  expect(client.texts).toEqual(['rollback'])
})

test('a session without a transaction, or with a running query, is left as it is', async () => {
  const [idle, busy] = [fakeClient(), fakeClient()]
  idle.status = 'I'
  busy.readyForQuery = false
  for (const client of [idle, busy]) {
    await endReading(client as unknown as Client)
    expect(client.texts).toEqual([])
  }
})
