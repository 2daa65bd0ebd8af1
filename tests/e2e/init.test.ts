import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

let desk: InProcessProject
afterEach(() => desk.remove())

/** Every file below the folder, with its content and the time of its last change. */
function files(): Readonly<Record<string, readonly [text: string, at: number]>> {
  const names = readdirSync(desk.root, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    names.flatMap((name) => {
      const path = join(desk.root, name)
      const { mtimeMs } = statSync(path)
      return [[name, [statSync(path).isFile() ? readFileSync(path, 'utf8') : '', mtimeMs] as const]]
    }),
  )
}

const OTHERS = {
  'assets/mine.yaml': 'assets: {}\n',
  'dbt/dbt_project.yml': 'name: shop\nprofile: shop\n',
  '.gitignore': 'node_modules/',
  '.env': 'PASSWORD=x\n',
}

test.each([
  ['alone', {}],
  ['with all else that init could write', OTHERS],
  ['that is invalid', { 'assets.yaml': 'version: [\n' }],
])('beside an assets.yaml %s, init changes nothing and says so', async (_, others) => {
  desk = new InProcessProject({ 'assets.yaml': 'version: 1\nproject: shop\n', ...others })
  const before = files()
  const shown = await desk.show('init')
  expect(shown).toContain('this folder already contains a project; nothing was changed\n')
  expect(shown).not.toMatch(/written|\nexit/)
  expect(await desk.json('init . --json')).toMatchObject({ project: 'there', written: [] })
  expect(files()).toEqual(before)
})

test('without an assets.yaml, init keeps what is there', async () => {
  const { 'dbt/dbt_project.yml': _, ...others } = OTHERS
  desk = new InProcessProject({ ...others, 'assets/example.yaml': 'assets: {}\n' })
  const before = files()
  expect(await desk.show('init')).toContain('kept     assets/example.yaml')
  const after = files()
  for (const name of ['assets/example.yaml', 'assets/mine.yaml', '.env']) {
    expect(after[name]).toEqual(before[name])
  }
  expect(after['.gitignore']?.[0]).toBe('node_modules/\nout/\n')
})
