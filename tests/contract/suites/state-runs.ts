import { describe, expect, test, vi } from 'vitest'
import type { Materialization } from '../../../framework/model/record.ts'
import { NO_OUTCOMES } from '../../../framework/model/step.ts'
import type { Change } from '../../../framework/ports/state.ts'
import { HEARTBEAT } from '../../../framework/state/lease-owner.ts'
import {
  checked,
  leased,
  MINUTE,
  REQUEST,
  record,
  START,
  type StateRig,
  SUCCEEDED,
  step,
  TARGET,
  value,
} from './state.ts'

/** The contract of leases, runs and producers. */
export function runsContract(rig: StateRig): void {
  describe('lease', () => {
    rig.testOf('processes', 'is exclusive, and names its holder', async () => {
      const other = await rig.open(rig.machines.process(101, 'there'))
      const lease = await rig.acquire()
      rig.machines.now += 1_000
      expect(value(await other.acquire(REQUEST))).toEqual({
        busy: true,
        run: lease.run,
        host: 'host-here',
        pid: 100,
        since: START,
        isUnsure: false,
      })
      expect(value(await other.acquire({ ...REQUEST, target: 'prod' })).busy).toBe(false)
      value(await lease.release(SUCCEEDED))
      expect((await rig.acquire(other)).run).toBeGreaterThan(lease.run)
    })

    test('is released after its pending changes are written', async () => {
      const lease = await rig.acquire()
      const writing = lease.write([{ change: 'begin', name: 'a', at: START }])
      value(await lease.release(SUCCEEDED))
      value(await writing)
      expect((await rig.snapshot()).journal.has('a')).toBe(true)
    })

    rig.testOf('processes', 'of a dead process is replaced at once', async () => {
      const other = await rig.open(rig.machines.process(101))
      const lease = await rig.acquire()
      rig.machines.kill(rig.me)
      expect((await rig.acquire(other)).run).toBeGreaterThan(lease.run)
    })

    rig.testOf(
      'processes',
      'of a dead process is replaced after what it left running has ended',
      async () => {
        const other = await rig.open(rig.machines.process(101))
        const lease = await rig.acquire()
        const program = { pid: 7, started: '8' }
        value(
          await lease.write([
            { change: 'begin', name: 'a', at: START },
            { change: 'reference', name: 'a', reference: { program } },
            { change: 'begin', name: 'b', at: START },
            { change: 'begin', name: 'c', at: START },
            { change: 'commit', record: record('c') },
          ]),
        )
        rig.machines.kill(rig.me)
        const found = {
          busy: 'abandoned',
          run: lease.run,
          owner: { pid: 100, started: '100' },
          programs: new Map([
            ['a', program],
            ['b', null],
          ]),
        }
        expect(value(await other.acquire(REQUEST))).toEqual(found)
        expect(value(await other.acquire({ ...REQUEST, after: lease.run - 1 }))).toEqual(found)
        const next = value(await other.acquire({ ...REQUEST, after: lease.run }))
        expect(next).toMatchObject({ busy: false, run: lease.run + 1 })
      },
    )

    rig.testOf(
      'processes',
      'of a live process on this machine is kept, even without heartbeats',
      async () => {
        const other = await rig.open(rig.machines.process(101))
        const lease = await rig.acquire()
        rig.machines.now += 60 * MINUTE
        expect(value(await other.acquire(REQUEST))).toMatchObject({ busy: true, run: lease.run })
      },
    )

    rig.testOf(
      'processes',
      'of a process elsewhere is replaced a minute after its last heartbeat, not before',
      async () => {
        const other = await rig.open(rig.machines.process(101, 'there'))
        const lease = await rig.acquire()
        rig.machines.now += MINUTE
        value(await lease.write([{ change: 'begin', name: 'a', at: START }]))
        rig.machines.now += MINUTE - 1
        expect(value(await other.acquire(REQUEST)).busy).toBe(true)
        rig.machines.now += 1
        expect((await rig.acquire(other)).run).toBeGreaterThan(lease.run)
      },
    )

    rig.testOf(
      'processes',
      'with a heartbeat in the future is judged by the life of its owner, not by the clock',
      async () => {
        const near = await rig.open(rig.machines.process(101))
        const far = await rig.open(rig.machines.process(102, 'there'))
        const lease = await rig.acquire()
        rig.machines.now -= 24 * 60 * MINUTE
        const held = { busy: true, run: lease.run }
        expect(value(await near.acquire(REQUEST))).toMatchObject({ ...held, isUnsure: false })
        expect(value(await far.acquire(REQUEST))).toMatchObject({ ...held, isUnsure: true })
        rig.machines.kill(rig.me)
        rig.machines.now += MINUTE - 1
        expect(value(await far.acquire(REQUEST))).toMatchObject({ ...held, isUnsure: true })
        rig.machines.now += 1
        expect((await rig.acquire(far)).run).toBe(lease.run + 1)
      },
    )

    rig.testOf('processes', 'sends heartbeats while its process has nothing to write', async () => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
      try {
        const other = await rig.open(rig.machines.process(101, 'there'))
        const lease = await rig.acquire()
        rig.machines.now += MINUTE - 1
        vi.advanceTimersByTime(HEARTBEAT)
        // The heartbeat is written before the next query.
        await rig.snapshot()
        rig.machines.now += MINUTE - 1
        expect(value(await other.acquire(REQUEST))).toMatchObject({ busy: true, run: lease.run })
        rig.machines.now += 1
        const taker = await rig.acquire(other)
        vi.advanceTimersByTime(HEARTBEAT)
        await rig.snapshot()
        rig.machines.now += MINUTE
        expect((await rig.acquire()).run).toBeGreaterThan(taker.run)
      } finally {
        vi.useRealTimers()
      }
    })

    rig.testOf('processes', 'once replaced, refuses writes of the old owner', async () => {
      const other = await rig.open(rig.machines.process(101, 'there'))
      const lease = await rig.acquire()
      value(await lease.write([{ change: 'begin', name: 'a', at: START }]))
      rig.machines.now += 2 * MINUTE
      const taker = await rig.acquire(other)
      const late = await lease.write([{ change: 'commit', record: record('a') }])
      expect(late).toMatchObject({ ok: false, problems: [{ code: 'lease-lost' }] })
      expect(late.ok ? '' : late.problems[0]?.message).toContain(`run ${taker.run} on host-there`)
      expect(await lease.release(SUCCEEDED)).toMatchObject({
        ok: false,
        problems: [{ code: 'lease-lost' }],
      })
      const { records, journal } = await rig.snapshot(other)
      expect(records.size).toBe(0)
      expect(journal.get('a')?.phase).toEqual({ state: 'begun' })
      value(await taker.write([{ change: 'commit', record: record('b') }]))
      value(await taker.release(SUCCEEDED))
      expect(await lease.write([{ change: 'begin', name: 'a', at: START }])).toMatchObject({
        ok: false,
        problems: [{ code: 'lease-lost' }],
      })
    })

    rig.testOf(
      'processes',
      'is released when its process closes the state without ending the run',
      async () => {
        const other = await rig.open(rig.machines.process(101))
        const lease = await rig.acquire()
        await rig.state.close()
        await rig.acquire(other)
        expect(value(await other.run(lease.run))?.outcome).toBe('interrupted')
      },
    )
  })

  describe('runs', () => {
    rig.testOf('processes', 'are running, ended or interrupted, newest first', async () => {
      const other = await rig.open(rig.machines.process(101))
      const first = leased(
        value(await rig.state.acquire({ target: TARGET, command: 'run nightly', job: 'nightly' })),
      )
      rig.machines.now += 5_000
      const counts = { ...NO_OUTCOMES, built: 2, failed: 1 }
      const share = { steps: 2, seconds: 1.5, untimed: 1 }
      const savings = { worked: share, fresh: share, unchanged: share, released: share }
      value(await first.release({ outcome: 'failed', counts, savings }))
      const second = await rig.acquire()
      value(await second.write([{ change: 'step', step: step('a') }]))
      const [running] = value(await other.runs(TARGET, 1))
      expect(running).toMatchObject({ run: second.run, outcome: 'running', finishedAt: null })
      rig.machines.kill(rig.me)
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
          savings: null,
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
          savings,
        },
      ])
      expect(value(await other.runs('prod', 10))).toEqual([])
      await rig.acquire(other)
      expect(value(await other.run(second.run))?.outcome).toBe('interrupted')
    })

    test('list their steps in the order in which they ended', async () => {
      const late = step('a', { finishedAt: START + 9_000 })
      const problem = { code: 'dbt-failed' as const, message: 'b failed', hint: 'fix it' }
      const soon = step('b', { outcome: 'failed', problem, reference: 'job 1' })
      const id = await rig.run({ change: 'step', step: late }, { change: 'step', step: soon })
      expect(value(await rig.state.run(id))?.steps).toEqual([soon, late])
      expect(value(await rig.state.run(id + 1))).toBeNull()
    })

    rig.testOf(
      'pruning',
      'older than ninety days are deleted, but the newest hundred, and numbers are not reused',
      async () => {
        const first = await rig.run({ change: 'step', step: step('a') })
        for (let each = 1; each < 150; each += 1) await rig.run()
        rig.machines.now += 91 * 24 * 60 * MINUTE
        expect(value(await rig.state.run(first))).not.toBeNull()
        const last = await rig.run()
        expect(last).toBe(first + 150)
        expect(value(await rig.state.run(first))).toBeNull()
        expect(value(await rig.state.runs(TARGET, 5_000))).toHaveLength(100)
      },
    )
  })

  describe('what a run notes', () => {
    const event = (seq: number) => ({ seq, at: START + seq, text: `{"event":"e${seq}"}` })
    const watched = async (run: number, after = 0) => value(await rig.state.watch(run, after))

    test('is there for who watches it, within some seconds', async () => {
      const lease = await rig.acquire()
      lease.note(event(1), null)
      lease.note(event(2), { at: START, text: '["half"]' })
      lease.note(null, { at: START + 9, text: '["more"]' })
      await vi.waitFor(async () => expect((await watched(lease.run)).events).toHaveLength(2), 5_000)
      lease.note(event(3), null)
      await vi.waitFor(async () => expect((await watched(lease.run)).events).toHaveLength(3), 5_000)
      expect(await watched(lease.run, 1)).toEqual({
        events: [event(2), event(3)],
        progress: { at: START + 9, text: '["more"]' },
      })
      expect((await watched(lease.run, 3)).events).toEqual([])
      expect((await watched(lease.run + 1)).events).toEqual([])
    })

    test('is written with its end at the latest, and its progress is gone then', async () => {
      const lease = await rig.acquire()
      lease.note(event(1), { at: START, text: '["half"]' })
      value(await lease.release(SUCCEEDED))
      expect(await watched(lease.run)).toEqual({ events: [event(1)], progress: null })
    })

    rig.testOf('pruning', 'is kept for the newest fifty runs', async () => {
      const first = await rig.acquire()
      first.note(event(1), null)
      value(await first.release(SUCCEEDED))
      for (let each = 1; each < 50; each += 1) await rig.run()
      expect((await watched(first.run)).events).toHaveLength(1)
      await rig.run()
      expect((await watched(first.run)).events).toEqual([])
    })
  })

  describe('steps of an asset', () => {
    test('are the last ones, newest first, of its target alone', async () => {
      const runs: number[] = []
      for (const rows of [1, 2, 3]) {
        const of = (name: string): Change => ({ change: 'step', step: step(name, { rows }) })
        runs.push(await rig.run(of('a'), of('b')))
      }
      const steps = value(await rig.state.steps(TARGET, 'a', 2))
      expect(steps.map(({ run, step: { name, rows } }) => [run, name, rows])).toEqual([
        [runs[2], 'a', 3],
        [runs[1], 'a', 2],
      ])
      expect(value(await rig.state.steps('prod', 'a', 2))).toEqual([])
    })
  })

  describe('producer', () => {
    const version = (n: number) => `c:s/1:v${n}`
    const raw = (n: number, change: Partial<Materialization> = {}) =>
      record('raw', { dataVersion: version(n), run: n, ...change })
    const reader = (n: number) =>
      record('mart', { inputs: [{ name: 'raw', version: version(n), shape: null }] })
    const producer = async (n: number) => value(await rig.state.producer(TARGET, 'raw', version(n)))

    test('is the record with the version, even after it was replaced', async () => {
      await rig.run({ change: 'commit', record: raw(1) }, { change: 'commit', record: reader(1) })
      expect((await producer(1))?.run).toBe(1)
      await rig.run({ change: 'commit', record: raw(2) })
      expect((await producer(1))?.run).toBe(1)
      expect(await producer(2)).toEqual(raw(2))
      expect(await producer(3)).toBeNull()
      expect(value(await rig.state.producer('prod', 'raw', version(1)))).toBeNull()
    })

    test('is the build that first produced the content, not a later one with the same content', async () => {
      await rig.run({ change: 'commit', record: raw(1) })
      for (const again of [2, 3]) {
        await rig.run({ change: 'commit', record: raw(1, { run: again, how: 'unchanged' }) })
      }
      expect((await producer(1))?.run).toBe(1)
      await rig.run({ change: 'commit', record: raw(2) }, { change: 'commit', record: raw(1) })
      await rig.run({ change: 'commit', record: raw(1, { run: 9 }) })
      expect((await producer(1))?.run).toBe(9)
    })

    rig.testOf(
      'pruning',
      'is kept while a record or a check names its version, among thousands that are pruned',
      async () => {
        const seen = checked('unique', {
          inputs: [{ name: 'raw', version: version(2), shape: null }],
        })
        const builds = Array.from({ length: 1_100 }, (_, n) => raw(n))
        await rig.run(
          { change: 'commit', record: reader(1) },
          { change: 'checked', result: seen },
          ...builds.map((each): Change => ({ change: 'commit', record: each })),
        )
        expect((await producer(1))?.run).toBe(1)
        expect((await producer(2))?.run).toBe(2)
        expect((await producer(1_099))?.run).toBe(1_099)
        expect(await producer(3)).toBeNull()
        expect(await producer(1_098)).toBeNull()
      },
    )
  })
}
