import { afterAll, beforeAll, expect, it } from 'vitest'
import { CliProject } from '../rig/cli.ts'
import { runTracked } from '../rig/loaded.ts'

// Verbs that only read declarations load no native library and start no program.

let project: CliProject
beforeAll(() => {
  project = CliProject.dvdRental()
})
afterAll(() => project.remove())

it.each([
  [['--help']],
  [['--version']],
  [['materialize', '--help']],
  [['list']],
  [['list', '+fact_payment']],
  [['graph', '--format', 'dot']],
  [['check']],
])('assets %j loads no native library and starts no program', async (args) => {
  const { code, native, spawned } = await runTracked(project, args)
  expect([code, native, spawned]).toEqual([0, [], []])
})
