import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

// Every verb exits with 1 when the state cannot be reached, and with 2 for a mistake in the project.

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
  'assets %s exits with 1 when the state cannot be read',
  async (verb) => {
    const said = await project.show(verb)
    expect(said).toContain('the path of the state')
    expect(said).toMatch(/exit 1$/)
  },
)

test.each(['status', 'plan', 'materialize'])(
  'assets %s exits with 2 for an undeclared dependency',
  async (verb) => {
    const wrong = new InProcessProject({ 'assets.yaml': yaml('x, deps: [b]') })
    expect(await wrong.show(verb)).toMatch(/exit 2$/)
    wrong.remove()
  },
)
