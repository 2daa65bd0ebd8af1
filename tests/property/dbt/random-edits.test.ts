import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ForkServer, startForkServer } from '../../rig/dbt/fork-server.ts'
import { played } from '../../rig/dbt/share.ts'
import { sharedPython } from '../../rig/python.ts'
import { play } from './play.ts'
import { PROJECTS } from './projects/index.ts'
import { described, longest } from './shorten.ts'

/** `npm run soak:dbt` plays more of them. */
const EDITS = 4
/** The seeds of projects whose edits once showed a fault. */
const SEEDS: Readonly<Record<string, number>> = {
  'white-space': 3,
  properties: 100,
  environment: 1,
  pivots: 100,
}
const OTHER_SEED = 4

let server: ForkServer
beforeAll(async () => {
  server = await startForkServer(await sharedPython())
})
afterAll(() => server.stop())

for (const project of played(PROJECTS)) {
  test(`after random edits of the project ${project.name}, a build gives what one from nothing gives`, async () => {
    const ended = await play(project, SEEDS[project.name] ?? OTHER_SEED, EDITS, server.environment)
    const { failure } = ended
    expect(failure && described(project, longest(failure))).toBeNull()
    expect(ended.edits).toBe(EDITS)
    expect(ended.refused + ended.broken).toBeLessThan(EDITS)
  })
}
