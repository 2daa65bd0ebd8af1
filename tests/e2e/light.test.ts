import { afterAll, beforeAll, expect, it } from 'vitest'
import { Workplace } from '../rig/cli.ts'
import { runWatched } from '../rig/loaded.ts'

// Verbs that only read declarations start like bare Node: no native library, no other program.

let place: Workplace
beforeAll(() => {
  place = Workplace.dvdRental()
})
afterAll(() => place.remove())

it.each([
  [['--help']],
  [['--version']],
  [['materialize', '--help']],
  [['list']],
  [['list', '+fact_payment']],
  [['graph', '--format', 'dot']],
  [['check']],
])('assets %j loads no native library and starts no program', async (args) => {
  const { code, native, spawned } = await runWatched(place, args)
  expect([code, native, spawned]).toEqual([0, [], []])
})
