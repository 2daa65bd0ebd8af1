import { describe, expect, test } from 'vitest'
import { FakeProject } from '../../rig/fake-project.ts'
import { runInVirtualTime } from '../../rig/virtual-time.ts'

/** Many short steps declared before a long chain. In the order of declaration, the chain would be last. */
function chainBesideMany(): FakeProject {
  const project = new FakeProject()
  for (let n = 0; n < 12; n++) project.add(`short_${n}`, [], { kind: 'command' })
  project.add('first', [], { kind: 'command' })
  project.add('second', ['first'], { kind: 'command' })
  project.add('third', ['second'], { kind: 'command' })
  return project
}

const seconds = (name: string) => (name.startsWith('short') ? 2 : 4)

describe('the order of steps', () => {
  test('starts with the longest remaining path, by the durations in the history', async () => {
    const project = chainBesideMany()
    const names = [...project.assets.keys()]
    project.durations = new Map(names.map((name) => [name, seconds(name)]))
    const timed = await runInVirtualTime(project, seconds)
    // 36 seconds of work for two threads: no order is faster.
    expect(timed.seconds).toBe(18)
    expect(timed.began.slice(0, 2)).toEqual(['first', 'short_0'])
  })

  test('without history starts with the step with most steps below, not the first declared', async () => {
    const untimed = await runInVirtualTime(chainBesideMany(), seconds)
    expect(untimed.seconds).toBe(20)

    const misled = chainBesideMany()
    // With durations that hide the chain, the order is that of declaration.
    misled.durations = new Map(
      [...misled.assets.keys()].map((name) => [name, name.startsWith('short') ? 100 : 0]),
    )
    expect((await runInVirtualTime(misled, seconds)).seconds).toBe(24)
  })

  test('counts the assets that a check gates', async () => {
    const project = new FakeProject()
      .add('a', [], { kind: 'command' })
      .add('b', [], { kind: 'command' })
      .add('below_b', ['b'], { kind: 'command' })
      .add('model', ['b'])
      .check('slow_check', ['b'])
    project.threads = 1
    project.durations = new Map([
      ['a', 5],
      ['b', 1],
      ['below_b', 1],
      ['slow_check', 3],
      ['model', 3],
    ])
    const { began } = await runInVirtualTime(project, () => 1)
    expect(began[0]).toBe('b')
  })
})

describe('a pool', () => {
  test('runs as many of its steps at once as it has slots, and other steps at the same time', async () => {
    const project = new FakeProject()
    project.threads = 4
    project.pools = { slow: 2 }
    for (let n = 0; n < 6; n++) project.add(`pooled_${n}`, [], { kind: 'command' })
    for (let n = 0; n < 6; n++) project.policy(`pooled_${n}`, { pool: 'slow' })
    for (let n = 0; n < 6; n++) project.add(`free_${n}`, [], { kind: 'command' })
    const { most, seconds: took } = await runInVirtualTime(project, () => 1)
    expect(most((name) => name.startsWith('pooled'))).toBe(2)
    expect(most((name) => name.startsWith('free'))).toBeGreaterThan(1)
    expect(most(() => true)).toBe(4)
    expect(took).toBe(3)
  })

  test('gives its slots to the longest remaining path first', async () => {
    const project = new FakeProject()
    project.pools = { one: 1 }
    for (const name of ['a', 'b', 'c']) project.add(name, [], { kind: 'command' })
    project.add('after_c', ['c'], { kind: 'command' })
    for (const name of ['a', 'b', 'c']) project.policy(name, { pool: 'one' })
    const { began } = await runInVirtualTime(project, () => 1)
    expect(began).toEqual(['c', 'after_c', 'a', 'b'])
  })

  test('is shared by kinds, and limits the steps in one call of a kind that builds together', async () => {
    const project = new FakeProject()
    project.pools = { heavy: 2 }
    project.add('script', [], { kind: 'command' })
    for (const name of ['m1', 'm2', 'm3']) project.add(name)
    project.add('below', ['m3'])
    for (const name of ['script', 'm1', 'm2', 'm3']) project.policy(name, { pool: 'heavy' })
    const { ran, most } = await runInVirtualTime(project, (name) => (name === 'script' ? 3 : 1))
    expect(ran.result.outcome).toBe('succeeded')
    expect(most((name) => name !== 'below')).toBe(2)
    const calls = ran.batches.filter(([name]) => name !== 'script')
    expect(calls.every((names) => names.filter((name) => name !== 'below').length <= 2)).toBe(true)
    // An asset with readers goes first.
    expect(ran.steps.indexOf('m3: built')).toBeLessThan(ran.steps.indexOf('m2: built'))
  })

  test('counts a unit once, since one call builds all of it', async () => {
    const project = new FakeProject()
    project.pools = { api: 1 }
    for (const name of ['s1', 's2', 's3']) project.raw(name, 'rows', { unit: 'connection' })
    for (const name of ['s1', 's2', 's3']) project.policy(name, { pool: 'api' })
    const { batches, result } = await project.materialize()
    expect([result.outcome, batches]).toEqual(['succeeded', [['s1', 's2', 's3']]])
  })
})
