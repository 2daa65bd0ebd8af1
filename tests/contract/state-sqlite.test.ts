import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Change, State } from '../../framework/ports/state.ts'
import { create } from '../../framework/state/sqlite/index.ts'
import { StateProcess } from '../rig/state-process.ts'
import { leaseOf, record, SUCCEEDED, value } from './suites/state.ts'
import { stateContract } from './suites/state-contract.ts'

const SETTINGS = { type: 'sqlite', settings: {}, at: { file: 'assets.yaml', path: [] } }
const REQUEST = { target: 'local', command: 'materialize', job: null }
const AT = Date.UTC(2026, 0, 1)

const newRoot = () => mkdtempSync(join(tmpdir(), 'assets-state-'))
const remove = (root: string) => rmSync(root, { recursive: true, force: true })
const openAt = async (root: string) => value(await create(SETTINGS, { root, clock: Date.now }))

stateContract('sqlite', async () => {
  const root = newRoot()
  return {
    open: async (who) => value(await create(SETTINGS, { root, ...who })),
    remove: async () => remove(root),
  }
})

/** The writes of a run, in order. */
const WRITES: readonly (readonly Change[])[] = [
  [{ change: 'force', names: ['b'], as: 'forced' }],
  [{ change: 'begin', name: 'a', at: AT }],
  [{ change: 'reference', name: 'a', reference: { job: 1 } }],
  [{ change: 'commit', record: record('a', { rows: 1 }) }],
  [
    { change: 'begin', name: 'b', at: AT },
    { change: 'begin', name: 'c', at: AT },
  ],
  [
    { change: 'commit', record: record('b') },
    { change: 'failed', name: 'c', at: AT, message: 'no' },
  ],
  [{ change: 'change_token', subject: 'warehouse', token: 'g' }],
]

const PAIR: readonly Change[] = [
  { change: 'commit', record: record('a') },
  { change: 'commit', record: record('b') },
]

describe('state in SQLite, used by other processes', () => {
  let program: string
  let root: string
  let state: State
  let children: StateProcess[]

  const start = () => {
    const child = StateProcess.start(program)
    children.push(child)
    return child
  }
  /** The facts of a snapshot as plain values. */
  const everything = async (of: State) => {
    const snapshot = value(await of.snapshot('local'))
    return Object.fromEntries(
      Object.entries(snapshot).map(([part, facts]) => [part, new Map<string, unknown>(facts)]),
    )
  }

  beforeAll(async () => {
    program = await StateProcess.program()
  })
  afterAll(() => {
    rmSync(program, { force: true })
  })
  beforeEach(async () => {
    root = newRoot()
    state = await openAt(root)
    children = []
  })
  afterEach(async () => {
    for (const child of children) await child.kill()
    await state.close()
    remove(root)
  })

  test.each(WRITES.map((_, index) => index).concat(WRITES.length))(
    'killed after write %i of a run: its writes are stored, and the lease is free at once',
    async (writes) => {
      const child = start()
      await child.ask({ do: 'open', root })
      expect(await child.ask({ do: 'acquire' })).toBe('acquired')
      for (const changes of WRITES.slice(0, writes)) {
        expect(await child.ask({ do: 'write', changes })).toMatchObject({ ok: true })
      }
      expect(value(await state.acquire(REQUEST)).busy).toBe(true)
      await children.pop()!.kill()
      const left = await everything(state)

      const reference = newRoot()
      const whole = await openAt(reference)
      const lease = await leaseOf(whole)
      for (const changes of WRITES.slice(0, writes)) value(await lease.write(changes))
      value(await lease.release(SUCCEEDED))
      expect(left).toEqual(await everything(whole))
      await whole.close()
      remove(reference)

      const taken = await leaseOf(state)
      expect(value(await state.run(taken.run - 1))?.outcome).toBe('interrupted')
      value(await taken.release(SUCCEEDED))
    },
  )

  test('killed during a write: all of the write is stored, or nothing', async () => {
    for (let round = 0; round < 10; round += 1) {
      const child = start()
      await child.ask({ do: 'open', root })
      await child.ask({ do: 'acquire' })
      child.send({ do: 'flood', changes: PAIR })
      let told = 0
      while (told < round * 3) told = (await child.answer()) as number
      await children.pop()!.kill()
      const { records } = value(await state.snapshot('local'))
      expect(records.get('a')?.rows).toBe(records.get('b')?.rows)
      if (told > 0) expect(records.get('a')?.rows).toBeGreaterThanOrEqual(told)
    }
  })

  test('a writer does not disturb a reader', async () => {
    const child = start()
    await child.ask({ do: 'open', root })
    await child.ask({ do: 'acquire' })
    child.send({ do: 'flood', changes: PAIR })
    await child.answer()
    let last = 0
    for (let look = 0; look < 200; look += 1) {
      const { records } = value(await state.snapshot('local'))
      const rows = records.get('a')!.rows!
      expect(records.get('b')!.rows).toBe(rows)
      expect(rows).toBeGreaterThanOrEqual(last)
      last = rows
    }
    while (((await child.answer()) as number) <= last);
    expect(value(await state.snapshot('local')).records.get('a')!.rows).toBeGreaterThan(last)
  })

  test('of two processes that race for the lease fifty times, exactly one gets it each time', async () => {
    const [one, two] = [start(), start()]
    for (const each of [one, two]) expect(await each.ask({ do: 'open', root })).toBe('open')
    for (let round = 0; round < 50; round += 1) {
      one.send({ do: 'acquire' })
      two.send({ do: 'acquire' })
      const answers = [await one.answer(), await two.answer()]
      expect([...answers].sort()).toEqual(['acquired', 'busy'])
      const winner = answers[0] === 'acquired' ? one : two
      expect(await winner.ask({ do: 'release' })).toMatchObject({ ok: true })
    }
    expect(value(await state.runs('local', 100))).toHaveLength(50)
  })

  test('a run that writes many records stores them in a record snapshot', async () => {
    const lease = await leaseOf(state)
    const names = Array.from({ length: 2_500 }, (_, index) => `asset_${index}`)
    value(await lease.write(names.map((name) => ({ change: 'commit', record: record(name) }))))
    value(await lease.release(SUCCEEDED))
    const next = await leaseOf(state)
    value(await next.write([{ change: 'commit', record: record('asset_7', { rows: 7 }) }]))
    value(await next.release(SUCCEEDED))
    const file = new DatabaseSync(join(root, '.assets', 'state.sqlite'))
    const sheets = 'select count(*) as rows, max(written_by) as newest from sheets'
    expect(file.prepare(sheets).get()).toMatchObject({ rows: 1, newest: lease.run })
    const loose = `select name from records where written_by > ${lease.run}`
    expect(file.prepare(loose).all()).toMatchObject([{ name: 'asset_7' }])
    file.close()
  })

  test('a missing file is created once by many processes', async () => {
    const four = [start(), start(), start(), start()]
    for (let round = 0; round < 15; round += 1) {
      const fresh = join(root, `round-${round}`)
      for (const each of four) each.send({ do: 'open', root: fresh })
      for (const each of four) expect(await each.answer()).toBe('open')
    }
  })
})
