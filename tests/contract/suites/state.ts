import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Result } from '../../../framework/model/problem.ts'
import type { CheckResult, Materialization } from '../../../framework/model/record.ts'
import type { StepSummary } from '../../../framework/model/run.ts'
import { NO_OUTCOMES } from '../../../framework/model/step.ts'
import type { Busy, Change, Lease, State } from '../../../framework/ports/state.ts'
import { HEARTBEAT, type Owner, type Processes } from '../../../framework/state/owner.ts'

/** One empty state and the processes that use it. */
export interface StateBed {
  /** Opens the state as another process would: with a connection of its own. */
  open(who: { readonly clock: () => number; readonly processes: Processes }): Promise<State>
  /** Removes it; every state it opened is closed by then. */
  remove(): Promise<void>
}

const TARGET = 'local'
const START = Date.UTC(2026, 0, 1)
const MINUTE = 60_000

/** Machines with processes that start and die when the test says so, and one clock for all. */
class Machines {
  now = START
  readonly #alive = new Set<string>()

  process(pid: number, realm = 'here'): Processes {
    const self: Owner = { host: `host-${realm}`, realm, pid, started: `${pid}` }
    this.#alive.add(key(self))
    return {
      self,
      lives: (owner) => (owner.realm === realm ? this.#alive.has(key(owner)) : null),
    }
  }

  kill(processes: Processes): void {
    this.#alive.delete(key(processes.self))
  }
}

const key = (owner: Owner) => `${owner.realm}/${owner.pid}`

export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('\n'))
  return result.value
}

export function record(asset: string, change: Partial<Materialization> = {}): Materialization {
  return {
    asset,
    run: 1,
    startedAt: START + 1,
    finishedAt: START + 2,
    codeVersion: 'code-1',
    parts: [],
    inputs: [],
    dataVersion: `c:s/1:${asset}-1`,
    shape: null,
    installed: null,
    rows: null,
    bytes: null,
    token: null,
    source: null,
    reference: null,
    how: 'built',
    ...change,
  }
}

function checked(check: string, change: Partial<CheckResult> = {}): CheckResult {
  return {
    check,
    run: 1,
    startedAt: START + 1,
    finishedAt: START + 2,
    codeVersion: 'code-1',
    parts: [{ label: 'sql', version: 'p1', file: 'tests/unique.sql' }],
    inputs: [{ name: 'a', version: 'c:s/1:a-1', shape: null }],
    outcome: 'pass',
    failures: 0,
    message: null,
    ...change,
  }
}

function step(name: string, change: Partial<StepSummary> = {}): StepSummary {
  return {
    name,
    action: 'build',
    outcome: 'built',
    batch: 1,
    startedAt: START,
    finishedAt: START + 1_500,
    rows: 3,
    reasons: [{ reason: 'missing', message: 'never built' }],
    reference: null,
    problem: null,
    note: null,
    ...change,
  }
}

export const SUCCEEDED = { outcome: 'succeeded', counts: NO_OUTCOMES } as const

const REQUEST = { target: TARGET, command: 'materialize', job: null }

export function leased(got: Lease | Busy): Lease {
  if (got.busy) throw new Error(`busy with run ${got.run}`)
  return got
}

/** What every implementation of `ports/state.ts` does. */
export function stateContract(name: string, make: () => Promise<StateBed>): void {
  describe(`state: ${name}`, () => {
    let bed: StateBed
    let machines: Machines
    let opened: State[]
    let me: Processes
    let state: State

    const open = async (processes: Processes) => {
      const state = await bed.open({ clock: () => machines.now, processes })
      opened.push(state)
      return state
    }
    const acquire = async (from = state) => leased(value(await from.acquire(REQUEST)))
    const run = async (...changes: Change[]) => {
      const lease = await acquire()
      value(await lease.write(changes))
      value(await lease.release(SUCCEEDED))
      return lease.run
    }
    const snapshot = async (from = state) => value(await from.snapshot(TARGET))

    beforeEach(async () => {
      bed = await make()
      machines = new Machines()
      opened = []
      me = machines.process(100)
      state = await open(me)
    })
    afterEach(async () => {
      for (const each of opened) await each.close()
      await bed.remove()
    })

    describe('snapshot', () => {
      test('of a target that nobody has built is empty', async () => {
        const empty = await snapshot()
        const { columns, ...parts } = empty
        for (const part of Object.values(parts)) expect(part.size).toBe(0)
        expect(columns?.names.size ?? 0).toBe(0)
        expect(value(await state.durations(TARGET)).size).toBe(0)
        expect(value(await state.runs(TARGET, 10))).toEqual([])
        expect(value(await state.run(1))).toBeNull()
      })

      test('gives records back as they were committed, whatever their text', async () => {
        const full = record('mart.fact_payment', {
          parts: [
            { label: 'model', version: 'm1', file: 'dbt/models/é "q".sql' },
            { label: 'var a\nb', version: 'v1' },
          ],
          inputs: [
            { name: 'a', version: 'c:s/1:a', shape: { relation: 'raw.a', columns: null } },
            { name: 'b', version: null, shape: null },
          ],
          shape: { relation: 'marts.fact_payment', columns: 'f00' },
          installed: 'i1',
          rows: 14_596,
          bytes: 2 ** 50,
          token: 'tab\tline\nnul\u0000\ud83d',
          source: { snapshot: '1:2:', tables: [1, null, 'x'] },
          reference: 'Airbyte job 9123',
          how: 'adopted',
        })
        const bare = record('b', { dataVersion: null })
        await run({ change: 'commit', record: full }, { change: 'commit', record: bare })
        const { records } = await snapshot()
        expect(records.get('mart.fact_payment')).toEqual(full)
        expect([...records.keys()].sort()).toEqual(['b', 'mart.fact_payment'])
        expect(new Map(records)).toEqual(new Map([...records.entries()]))
        expect([...records.values()].find((each) => each.asset === 'b')).toEqual(bare)
        expect(records.has('c')).toBe(false)
        expect(records.get('c')).toBeUndefined()
        expect(records.size).toBe(2)
      })

      test('keeps targets apart', async () => {
        await run({ change: 'commit', record: record('a') })
        const prod = value(await state.snapshot('prod'))
        expect(prod.records.size).toBe(0)
        const lease = leased(value(await state.acquire({ ...REQUEST, target: 'prod' })))
        value(await lease.write([{ change: 'commit', record: record('a', { rows: 7 }) }]))
        expect((await snapshot()).records.get('a')?.rows).toBeNull()
      })

      test('is the same from thousands of records, before and after later runs', async () => {
        const names = Array.from({ length: 2_500 }, (_, index) => `asset_${index}`)
        await run(...names.map((name): Change => ({ change: 'commit', record: record(name) })))
        const first = await snapshot()
        expect(first.records.size).toBe(2_500)
        expect(first.records.get('asset_1700')).toEqual(record('asset_1700'))
        await run(
          { change: 'commit', record: record('asset_1700', { rows: 5 }) },
          { change: 'commit', record: record('new') },
        )
        const second = await snapshot()
        expect(second.records.size).toBe(2_501)
        expect(second.records.get('asset_1700')?.rows).toBe(5)
        expect(second.records.get('asset_1701')).toEqual(record('asset_1701'))
        expect(second.records.get('new')).toEqual(record('new'))
        // What was read stays as it was.
        expect(first.records.get('asset_1700')?.rows).toBeNull()
      })

      test('sees all of a write or nothing of it', async () => {
        const other = await open(machines.process(101))
        const lease = await acquire()
        for (let round = 0; round < 50; round += 1) {
          const rows = { rows: round }
          const [, seen] = await Promise.all([
            lease.write([
              { change: 'commit', record: record('a', rows) },
              { change: 'commit', record: record('b', rows) },
            ]),
            snapshot(other),
          ])
          expect(seen.records.get('a')?.rows).toBe(seen.records.get('b')?.rows)
        }
      })
    })

    describe('journal', () => {
      test('an entry under a live run is being built, for whoever looks', async () => {
        const other = await open(machines.process(101))
        const lease = await acquire()
        value(await lease.write([{ change: 'begin', name: 'a', at: START + 5 }]))
        const entry = { name: 'a', run: lease.run, at: START + 5, reference: null }
        for (const from of [state, other]) {
          expect((await snapshot(from)).journal.get('a')).toEqual({
            ...entry,
            phase: { state: 'building' },
          })
        }
        machines.kill(me)
        expect((await snapshot(other)).journal.get('a')?.phase).toEqual({ state: 'begun' })
      })

      test('what an earlier run left begun is not being built by the next one', async () => {
        const other = await open(machines.process(101))
        const lease = await acquire()
        value(await lease.write([{ change: 'begin', name: 'a', at: START }]))
        machines.kill(me)
        const next = await acquire(other)
        value(await next.write([{ change: 'begin', name: 'b', at: START }]))
        const { journal } = await snapshot(other)
        expect(journal.get('a')).toMatchObject({ run: lease.run, phase: { state: 'begun' } })
        expect(journal.get('b')).toMatchObject({ run: next.run, phase: { state: 'building' } })
      })

      test('a commit closes the entry, clears the mark and what was observed', async () => {
        const lease = await acquire()
        const observation = { at: START, version: null, shape: null, token: null, present: true }
        value(
          await lease.write([
            { change: 'mark', names: ['a', 'b'], mark: 'forced' },
            { change: 'observed', name: 'a', observation },
            { change: 'begin', name: 'a', at: START },
            { change: 'begin', name: 'b', at: START },
            { change: 'commit', record: record('a') },
          ]),
        )
        const after = await snapshot()
        expect([...after.journal.keys()]).toEqual(['b'])
        expect([...after.marks]).toEqual([['b', 'forced']])
        expect(after.observed.size).toBe(0)
      })

      test('a failure and a cancellation stay until the next begin', async () => {
        const lease = await acquire()
        value(
          await lease.write([
            { change: 'begin', name: 'a', at: START },
            { change: 'failed', name: 'a', at: START + 1, message: 'no such column' },
            { change: 'cancelled', name: 'b', at: START + 2 },
          ]),
        )
        const { journal } = await snapshot()
        expect(journal.get('a')).toMatchObject({
          at: START + 1,
          phase: { state: 'failed', message: 'no such column' },
        })
        expect(journal.get('b')?.phase).toEqual({ state: 'cancelled' })
        value(await lease.write([{ change: 'begin', name: 'a', at: START + 3 }]))
        expect((await snapshot()).journal.get('a')?.phase).toEqual({ state: 'building' })
      })

      test('the reference of a job outlives the begin of a later run', async () => {
        await run(
          { change: 'begin', name: 'a', at: START },
          { change: 'reference', name: 'a', reference: { job: 9123 } },
        )
        const lease = await acquire()
        value(await lease.write([{ change: 'begin', name: 'a', at: START + 9 }]))
        expect((await snapshot()).journal.get('a')).toMatchObject({
          run: lease.run,
          at: START + 9,
          reference: { job: 9123 },
        })
      })

      test('a write that can not be made whole is not made at all', async () => {
        const lease = await acquire()
        const circular: Record<string, unknown> = {}
        circular.self = circular
        const broken = record('b', { source: circular as never })
        await expect(
          lease.write([
            { change: 'commit', record: record('a') },
            { change: 'commit', record: broken },
          ]),
        ).rejects.toThrow()
        expect((await snapshot()).records.size).toBe(0)
        value(await lease.write([{ change: 'commit', record: record('c') }]))
        expect([...(await snapshot()).records.keys()]).toEqual(['c'])
      })
    })

    describe('other facts', () => {
      test('checks: their results, and that they close their entry', async () => {
        const lease = await acquire()
        value(await lease.write([{ change: 'begin', name: 'unique_a', at: START }]))
        value(await lease.write([{ change: 'checked', result: checked('unique_a') }]))
        const warned = checked('unique_a', { outcome: 'warn', failures: 3, message: 'three' })
        value(await lease.write([{ change: 'checked', result: warned }]))
        const { checks, journal } = await snapshot()
        expect(checks.get('unique_a')).toEqual(warned)
        expect(journal.size).toBe(0)
      })

      test('a full refresh that was asked for is not weakened by a force', async () => {
        await run(
          { change: 'mark', names: ['a', 'b'], mark: 'full_refresh' },
          { change: 'mark', names: ['a', 'c'], mark: 'forced' },
          { change: 'mark', names: ['c'], mark: 'full_refresh' },
        )
        expect(Object.fromEntries((await snapshot()).marks)).toEqual({
          a: 'full_refresh',
          b: 'full_refresh',
          c: 'full_refresh',
        })
      })

      test('content versions of a view: the newest eight keys', async () => {
        const keys = Array.from({ length: 10 }, (_, index) => `k${index}`)
        await run(
          ...keys.map((key): Change => ({ change: 'remember', asset: 'v', key, version: key })),
          { change: 'remember', asset: 'v', key: 'k3', version: 'again' },
        )
        const remembered = (await snapshot()).remembered.get('v')
        expect([...(remembered?.keys() ?? [])]).toEqual([
          ...['k2', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9', 'k3'],
        ])
        expect(remembered?.get('k3')).toBe('again')
      })

      test('a newer position takes the place of the recorded one and of nothing else', async () => {
        const built = record('raw', { source: { lsn: 1 }, rows: 4 })
        await run({ change: 'commit', record: built })
        await run(
          { change: 'position', asset: 'raw', source: { lsn: 2 } },
          { change: 'position', asset: 'never_built', source: { lsn: 2 } },
        )
        const { records } = await snapshot()
        expect(records.get('raw')).toEqual({ ...built, source: { lsn: 2 } })
        expect(records.size).toBe(1)
      })

      test('observations and gates are noted without a lease, beside a run', async () => {
        const other = await open(machines.process(101))
        await acquire()
        const seen = { at: START + 9, version: 'f:1', shape: null, token: 't', present: true }
        value(
          await other.note(TARGET, [
            { change: 'observed', name: 'prices', observation: seen },
            { change: 'gate', subject: 'warehouse', token: 'g1' },
            { change: 'gate', subject: 'warehouse', token: 'g2' },
            { change: 'gate', subject: 'source:s', token: 'g3' },
          ]),
        )
        value(await other.note(TARGET, [{ change: 'gate', subject: 'source:s', token: null }]))
        const { observed, gates } = await snapshot()
        expect(observed.get('prices')).toEqual(seen)
        expect([...gates]).toEqual([['warehouse', 'g2']])
      })

      test('an observation does not replace a newer one, nor what was built since', async () => {
        await run({ change: 'commit', record: record('a', { finishedAt: START + 10 }) })
        const at = (at: number) => ({ at, version: null, shape: null, token: null, present: true })
        const observe = (name: string, when: number) =>
          state.note(TARGET, [{ change: 'observed', name, observation: at(when) }])
        value(await observe('a', START + 9))
        value(await observe('e', START + 9))
        value(await observe('e', START + 8))
        const { observed } = await snapshot()
        expect(observed.has('a')).toBe(false)
        expect(observed.get('e')?.at).toBe(START + 9)
      })

      test('durations: how long each took when it last went through', async () => {
        const quick = { finishedAt: START + 500 }
        await run({ change: 'step', step: step('a') }, { change: 'step', step: step('b') })
        await run(
          { change: 'step', step: step('a', quick) },
          { change: 'step', step: step('b', { ...quick, outcome: 'failed' }) },
          { change: 'step', step: step('unique_a', { ...quick, outcome: 'checked' }) },
        )
        const durations = value(await state.durations(TARGET))
        expect(Object.fromEntries(durations)).toEqual({ a: 0.5, b: 1.5, unique_a: 0.5 })
      })
    })

    describe('lease', () => {
      test('is one at a time, and says who has it', async () => {
        const other = await open(machines.process(101, 'there'))
        const lease = await acquire()
        machines.now += 1_000
        expect(value(await other.acquire(REQUEST))).toEqual({
          busy: true,
          run: lease.run,
          host: 'host-here',
          pid: 100,
          since: START,
        })
        expect(value(await other.acquire({ ...REQUEST, target: 'prod' })).busy).toBe(false)
        value(await lease.release(SUCCEEDED))
        expect((await acquire(other)).run).toBeGreaterThan(lease.run)
      })

      test('of a dead process is replaced at once', async () => {
        const other = await open(machines.process(101))
        const lease = await acquire()
        machines.kill(me)
        expect((await acquire(other)).run).toBeGreaterThan(lease.run)
      })

      test('of a live process on this machine is kept, however silent it is', async () => {
        const other = await open(machines.process(101))
        const lease = await acquire()
        machines.now += 60 * MINUTE
        expect(value(await other.acquire(REQUEST))).toMatchObject({ busy: true, run: lease.run })
      })

      test('of a silent process elsewhere is replaced after a minute, not before', async () => {
        const other = await open(machines.process(101, 'there'))
        const lease = await acquire()
        machines.now += MINUTE
        value(await lease.write([{ change: 'begin', name: 'a', at: START }]))
        machines.now += MINUTE - 1
        expect(value(await other.acquire(REQUEST)).busy).toBe(true)
        machines.now += 1
        expect((await acquire(other)).run).toBeGreaterThan(lease.run)
      })

      test('beats by itself while its process has nothing to write', async () => {
        vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
        try {
          const other = await open(machines.process(101, 'there'))
          const lease = await acquire()
          machines.now += MINUTE - 1
          vi.advanceTimersByTime(HEARTBEAT)
          // The beat is written before what this state is asked next.
          await snapshot()
          machines.now += MINUTE - 1
          expect(value(await other.acquire(REQUEST))).toMatchObject({ busy: true, run: lease.run })
          machines.now += 1
          const taker = await acquire(other)
          vi.advanceTimersByTime(HEARTBEAT)
          await snapshot()
          machines.now += MINUTE
          expect((await acquire()).run).toBeGreaterThan(taker.run)
        } finally {
          vi.useRealTimers()
        }
      })

      test('once replaced, the old owner can write nothing more', async () => {
        const other = await open(machines.process(101, 'there'))
        const lease = await acquire()
        value(await lease.write([{ change: 'begin', name: 'a', at: START }]))
        machines.now += 2 * MINUTE
        const taker = await acquire(other)
        const late = await lease.write([{ change: 'commit', record: record('a') }])
        expect(late).toMatchObject({ ok: false, problems: [{ code: 'lease-lost' }] })
        expect(late.ok ? '' : late.problems[0]?.message).toContain(`run ${taker.run} on host-there`)
        expect(await lease.release(SUCCEEDED)).toMatchObject({
          ok: false,
          problems: [{ code: 'lease-lost' }],
        })
        const { records, journal } = await snapshot(other)
        expect(records.size).toBe(0)
        expect(journal.get('a')?.phase).toEqual({ state: 'begun' })
        value(await taker.write([{ change: 'commit', record: record('b') }]))
        value(await taker.release(SUCCEEDED))
        expect(await lease.write([{ change: 'begin', name: 'a', at: START }])).toMatchObject({
          ok: false,
          problems: [{ code: 'lease-lost' }],
        })
      })

      test('is given back when its process closes the state without an end', async () => {
        const other = await open(machines.process(101))
        const lease = await acquire()
        await state.close()
        await acquire(other)
        expect(value(await other.run(lease.run))?.outcome).toBe('interrupted')
      })
    })

    describe('runs', () => {
      test('are running, ended or interrupted, newest first', async () => {
        const other = await open(machines.process(101))
        const first = leased(
          value(await state.acquire({ target: TARGET, command: 'run nightly', job: 'nightly' })),
        )
        machines.now += 5_000
        const counts = { ...NO_OUTCOMES, built: 2, failed: 1 }
        const share = { steps: 2, seconds: 1.5, untimed: 1 }
        const balance = { worked: share, fresh: share, unchanged: share, released: share }
        value(await first.release({ outcome: 'failed', counts, balance }))
        const second = await acquire()
        value(await second.write([{ change: 'step', step: step('a') }]))
        const [running] = value(await other.runs(TARGET, 1))
        expect(running).toMatchObject({ run: second.run, outcome: 'running', finishedAt: null })
        machines.kill(me)
        expect(value(await other.runs(TARGET, 10))).toEqual([
          {
            run: second.run,
            target: TARGET,
            command: 'materialize',
            job: null,
            startedAt: START + 5_000,
            finishedAt: null,
            outcome: 'interrupted',
            counts: { built: 1 },
            balance: null,
          },
          {
            run: first.run,
            target: TARGET,
            command: 'run nightly',
            job: 'nightly',
            startedAt: START,
            finishedAt: START + 5_000,
            outcome: 'failed',
            counts,
            balance,
          },
        ])
        expect(value(await other.runs('prod', 10))).toEqual([])
        await acquire(other)
        expect(value(await other.run(second.run))?.outcome).toBe('interrupted')
      })

      test('keep their steps in the order in which they ended', async () => {
        const late = step('a', { finishedAt: START + 9_000 })
        const problem = { code: 'dbt-failed', message: 'b failed', hint: 'mend it' }
        const soon = step('b', { outcome: 'failed', problem, reference: 'job 1' })
        const id = await run({ change: 'step', step: late }, { change: 'step', step: soon })
        expect(value(await state.run(id))?.steps).toEqual([soon, late])
        expect(value(await state.run(id + 1))).toBeNull()
      })

      test('beyond the last thousand are forgotten, and no number comes twice', async () => {
        const first = await run({ change: 'step', step: step('a') })
        let last = first
        for (let each = 0; each < 1_000; each += 1) last = await run()
        expect(last).toBe(first + 1_000)
        expect(value(await state.run(first))).toBeNull()
        expect(value(await state.run(first + 1))).not.toBeNull()
        expect(value(await state.runs(TARGET, 5_000))).toHaveLength(1_000)
      })
    })

    describe('producer', () => {
      const version = (n: number) => `c:s/1:v${n}`
      const raw = (n: number, change: Partial<Materialization> = {}) =>
        record('raw', { dataVersion: version(n), run: n, ...change })
      const reader = (n: number) =>
        record('mart', { inputs: [{ name: 'raw', version: version(n), shape: null }] })
      const producer = async (n: number) => value(await state.producer(TARGET, 'raw', version(n)))

      test('is the record that has the version, also once it was replaced', async () => {
        await run({ change: 'commit', record: raw(1) }, { change: 'commit', record: reader(1) })
        expect((await producer(1))?.run).toBe(1)
        await run({ change: 'commit', record: raw(2) })
        expect((await producer(1))?.run).toBe(1)
        expect(await producer(2)).toEqual(raw(2))
        expect(await producer(3)).toBeNull()
        expect(value(await state.producer('prod', 'raw', version(1)))).toBeNull()
      })

      test('is the build that brought the content, not one that gave it again', async () => {
        await run({ change: 'commit', record: raw(1) })
        for (const again of [2, 3]) {
          await run({ change: 'commit', record: raw(1, { run: again, how: 'unchanged' }) })
        }
        expect((await producer(1))?.run).toBe(1)
        await run({ change: 'commit', record: raw(2) }, { change: 'commit', record: raw(1) })
        await run({ change: 'commit', record: raw(1, { run: 9 }) })
        expect((await producer(1))?.run).toBe(9)
      })

      test('stays known while a record or a check names it, among thousands that are not', async () => {
        const seen = checked('unique', {
          inputs: [{ name: 'raw', version: version(2), shape: null }],
        })
        const builds = Array.from({ length: 1_100 }, (_, n) => raw(n))
        await run(
          { change: 'commit', record: reader(1) },
          { change: 'checked', result: seen },
          ...builds.map((each): Change => ({ change: 'commit', record: each })),
        )
        expect((await producer(1))?.run).toBe(1)
        expect((await producer(2))?.run).toBe(2)
        expect((await producer(1_099))?.run).toBe(1_099)
        expect(await producer(3)).toBeNull()
        expect(await producer(1_098)).toBeNull()
      })
    })
  })
}
