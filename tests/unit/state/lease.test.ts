import { describe, expect, it } from 'vitest'
import { fail, type Problem, ProblemError } from '../../../framework/model/problem.ts'
import type { Change } from '../../../framework/ports/state.ts'
import type { Database, Mode, Transaction } from '../../../framework/state/database.ts'
import { StoredLease } from '../../../framework/state/lease.ts'

const begin = (name: string): Change => ({ change: 'begin', name, at: 1 })
const gate: Change = { change: 'change_token', subject: 'warehouse', token: null }

const WITHOUT_ROWS = {
  setSchema: async () => {},
  verify: async () => {},
  serverTime: async () => null,
  damaged: () => new ProblemError(),
}

/** A lease over a database that logs its transactions and their numbers of statements. */
function leaseOn(use: (tx: Transaction) => Transaction = (tx) => tx) {
  const transactions: { mode: Mode; statements: number }[] = []
  const database: Database = {
    async transaction(mode, work) {
      const told = { mode, statements: 0 }
      transactions.push(told)
      const count = async () => {
        told.statements += 1
        return 1
      }
      const none = async () => []
      return work(use({ ...WITHOUT_ROWS, all: none, run: count, schema: count }))
    },
    async close() {},
  }
  const self = { host: 'here', realm: 'here', pid: 1, started: '1' }
  const processes = { self, isAlive: () => true }
  return {
    transactions,
    lease: new StoredLease(
      { database, clock: () => 1, processes, watches: new Map(), history: 1 },
      'local',
      { run: 1, since: 1 },
    ),
  }
}

describe('changes written in one turn of the event loop', () => {
  it('are one transaction, durable if any change must be', async () => {
    const { lease, transactions } = leaseOn()
    await Promise.all([lease.write([gate]), lease.write([begin('a')]), lease.write([begin('b')])])
    expect(transactions).toEqual([{ mode: 'durable', statements: 4 }])
    await lease.write([gate])
    expect(transactions[1]).toEqual({ mode: 'write', statements: 2 })
  })

  it('fail for all callers', async () => {
    const full: Problem = { code: 'disk-full', message: 'the disk is full' }
    const { lease } = leaseOn((tx) => ({
      ...tx,
      run: async () => {
        throw new ProblemError(full)
      },
    }))
    const both = await Promise.all([lease.write([begin('a')]), lease.write([begin('b')])])
    expect(both).toEqual([fail(full), fail(full)])
  })
})
