import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CliProject } from '../rig/cli.ts'
import { sharedHyper } from '../rig/python.ts'
import { TableauLookAlike, TOKEN } from '../rig/tableau/look-alike.ts'

// Extracts that are published and a workbook that is refreshed, as a user does it. Each test goes on from the one before.

const folder = await sharedHyper()

const yaml = (url: string) => `version: 1
project: p
default_target: prod
targets:
  local: {warehouse: {type: duckdb, path: w.duckdb}}
  prod:
    warehouse: {type: duckdb, path: w.duckdb}
    connections:
      tableau: {type: tableau, url: "${url}", site: rental, token_name: nightly, token: "\${TABLEAU_TOKEN}"}
jobs: {nightly: {select: '*'}}
defaults:
  format: {prod: hyper, default: csv}
  publish: {connection: tableau, project: Reports}
assets:
  numbers: {kind: external, path: numbers.csv}
  words: {kind: external, path: words.csv}
  by_number: {kind: extract, deps: [numbers], query: "select * from 'numbers.csv'", to: "out/{target}/by_number.{format}"}
  by_word: {kind: extract, deps: [words], query: "select * from 'words.csv'", to: "out/{target}/by_word.{format}"}
  dashboard: {kind: tableau, connection: tableau, deps: [numbers], refresh: {workbook: Overview}}
`

describe.skipIf(folder === null)('a site of Tableau', () => {
  let server: TableauLookAlike
  let project: CliProject
  let said = ''

  beforeAll(async () => {
    server = await TableauLookAlike.start()
    const reports = server.store.addProject('Reports')
    server.store.addContent({ type: 'workbook', name: 'Overview', project: reports })
    const env = { ASSETS_HYPER_PYTHON_ENV: folder!, TABLEAU_TOKEN: TOKEN.secret }
    project = new CliProject(env).write('assets.yaml', yaml(server.url))
    project.write('numbers.csv', 'n\n1\n2\n').write('words.csv', 'w\na\n')
  })
  afterAll(async () => {
    project.remove()
    await server.close()
  })

  async function run(...args: readonly string[]) {
    server.calls.splice(0)
    server.store.publications.splice(0)
    const jobs = server.store.jobs.length
    const done = await project.run(...args)
    said += done.stdout + done.stderr
    const refreshed = server.store.jobs.slice(jobs).filter(({ type }) => type === 'RefreshExtract')
    return {
      ...done,
      /** What was published and refreshed. */
      done: [...server.store.publications.toSorted(), ...refreshed.map(() => 'Overview')],
    }
  }

  test('the first run publishes, refreshes, and signs in once', async () => {
    const first = await run('materialize')
    expect([first.code, first.done], first.stderr).toEqual([
      0,
      ['by_number', 'by_word', 'Overview'],
    ])
    expect(server.calls.filter((call) => /signin|signout/.test(call))).toEqual([
      'POST /auth/signin',
      'POST /auth/signout',
    ])
  })

  test('a night with nothing new signs in nowhere', async () => {
    const night = await run('run', 'nightly')
    expect([night.code, night.done, server.calls], night.stderr).toEqual([0, [], []])
  })

  test('one new row: exactly the data source whose rows changed, and the workbook below it', async () => {
    project.write('numbers.csv', 'n\n1\n2\n3\n')
    const night = await run('run', 'nightly')
    expect([night.code, night.done], night.stderr).toEqual([0, ['by_number', 'Overview']])
  })

  test('the same rows in another order: the file is read, and nothing is published', async () => {
    project.write('numbers.csv', 'n\n3\n1\n2\n')
    const night = await run('run', 'nightly')
    expect([night.code, night.done], night.stderr).toEqual([0, ['Overview']])
    expect(night.stderr).toMatch(/unchanged +by_number/)
  })

  test('a deleted data source is found by status, and the next job publishes it again', async () => {
    const gone = server.store.contents.findIndex(({ name }) => name === 'by_word')
    server.store.contents.splice(gone, 1)
    expect((await run('run', 'nightly')).done).toEqual([])
    const { stdout } = await run('status')
    expect(stdout).toMatch(/by_word +the data source by_word is gone from Tableau/)
    expect((await run('run', 'nightly')).done).toEqual(['by_word'])
    expect((await run('status')).stdout).toContain('5 fresh')
  })

  test('a lost file is written again, and its rows are not published again', async () => {
    rmSync(project.path('out'), { recursive: true })
    const night = await run('run', 'nightly')
    expect([night.code, night.done], night.stderr).toEqual([0, []])
    expect(night.stderr.match(/unchanged {2}by_/g)).toHaveLength(2)
  })

  test('killed while Tableau publishes: the next run follows the job', async () => {
    project.write('words.csv', 'w\na\nb\n')
    server.store.rules.isHeld = true
    server.store.publications.splice(0)
    const killed = project.start(['run', 'nightly'])
    await new Promise<void>((resolve) => {
      let polls = 0
      server.beforeAnswer = async () => {
        polls += server.calls.at(-1)?.includes('/jobs/') ? 1 : 0
        if (polls === 3) resolve()
      }
    })
    killed.child.kill('SIGKILL')
    await killed.ended
    server.beforeAnswer = async () => {}
    server.store.rules.isHeld = false
    const next = await run('run', 'nightly')
    expect([next.code, next.done], next.stderr).toEqual([0, ['by_word']])
    expect(server.calls.filter((call) => call.startsWith('POST /sites/SITE/datas'))).toEqual([])
  })

  test('Ctrl-C while Tableau refreshes: the refresh is cancelled, and the next run asks again', async () => {
    project.write('numbers.csv', 'n\n7\n')
    const stopped = project.start(['materialize', 'dashboard'])
    server.store.rules.isHeld = true
    await new Promise<void>((resolve) => {
      server.beforeAnswer = async () => {
        if (/GET .*\/jobs\/[^?]+$/.test(server.calls.at(-1) ?? '')) resolve()
      }
    })
    stopped.child.kill('SIGINT')
    const { code } = await stopped.ended
    server.beforeAnswer = async () => {}
    server.store.rules.isHeld = false
    expect([code, server.store.jobs.at(-1)?.finishCode]).toEqual([130, 2])
    const next = await run('materialize')
    expect([next.code, next.done], next.stderr).toEqual([0, ['by_number', 'Overview']])
  })

  test('the other target writes CSV, and the site hears nothing of it', async () => {
    const local = await run('materialize', '--target', 'local')
    expect([local.code, server.calls], local.stderr).toEqual([0, []])
    expect((await run('status', '--target', 'local')).stdout).toContain('5 fresh')
  })

  test('a token that is wrong is said once, and blocks nothing that needs no look', async () => {
    const wrong = project.start(['status'], { TABLEAU_TOKEN: 'wrong-token' })
    const { stdout, stderr } = await wrong.ended
    expect(`${stdout}${stderr}`.match(/error +.*rejected the token nightly/g)).toHaveLength(1)
    const offline = project.start(['status', '--offline'], { TABLEAU_TOKEN: 'wrong-token' })
    expect((await offline.ended).code).toBe(0)
  })

  test('no secret is in what was said', () => {
    expect(said).not.toContain(TOKEN.secret)
  })
})
