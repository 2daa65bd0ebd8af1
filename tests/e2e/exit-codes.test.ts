import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

// What can't be reached is exit 1, whichever verb came upon it; a mistake in the project stays 2.

const yaml = (run: string) => `version: 1
project: shop
targets: {local: {state: {type: sqlite, path: state.db}}}
assets: {a: {kind: command, run: ${run}}}
`
const project = new InProcessProject({ 'assets.yaml': yaml('x') })
mkdirSync(join(project.root, 'state.db'))
afterAll(() => project.remove())

const verbs = ['status', 'status --offline', 'plan', 'why a', 'runs', 'savings', 'materialize']

test.each([...verbs, 'verify', 'list state:stale'])(
  'assets %s exits with 1 where the state can not be read',
  async (verb) => {
    const said = await project.show(verb)
    expect(said).toContain('the state should be in')
    expect(said).toMatch(/exit 1$/)
  },
)

test.each(['status', 'plan', 'materialize'])(
  'assets %s exits with 2 for a mistake',
  async (verb) => {
    const wrong = new InProcessProject({ 'assets.yaml': yaml('x, deps: [b]') })
    expect(await wrong.show(verb)).toMatch(/exit 2$/)
    wrong.remove()
  },
)
