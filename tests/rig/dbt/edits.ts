import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sharedPython } from '../python.ts'
import { ask, contentOf } from './content.ts'
import { DbtFolder, type Ended, type Env } from './folder.ts'
import { type ForkServer, startForkServer } from './fork-server.ts'
import { played } from './share.ts'

/** Files by path; null removes one. `{ROOT}` in a text is the project's folder. */
export type Files = Readonly<Record<string, string | null>>

/** A small dbt project and a change of it. */
export interface Edit {
  readonly name: string
  readonly files: Files
  /** Files that change after the first build. */
  readonly change?: Files
  readonly env?: Env
  /** The environment after the change; without it, the one before. */
  readonly envAfter?: Env
  /** SQL on the warehouse, before the first build and after the change. */
  readonly sql?: readonly string[]
  readonly sqlAfter?: readonly string[]
  /**
   * What holds after the change.
   * - `rebuilt` (default): a second `materialize` gives what a build from nothing gives, then all is fresh
   * - `fresh`: nothing is stale
   * - `refused or rebuilt`: like `rebuilt`, or the command refuses the project with exit code 2
   * - a query: it is true after the second `materialize`, or the asset is not called fresh
   */
  readonly holds?:
    | 'rebuilt'
    | 'fresh'
    | 'refused or rebuilt'
    | { readonly asset: string; readonly query: string }
}

export const WAREHOUSE = '.assets/w.duckdb'

/** Files that an edit need not repeat. */
export const BASE: Readonly<Record<string, string>> = {
  'assets.yaml': `version: 1
project: t
dbt: {project_dir: dbt, models: declared}
default_target: local
include: [a.yaml]
targets:
  local:
    warehouse: {type: duckdb, path: ${WAREHOUSE}}
`,
  'dbt/dbt_project.yml': projectFile(''),
  'dbt/profiles.yml': profile('threads: 2'),
}

/** A dbt_project.yml with more keys. */
export function projectFile(more: string): string {
  return `name: t
version: 1.0.0
config-version: 2
profile: t
models: {+materialized: table}
${more}
`
}

/** A profiles.yml with more keys of its output. */
export function profile(more: string): string {
  return `t:
  target: local
  outputs:
    local:
      type: duckdb
      path: "{{ env_var('DBT_DUCKDB_PATH', '../${WAREHOUSE}') }}"
      ${more}
`
}

/** An a.yaml with these assets: name to dependencies. */
export function assetsFile(deps: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(deps).map(
    ([name, names]) => `  ${name}: {kind: dbt, deps: [${names.join(', ')}]}\n`,
  )
  return `assets:\n${lines.join('')}`
}

/** A project with the models of `models`, and one asset for each: `[deps, SQL]` by name. */
export function modelFiles(
  models: Readonly<Record<string, readonly [readonly string[], string]>>,
): Record<string, string> {
  const deps = Object.fromEntries(Object.entries(models).map(([name, [names]]) => [name, names]))
  const files = Object.entries(models).map(([name, [, sql]]) => [`dbt/models/${name}.sql`, sql])
  return { 'a.yaml': assetsFile(deps), ...Object.fromEntries(files) }
}

/** One test for each edit. The oracle is a build of the changed project from nothing in another folder. */
export function testEdits(title: string, edits: readonly Edit[]): void {
  let server: ForkServer
  beforeAll(async () => {
    server = await startForkServer(await sharedPython())
  })
  afterAll(() => server.stop())

  describe(title, () => {
    for (const edit of played(edits)) {
      test(edit.name, async () => {
        const folders = [new DbtFolder(server.environment), new DbtFolder(server.environment)]
        try {
          await play(edit, folders[0]!, folders[1]!)
        } finally {
          for (const folder of folders) folder.remove()
        }
      })
    }
  })
}

async function play(edit: Edit, folder: DbtFolder, other: DbtFolder): Promise<void> {
  const { env = {}, holds = 'rebuilt' } = edit
  const envAfter = edit.envAfter ?? env
  folder.write({ ...BASE, ...edit.files })
  await prepare(folder, edit.sql)
  done(await folder.run(['materialize'], env), 'the first build')

  folder.write(edit.change ?? {})
  await prepare(folder, edit.sqlAfter)
  const before = await folder.run(['status', '--json'], envAfter)
  if (holds === 'fresh') {
    expect(stale(before), 'not fresh after the change').toEqual([])
    return
  }
  const second = await folder.run(['materialize'], envAfter)
  if (holds === 'refused or rebuilt' && second.code === 2) return
  done(second, 'the second build')
  const after = await folder.run(['status', '--json'], envAfter)
  if (typeof holds === 'object') {
    const isTrue = (await ask(join(folder.root, WAREHOUSE), holds.query)) === true
    expect(isTrue || stale(after).includes(holds.asset), `${holds.asset} is called fresh`).toBe(
      true,
    )
    return
  }

  other.write({ ...BASE, ...edit.files })
  await prepare(other, edit.sql)
  other.write(edit.change ?? {})
  await prepare(other, edit.sqlAfter)
  done(await other.run(['materialize'], envAfter), 'the build from nothing')
  const expected = await contentOf(join(other.root, WAREHOUSE))
  const found = await contentOf(join(folder.root, WAREHOUSE))
  const same = Object.fromEntries(Object.keys(expected).map((name) => [name, found[name]]))
  const called = `status called stale: ${stale(before).join(', ') || 'nothing'}`
  expect(same, called).toEqual(expected)
  expect(checkResults(after), 'results of checks').toEqual(
    checkResults(await other.run(['status', '--json'], envAfter)),
  )
  expect(stale(after), 'not fresh after the second build').toEqual([])
}

async function prepare(folder: DbtFolder, sql: readonly string[] | undefined): Promise<void> {
  if (sql === undefined) return
  mkdirSync(join(folder.root, '.assets'), { recursive: true })
  const statements = sql.map((each) => each.replaceAll('{ROOT}', folder.root))
  await ask(join(folder.root, WAREHOUSE), ...statements)
}

function done(ended: Ended, what: string): void {
  expect(ended.code, `${what}: ${ended.stderr}${ended.stdout}`).toBe(0)
}

interface Node {
  readonly name: string
  readonly verdict: string
  readonly last: { readonly outcome?: string } | null
}

function statusOf(ended: Ended): { readonly assets: Node[]; readonly checks: Node[] } {
  done(ended, 'status')
  return JSON.parse(ended.stdout) as { assets: Node[]; checks: Node[] }
}

/** The assets and checks that are not fresh. */
function stale(ended: Ended): readonly string[] {
  const { assets, checks } = statusOf(ended)
  return [...assets, ...checks].flatMap(({ name, verdict }) => (verdict === 'fresh' ? [] : [name]))
}

function checkResults(ended: Ended): Readonly<Record<string, string | undefined>> {
  const { checks } = statusOf(ended)
  return Object.fromEntries(checks.map(({ name, last }) => [name, last?.outcome]))
}
