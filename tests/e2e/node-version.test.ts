import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { CliProject, REPOSITORY } from '../rig/cli.ts'

// CI runs the light suites on several versions of Node. These tests say that the named version is the one
// that runs, and that the bundle and its native code (SQLite, DuckDB) and WebAssembly (PGlite) load in it.

const wanted = process.env.ASSETS_TEST_NODE
const project = new CliProject()
afterAll(() => project.remove())

test.skipIf(wanted === undefined)('the tests run in the Node that CI names (needs CI)', () => {
  expect(process.version).toBe(wanted)
})

test('the bundle builds from an embedded source into DuckDB, and keeps its records in SQLite', async () => {
  project.write('film.sql', "create table film as select 7 as film_id, 'Alien' as title;\n").write(
    'assets.yaml',
    `version: 1
project: shop
targets:
  local:
    warehouse: {type: duckdb, path: .assets/shop.duckdb}
    connections: {films: {type: postgres, embedded: {init: [film.sql]}}}
assets:
  raw_film: {kind: airbyte, connection: films, stream: film}
  films: {kind: extract, deps: [raw_film], to: out/films.csv, order_by: [film_id]}
  version: {kind: command, deps: [films], run: "cat out/films.csv > out/version.txt", outputs: [out/version.txt]}
`,
  )
  const { code, stdout, stderr } = await project.run('materialize')
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(stdout).toContain('3 built')
  expect(readFileSync(project.path('out/version.txt'), 'utf8')).toContain('Alien')
  expect((await project.run('status', '--exit-code')).code).toBe(0)

  const program = readdirSync(join(REPOSITORY, 'dist')).find((name) =>
    /^program-[A-Z0-9]+\.js$/.test(name),
  )
  const compiled = `dist/${program}.${process.version}-${process.arch}.code`
  expect(existsSync(join(REPOSITORY, compiled))).toBe(true)
})
