import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { REPOSITORY } from '../rig/cli.ts'
import { InProcessProject } from '../rig/in-process.ts'

// Two targets of one project: separate records and files, and the confirmation that a target may
// ask for.

const two = (local: string, prod: string) => `version: 1
project: shop
default_target: local
targets:
  local: {warehouse: {type: duckdb, path: .assets/local.duckdb}${local}}
  prod: {warehouse: {type: duckdb, path: .assets/prod.duckdb}${prod}}
assets:
  days: {kind: extract, query: select 1 as day, to: "out/{target}/days.csv"}
  copy: {kind: command, deps: [days], run: "cat out/$ASSETS_TARGET/days.csv > out/$ASSETS_TARGET/copy.csv", outputs: ["out/{target}/copy.csv"]}
`
let project: InProcessProject
afterEach(() => project.remove())

/** How many assets have each verdict. */
const counts = async (target: string) => {
  const output = await project.show(`status --target ${target}`)
  return /2 assets +(.*)/.exec(output)?.[1]
}

describe('two targets of one project', () => {
  it('have separate records and files', async () => {
    project = new InProcessProject({ 'assets.yaml': two('', '') })
    await project.show('materialize')
    expect([await counts('local'), await counts('prod')]).toEqual(['2 fresh', '2 stale'])
    await project.show('materialize --target prod')
    expect([await counts('local'), await counts('prod')]).toEqual(['2 fresh', '2 fresh'])
    project.write('out/prod/days.csv', 'edited\n')
    expect([await counts('local'), await counts('prod')]).toEqual([
      '2 fresh',
      '1 stale · 1 pending',
    ])
    const local = join(project.root, 'out/local/copy.csv')
    expect(readFileSync(local, 'utf8')).toBe('day\n1\n')
  })

  it('are named in the suggested next command, except for the default target', async () => {
    project = new InProcessProject({ 'assets.yaml': two('', '') })
    expect(await project.show('status')).toMatch(/next: assets materialize$/)
    expect(await project.show('status --target prod')).toMatch(
      /next: assets materialize --target prod$/,
    )
    expect(await project.show('why days --target prod')).toMatch(
      /next: assets materialize days --target prod$/,
    )
    expect(await project.show('materialize --target prod')).toMatch(
      /next: assets status --target prod\n/,
    )
  })

  it('may not write the same file: every verb that builds fails and builds nothing', async () => {
    const yaml = two('', '').replace('out/{target}/days.csv', 'out/days.csv')
    project = new InProcessProject({ 'assets.yaml': `${yaml}jobs: {nightly: {select: "*"}}\n` })
    const verbs = ['check', 'plan', 'materialize', 'materialize --dry-run', 'run nightly']
    for (const verb of verbs) {
      const said = await project.show(verb)
      expect(said).toContain('days writes out/days.csv on target local and on target prod')
      expect(said).toMatch(/exit 2$/)
    }
    expect(await counts('local')).toBe('2 stale')
  })
})

describe('a target with confirm: true', () => {
  const yaml = two('', ', confirm: true')
  const question = 'build 2 assets on prod? [y/N]'

  it('asks before a build, and the answer no leaves no trace', async () => {
    project = new InProcessProject({ 'assets.yaml': yaml }, {}, 'n')
    const said = await project.show('materialize --target prod')
    expect(said).toContain(question)
    expect(said).toMatch(/exit 130$/)
    expect(await project.show('runs --target prod')).toContain('shop on prod has no runs yet')
    expect(await project.show('materialize')).toContain('2 built')
  })

  it('builds after the answer yes, and does not ask when there is nothing to build', async () => {
    project = new InProcessProject({ 'assets.yaml': yaml }, {}, 'y')
    const said = await project.show('materialize --target prod')
    expect(said).toContain(question)
    expect(said).toContain('2 built')
    expect(await project.show('materialize --target prod')).not.toContain('[y/N]')
  })

  it('asks for a selection, for a job, and with --force', async () => {
    const jobs = 'jobs: {nightly: {select: days, target: prod}}\n'
    project = new InProcessProject({ 'assets.yaml': `${yaml}${jobs}` }, {}, 'yes')
    expect(await project.show('run nightly')).toContain('build 1 asset on prod? [y/N]')
    expect(await project.show('materialize days --target prod --force')).toContain(
      'build 1 asset on prod? [y/N]',
    )
  })

  it('does not ask with --dry-run, with --yes, or without a terminal', async () => {
    project = new InProcessProject({ 'assets.yaml': yaml }, {}, 'n')
    expect(await project.show('materialize --target prod --dry-run')).toContain('2 will build')
    expect(await project.show('materialize --target prod --yes')).toContain('2 built')
    project.remove()
    project = new InProcessProject({ 'assets.yaml': yaml })
    expect(await project.show('materialize --target prod')).toContain('2 built')
  })
})

describe('the targets of the shipped project', () => {
  const shipped = (file: string) => readFileSync(join(REPOSITORY, file), 'utf8')
  const yaml = shipped('assets.yaml')
  const place = (env: Readonly<Record<string, string>>) =>
    new InProcessProject(
      {
        'assets.yaml': yaml.replace(/^dbt: .*/m, ''),
        'assets/raw.yaml': shipped('assets/raw.yaml'),
      },
      env,
    )

  it('need no variable for local; for prod, check reports every missing variable with its line', async () => {
    project = place({})
    expect(await project.show('check')).toContain('no problems')
    const said = await project.show('check --target prod')
    const missing = [...said.matchAll(/^assets\.yaml:(\d+):\d+ .* the variable (\w+)/gm)]
    const lines = yaml.split('\n')
    expect(missing.map(([, , name]) => name)).toEqual([
      'SNOWFLAKE_ACCOUNT',
      'AIRBYTE_CONNECTION_ID',
      'TABLEAU_URL',
    ])
    for (const [, line, name] of missing) expect(lines[Number(line) - 1]).toContain(name)
    expect(said).toMatch(/exit 2$/)
  })

  it('are checked without a secret, driver or connection', async () => {
    project = place({
      SNOWFLAKE_ACCOUNT: 'myorg-myaccount',
      AIRBYTE_CONNECTION_ID: 'c',
      TABLEAU_URL: 'https://10ax.online.tableau.com',
    })
    expect(await project.show('check --target prod')).toContain('dvd_rental on prod')
  })

  it('use exactly the variables that .env.example lists', () => {
    const used = [...yaml.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name)
    const listed = [...shipped('.env.example').matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name)
    // AWS_REGION is read by the AWS client, not by assets.yaml.
    expect(listed.filter((name) => name !== 'AWS_REGION').sort()).toEqual([...new Set(used)].sort())
  })
})
