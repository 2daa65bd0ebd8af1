import { describe, expect, test } from 'vitest'
import type { Leftover } from '../../../framework/model/record.ts'
import type { Change } from '../../../framework/ports/state.ts'
import {
  checked,
  leased,
  REQUEST,
  record,
  START,
  type StateRig,
  step,
  TARGET,
  value,
} from './state.ts'

/** The contract of stored facts: records, journal, checks, observations, durations. */
export function factsContract(rig: StateRig): void {
  describe('snapshot', () => {
    test('of a target that was never built is empty', async () => {
      const empty = await rig.snapshot()
      for (const part of Object.values(empty)) expect(part.size).toBe(0)
      expect(empty.records.index.names.size).toBe(0)
      expect(value(await rig.state.durations(TARGET)).size).toBe(0)
      expect(value(await rig.state.runs(TARGET, 10))).toEqual([])
      expect(value(await rig.state.run(1))).toBeNull()
    })

    test('returns records exactly as committed', async () => {
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
        accumulates: 'incremental',
      })
      const wrote = record('file', { outputs: ['out/a.csv', 'é b.csv'] })
      const vouched = record('v', { how: 'adopted', because: 'vouched', accumulates: 'no' })
      const bare = record('b', { dataVersion: null })
      await rig.run(
        { change: 'commit', record: full },
        { change: 'commit', record: bare },
        { change: 'commit', record: wrote },
        { change: 'commit', record: vouched },
      )
      const { records } = await rig.snapshot()
      expect(records.get('mart.fact_payment')).toEqual(full)
      expect(records.get('file')).toEqual(wrote)
      expect(records.get('v')).toEqual(vouched)
      expect([...records.keys()].sort()).toEqual(['b', 'file', 'mart.fact_payment', 'v'])
      expect(new Map(records)).toEqual(new Map([...records.entries()]))
      expect([...records.values()].find((each) => each.asset === 'b')).toEqual(bare)
      expect(records.has('c')).toBe(false)
      expect(records.get('c')).toBeUndefined()
      expect(records.size).toBe(4)
    })

    test('returns what moved assets left, until it is not left any more', async () => {
      const before = record('a', { shape: { relation: 'main.A', columns: 'c' }, rows: 3 })
      const left = (run: number): Leftover => ({
        ...{ asset: 'a', is: 'relation', place: 'main.A', run },
        accumulates: 'no',
        record: before,
      })
      const file: Leftover = { ...left(1), is: 'file', place: 'out/A.csv', accumulates: null }
      await rig.run({ change: 'left', leftover: left(1) }, { change: 'left', leftover: file })
      await rig.run({ change: 'left', leftover: left(2) })
      const kept = (await rig.snapshot()).leftovers
      expect(new Map(kept)).toEqual(
        new Map([
          ['relation main.a', left(2)],
          ['file out/A.csv', file],
        ]),
      )
      await rig.run({ change: 'not_left', at: { is: 'relation', place: 'MAIN.a' } })
      await rig.run({ change: 'not_left', at: { is: 'file', place: 'out/a.csv' } })
      expect([...(await rig.snapshot()).leftovers.keys()]).toEqual(['file out/A.csv'])
    })

    test('keeps targets apart', async () => {
      await rig.run({ change: 'commit', record: record('a') })
      const prod = value(await rig.state.snapshot('prod'))
      expect(prod.records.size).toBe(0)
      const lease = leased(value(await rig.state.acquire({ ...REQUEST, target: 'prod' })))
      value(await lease.write([{ change: 'commit', record: record('a', { rows: 7 }) }]))
      expect((await rig.snapshot()).records.get('a')?.rows).toBeNull()
    })

    test('is the same with thousands of records, before and after later runs', async () => {
      const names = Array.from({ length: 2_500 }, (_, index) => `asset_${index}`)
      await rig.run(...names.map((name): Change => ({ change: 'commit', record: record(name) })))
      const first = await rig.snapshot()
      expect(first.records.size).toBe(2_500)
      expect(first.records.get('asset_1700')).toEqual(record('asset_1700'))
      await rig.run(
        { change: 'commit', record: record('asset_1700', { rows: 5 }) },
        { change: 'commit', record: record('new') },
      )
      const second = await rig.snapshot()
      expect(second.records.size).toBe(2_501)
      expect(second.records.get('asset_1700')?.rows).toBe(5)
      expect(second.records.get('asset_1701')).toEqual(record('asset_1701'))
      expect(second.records.get('new')).toEqual(record('new'))
      // An earlier snapshot does not change.
      expect(first.records.get('asset_1700')?.rows).toBeNull()
    })

    test('with wanted names returns the same records as a full snapshot', async () => {
      const names = Array.from({ length: 1_100 }, (_, index) => `asset_${index}`)
      await rig.run(...names.map((name): Change => ({ change: 'commit', record: record(name) })))
      await rig.run(
        { change: 'commit', record: record('asset_7', { rows: 5 }) },
        { change: 'commit', record: record('new') },
      )
      const all = (await rig.snapshot()).records
      for (const count of [0, 1, 53, 555]) {
        const wanted = new Set([...names.slice(0, count), 'new', 'nowhere'])
        const { records } = value(await rig.state.snapshot(TARGET, wanted))
        for (const one of wanted) expect(records.get(one)).toEqual(all.get(one))
        expect(records.size).toBe(all.size)
        // In the record table, but not wanted.
        expect(() => records.get('asset_900')).toThrow('not wanted')
      }
    })

    test('sees a write completely or not at all', async () => {
      const other = await rig.open(rig.machines.process(101))
      const lease = await rig.acquire()
      for (let round = 0; round < 50; round += 1) {
        const rows = { rows: round }
        const [, seen] = await Promise.all([
          lease.write([
            { change: 'commit', record: record('a', rows) },
            { change: 'commit', record: record('b', rows) },
          ]),
          rig.snapshot(other),
        ])
        expect(seen.records.get('a')?.rows).toBe(seen.records.get('b')?.rows)
      }
    })
  })

  describe('journal', () => {
    rig.testOf(
      'processes',
      'an entry of a live run is being built, as seen by every process',
      async () => {
        const other = await rig.open(rig.machines.process(101))
        const lease = await rig.acquire()
        value(await lease.write([{ change: 'begin', name: 'a', at: START + 5 }]))
        const entry = { name: 'a', run: lease.run, at: START + 5, reference: null }
        for (const from of [rig.state, other]) {
          expect((await rig.snapshot(from)).journal.get('a')).toEqual({
            ...entry,
            phase: { state: 'building' },
          })
        }
        rig.machines.kill(rig.me)
        expect((await rig.snapshot(other)).journal.get('a')?.phase).toEqual({ state: 'begun' })
      },
    )

    rig.testOf(
      'processes',
      'an entry that an earlier run left begun is not being built by the next run',
      async () => {
        const other = await rig.open(rig.machines.process(101))
        const lease = await rig.acquire()
        value(await lease.write([{ change: 'begin', name: 'a', at: START }]))
        rig.machines.kill(rig.me)
        const next = await rig.acquire(other)
        value(await next.write([{ change: 'begin', name: 'b', at: START }]))
        const { journal } = await rig.snapshot(other)
        expect(journal.get('a')).toMatchObject({ run: lease.run, phase: { state: 'begun' } })
        expect(journal.get('b')).toMatchObject({ run: next.run, phase: { state: 'building' } })
      },
    )

    test('a commit deletes the entry, the force and the observation', async () => {
      const lease = await rig.acquire()
      const observation = { at: START, version: null, shape: null, token: null, present: true }
      value(
        await lease.write([
          { change: 'force', names: ['a', 'b'], as: 'forced' },
          { change: 'observed', name: 'a', observation },
          { change: 'begin', name: 'a', at: START },
          { change: 'begin', name: 'b', at: START },
          { change: 'commit', record: record('a') },
        ]),
      )
      const after = await rig.snapshot()
      expect([...after.journal.keys()]).toEqual(['b'])
      expect([...after.forced]).toEqual([['b', 'forced']])
      expect(after.observed.size).toBe(0)
    })

    test('a failure and a cancellation stay until the next begin', async () => {
      const lease = await rig.acquire()
      value(
        await lease.write([
          { change: 'begin', name: 'a', at: START },
          { change: 'failed', name: 'a', at: START + 1, message: 'no such column' },
          { change: 'cancelled', name: 'b', at: START + 2 },
        ]),
      )
      const { journal } = await rig.snapshot()
      expect(journal.get('a')).toMatchObject({
        at: START + 1,
        phase: { state: 'failed', message: 'no such column' },
      })
      expect(journal.get('b')?.phase).toEqual({ state: 'cancelled' })
      value(await lease.write([{ change: 'begin', name: 'a', at: START + 3 }]))
      expect((await rig.snapshot()).journal.get('a')).toMatchObject({
        at: START + 3,
        phase: { state: expect.not.stringMatching(/failed|cancelled/) },
      })
    })

    rig.testOf('processes', 'a begin after a failure is being built', async () => {
      const lease = await rig.acquire()
      value(await lease.write([{ change: 'failed', name: 'a', at: START, message: 'no' }]))
      value(await lease.write([{ change: 'begin', name: 'a', at: START + 3 }]))
      expect((await rig.snapshot()).journal.get('a')?.phase).toEqual({ state: 'building' })
    })

    test('the reference of a job outlives the begin of a later run', async () => {
      await rig.run(
        { change: 'begin', name: 'a', at: START },
        { change: 'reference', name: 'a', reference: { job: 9123 } },
      )
      const lease = await rig.acquire()
      value(await lease.write([{ change: 'begin', name: 'a', at: START + 9 }]))
      expect((await rig.snapshot()).journal.get('a')).toMatchObject({
        run: lease.run,
        at: START + 9,
        reference: { job: 9123 },
      })
    })

    test('a write that fails in part is not applied at all', async () => {
      const lease = await rig.acquire()
      const circular: Record<string, unknown> = {}
      circular.self = circular
      const broken = record('b', { source: circular as never })
      await expect(
        lease.write([
          { change: 'commit', record: record('a') },
          { change: 'commit', record: broken },
        ]),
      ).rejects.toThrow()
      expect((await rig.snapshot()).records.size).toBe(0)
      value(await lease.write([{ change: 'commit', record: record('c') }]))
      expect([...(await rig.snapshot()).records.keys()]).toEqual(['c'])
    })
  })

  describe('other facts', () => {
    test('checks: the result is stored and the entry is deleted', async () => {
      const lease = await rig.acquire()
      value(await lease.write([{ change: 'begin', name: 'unique_a', at: START }]))
      value(await lease.write([{ change: 'checked', result: checked('unique_a') }]))
      const warned = checked('unique_a', { outcome: 'warn', failures: 3, message: 'three' })
      value(await lease.write([{ change: 'checked', result: warned }]))
      const { checks, journal } = await rig.snapshot()
      expect(checks.get('unique_a')).toEqual(warned)
      expect(journal.size).toBe(0)
    })

    test('a requested full refresh is not replaced by a force', async () => {
      await rig.run(
        { change: 'force', names: ['a', 'b'], as: 'full_refresh' },
        { change: 'force', names: ['a', 'c'], as: 'forced' },
        { change: 'force', names: ['c'], as: 'full_refresh' },
      )
      expect(Object.fromEntries((await rig.snapshot()).forced)).toEqual({
        a: 'full_refresh',
        b: 'full_refresh',
        c: 'full_refresh',
      })
    })

    test('remembered versions of a view: the newest eight keys', async () => {
      const keys = Array.from({ length: 10 }, (_, index) => `k${index}`)
      await rig.run(
        ...keys.map((key): Change => ({ change: 'remember', asset: 'v', key, version: key })),
        { change: 'remember', asset: 'v', key: 'k3', version: 'again' },
      )
      const remembered = (await rig.snapshot()).remembered.get('v')
      expect([...(remembered?.keys() ?? [])]).toEqual([
        ...['k2', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9', 'k3'],
      ])
      expect(remembered?.get('k3')).toBe('again')
    })

    test('a newer position replaces only the recorded one', async () => {
      const built = record('raw', { source: { lsn: 1 }, rows: 4 })
      await rig.run({ change: 'commit', record: built })
      await rig.run(
        { change: 'position', asset: 'raw', source: { lsn: 2 } },
        { change: 'position', asset: 'never_built', source: { lsn: 2 } },
      )
      const { records } = await rig.snapshot()
      expect(records.get('raw')).toEqual({ ...built, source: { lsn: 2 } })
      expect(records.size).toBe(1)
    })

    test('observations and change tokens are recorded without a lease, during a run', async () => {
      const other = await rig.open(rig.machines.process(101))
      await rig.acquire()
      const seen = { at: START + 9, version: 'f:1', shape: null, token: 't', present: true }
      value(
        await other.recordObservations(TARGET, [
          { change: 'observed', name: 'prices', observation: seen },
          { change: 'change_token', subject: 'warehouse', token: 'g1' },
          { change: 'change_token', subject: 'warehouse', token: 'g2' },
          { change: 'change_token', subject: 'source:s', token: 'g3' },
        ]),
      )
      value(
        await other.recordObservations(TARGET, [
          { change: 'change_token', subject: 'source:s', token: null },
        ]),
      )
      const { observed, changeTokens } = await rig.snapshot()
      expect(observed.get('prices')).toEqual(seen)
      expect([...changeTokens]).toEqual([['warehouse', 'g2']])
    })

    test('an observation does not replace a newer one or a newer build', async () => {
      rig.machines.now = START + 20
      await rig.run({ change: 'commit', record: record('a', { finishedAt: START + 10 }) })
      const at = (at: number) => ({ at, version: null, shape: null, token: null, present: true })
      const observe = (name: string, when: number) =>
        rig.state.recordObservations(TARGET, [{ change: 'observed', name, observation: at(when) }])
      value(await observe('a', START + 9))
      value(await observe('e', START + 9))
      value(await observe('e', START + 8))
      const { observed } = await rig.snapshot()
      expect(observed.has('a')).toBe(false)
      expect(observed.get('e')?.at).toBe(START + 9)
    })

    test('an observation replaces one from the future, and counts beside a build from the future', async () => {
      rig.machines.now = START + 10_000
      await rig.run({ change: 'commit', record: record('a', { finishedAt: START + 9_000 }) })
      const seen = (at: number) => ({ at, version: null, shape: null, token: null, present: true })
      const observe = (name: string) => {
        const observation = seen(rig.machines.now)
        return rig.state.recordObservations(TARGET, [{ change: 'observed', name, observation }])
      }
      value(await observe('e'))
      rig.machines.now = START + 100
      value(await observe('e'))
      value(await observe('a'))
      const { observed } = await rig.snapshot()
      expect(observed.get('e')?.at).toBe(START + 100)
      expect(observed.get('a')?.at).toBe(START + 100)
    })

    test('durations: seconds of the last successful step', async () => {
      const quick = { finishedAt: START + 500 }
      await rig.run({ change: 'step', step: step('a') }, { change: 'step', step: step('b') })
      await rig.run(
        { change: 'step', step: step('a', quick) },
        { change: 'step', step: step('b', { ...quick, outcome: 'failed' }) },
        { change: 'step', step: step('unique_a', { ...quick, outcome: 'checked' }) },
      )
      const durations = value(await rig.state.durations(TARGET))
      expect(Object.fromEntries(durations)).toEqual({ a: 0.5, b: 1.5, unique_a: 0.5 })
    })
  })
}
