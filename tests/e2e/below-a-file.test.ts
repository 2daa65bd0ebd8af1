import { afterEach, expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

// Node 20 throws where one of the folders of a path is a file; Node 22 says that nothing is there. The answers
// are the same.

let project: InProcessProject
afterEach(() => project.remove())

const projectOf = (assets: string, target = '') =>
  new InProcessProject({
    file: 'text\n',
    'assets.yaml': `version: 1\nproject: shop\n${target}assets:\n${assets}`,
  })

test('a script below a file does not exist', async () => {
  project = projectOf('  a: {kind: command, run: "true", code: [file/script.sh], outputs: [a]}\n')
  const shown = await project.show('status')
  expect(shown).toContain('a: file/script.sh does not exist')
  expect(shown).not.toContain('this is a bug')
})

test('an external below a file does not exist, and blocks what reads it', async () => {
  project = projectOf(`  e: {kind: external, path: file/orders.csv}
  a: {kind: command, run: echo 1 > a, deps: [e], outputs: [a]}
`)
  const shown = await project.show('materialize')
  expect(shown).toContain('there is no file file/orders.csv')
  expect(shown).toMatch(/blocked +a/)
})

test('a warehouse below a file is a problem with a location', async () => {
  project = projectOf(
    '  a: {kind: extract, query: select 1 as n, to: a.csv}\n',
    'targets: {local: {warehouse: {type: duckdb, path: file/shop.duckdb}}}\n',
  )
  const shown = await project.show('materialize')
  expect(shown).toContain("file/shop.duckdb can't be a DuckDB file")
  expect(shown).not.toContain('this is a bug')
})
