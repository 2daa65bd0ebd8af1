import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { CliProject } from '../rig/cli.ts'

// Secrets are planted in `.env`, in the shell, in a `run:` line and in the settings of a target. Programs and
// drivers print them. No output and no file has them afterwards.

const SECRETS = {
  dotenv: 'tok-in-dotenv-1234',
  dotenvUrl: 'pw-in-dotenv-url-42',
  shell: 'ghp-in-shell-5678',
  run: 'pw-in-run-line-9012',
  parameter: 'pw-in-parameter-11',
  target: 'pw-in-target-3456',
  setting: 'pw-in-setting-7890',
}

const YAML = `version: 1
project: leaky
default_target: local
targets:
  local:
    warehouse: {type: duckdb, path: .assets/warehouse.duckdb}
    connections:
      shop: {type: postgres, url: "postgres://etl:${SECRETS.target}@127.0.0.1:1/shop"}
      cloud: {type: airbyte, url: "http://127.0.0.1:1/v1", connection_id: c, client_id: i, client_secret: ${SECRETS.setting}}
assets:
  raw_film: {kind: airbyte, connection: shop, stream: film, sync: full_refresh}
  loud:
    kind: command
    env: [API_TOKEN]
    run: "echo \\"$API_TOKEN $GITHUB_TOKEN [$OTHER_URL]\\" >&2; echo 'postgres://a:${SECRETS.run}@h/db?sslpassword=${SECRETS.parameter}' >&2; exit 1"
    outputs: [out/loud.txt]
  after: {kind: command, deps: [loud], run: "true", outputs: [out/after.txt]}
  quiet: {kind: command, run: "[ -z \\"$OTHER_URL\\" ] && env > out/quiet.txt", outputs: [out/quiet.txt]}
  needs: {kind: command, run: "test -n \\"$PLAIN\\"", outputs: [out/needs.txt]}
`
const DOTENV = `API_TOKEN=${SECRETS.dotenv}
OTHER_URL=mysql://u:${SECRETS.dotenvUrl}@db.example/x
PLAIN=visible
`

let project: CliProject
afterEach(() => project.remove())

function leaky(): CliProject {
  project = new CliProject({ GITHUB_TOKEN: SECRETS.shell })
  return project.write('assets.yaml', YAML).write('.env', DOTENV)
}

/** The files that hold one of these texts, with the name of the secret. */
function filesWith(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(folder, file)).isFile())
    .flatMap((file) => {
      const bytes = readFileSync(join(folder, file))
      const found = Object.entries(SECRETS).filter(([, secret]) => bytes.includes(secret))
      return found.map(([name]) => `${name} in ${file}`)
    })
}

describe('a secret that a program or a driver prints', () => {
  test('is in no output, and in no file that assets writes', async () => {
    leaky()
    const said: string[] = []
    for (const line of [
      'materialize',
      'materialize --json',
      'status',
      'status --json',
      'plan --json',
      'why loud',
      'why loud --json',
      'why raw_film',
      'runs',
      'runs 1',
      'runs 1 --json',
      'list --json',
      'graph --json',
      'check',
      'check --json',
      'doctor',
      'doctor --json',
      'state check',
    ]) {
      const { stdout, stderr } = await project.run(...line.split(' '))
      said.push(stdout, stderr)
    }
    const all = said.join('\n')
    // It was printed.
    expect(all).toContain('*** *** []')
    expect(all).toContain('postgres://a:***@h/db?sslpassword=***')
    for (const [name, secret] of Object.entries(SECRETS)) {
      expect(all.includes(secret), `${name} in the output`).toBe(false)
    }
    expect(filesWith(project.path('.assets'))).toEqual([])
  })
})

test('a command gets the shell, and of .env what its env: names', async () => {
  leaky()
  const { stdout, stderr } = await project.run('materialize', 'quiet', 'needs')
  const text = readFileSync(project.path('out/quiet.txt'), 'utf8')
  expect(text).toContain('GITHUB_TOKEN=')
  expect(text).not.toMatch(/API_TOKEN|OTHER_URL|PLAIN/)
  expect(stdout + stderr).toContain('PLAIN is in .env: name it in `env:` of the asset')
})

test.skipIf(process.platform === 'win32')('.assets is open to its user only', async () => {
  leaky()
  await project.run('materialize', 'quiet')
  const modeOf = (file: string) => (statSync(project.path(file)).mode & 0o777).toString(8)
  expect(modeOf('.assets')).toBe('700')
  expect(modeOf('.assets/state.sqlite')).toBe('600')
  expect(modeOf('out/quiet.txt')).not.toBe('600')
})
