import { expect, test } from 'vitest'
import type { RunEvent } from '../../../framework/model/event.ts'
import { FakeProject } from '../../rig/fake-project.ts'

const estimatesOf = (events: readonly RunEvent[]) =>
  events.filter((event) => event.event === 'run_estimate')

/** raw → stg → fact. Each build takes some seconds of the fake clock. */
function projectWith(seconds: Readonly<Record<string, number>>) {
  const project = new FakeProject().raw('raw').add('stg', ['raw']).add('fact', ['stg'])
  project.durations = new Map(Object.entries({ raw: 10, stg: 5, fact: 5 }))
  // The fake clock goes on by itself with each build.
  project.onBuilt = () => {
    project.now -= 1000
  }
  project.work = async (name) => {
    project.now += (seconds[name] ?? 0) * 1000
  }
  return project
}

test('the time left is said at first and when it is another one than expected', async () => {
  const { events } = await projectWith({ raw: 30, stg: 5, fact: 5 }).materialize()
  expect(estimatesOf(events)).toEqual([
    { event: 'run_estimate', secondsLeft: { low: 20, high: 20 }, untimed: 0 },
    // raw took 20 s longer: what is below it is still to do.
    { event: 'run_estimate', secondsLeft: { low: 10, high: 10 }, untimed: 0 },
    { event: 'run_estimate', secondsLeft: { low: 0, high: 0 }, untimed: 0 },
  ])
})

test('is unknown without a history, and then nothing more is said', async () => {
  const project = projectWith({ raw: 30 })
  project.durations = new Map()
  const { events } = await project.materialize()
  expect(estimatesOf(events)).toEqual([{ event: 'run_estimate', secondsLeft: null, untimed: 3 }])
})

test('moves while a step takes longer than it did, and no timer is left', async () => {
  const project = projectWith({})
  const timers = new Set<() => void>()
  project.timer = (_, call) => {
    timers.add(call)
    return () => timers.delete(call)
  }
  project.work = async (name) => {
    if (name !== 'raw') return
    for (let second = 0; second < 15; second++) {
      project.now += 1000
      for (const due of [...timers]) {
        timers.delete(due)
        due()
      }
    }
  }
  const { events } = await project.materialize()
  const highs = estimatesOf(events).map(({ secondsLeft }) => secondsLeft?.high)
  // As expected for ten seconds; then ten seconds are left for five more. No more is said of the builds that take none.
  expect(highs).toEqual([20, 10, 10, 10, 10, 10, 0])
  expect(timers.size).toBe(0)
})

test('many steps within a second cost one estimate', async () => {
  const project = projectWith({})
  const names = Array.from({ length: 300 }, (_, at) => `a${at}`)
  for (const name of names) project.add(name)
  project.durations = new Map(names.map((name) => [name, 1]))
  const { events } = await project.materialize(names)
  const { high } = estimatesOf(events)[0]!.secondsLeft!
  expect([high, estimatesOf(events).length]).toEqual([150, 2])
})
