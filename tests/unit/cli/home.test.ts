import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { InProcessProject } from '../../rig/in-process.ts'

let project: InProcessProject
beforeEach(() => {
  project = new InProcessProject({
    'assets.yaml': `version: 1
project: shop
assets: {days: {kind: command, run: "echo mon > days.txt", outputs: [days.txt]}}
`,
  })
})
afterEach(() => project.remove())

const ignoring = () => join(project.root, '.assets/.gitignore')

test.each(['check', 'list', 'run nightly', 'status --target nowhere', 'materialize'])(
  'git sees nothing of .assets/ after assets %s',
  async (verb) => {
    await project.show(verb)
    execFileSync('git', ['init', '--quiet'], { cwd: project.root })
    const seen = execFileSync('git', ['status', '--porcelain', '--untracked-files=all'], {
      cwd: project.root,
      encoding: 'utf8',
    })
    expect(existsSync(join(project.root, '.assets'))).toBe(true)
    expect(seen).not.toContain('.assets/')
    expect(seen).toContain('?? assets.yaml')
  },
)

test('a .gitignore of its own is kept', async () => {
  await project.show('status')
  expect(readFileSync(ignoring(), 'utf8')).toBe('*\n')
  writeFileSync(ignoring(), '*\n!warehouse.duckdb\n')
  await project.show('materialize')
  expect(readFileSync(ignoring(), 'utf8')).toBe('*\n!warehouse.duckdb\n')
})

test('init adds to the .gitignore of the project only what its example writes', async () => {
  const empty = new InProcessProject({ '.gitignore': 'node_modules' })
  await empty.show('init')
  await empty.show('init')
  expect(readFileSync(join(empty.root, '.gitignore'), 'utf8')).toBe('node_modules\nout/\n')
  expect(readFileSync(join(empty.root, '.assets/.gitignore'), 'utf8')).toBe('*\n')
  empty.remove()
})

test('init in a folder with a project leaves its .gitignore alone', async () => {
  await project.show('init')
  expect(existsSync(join(project.root, '.gitignore'))).toBe(false)
})

test('init in a folder with a project changes nothing at all', async () => {
  const before = readdirSync(project.root, { recursive: true }).sort()
  expect(await project.show('init')).toContain('nothing was changed')
  expect(readdirSync(project.root, { recursive: true }).sort()).toEqual(before)
})
