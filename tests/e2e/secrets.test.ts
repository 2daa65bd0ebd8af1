import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'
import { listen } from '../rig/loopback.ts'

const PASSWORD = 'hunter2/ü "quoted" & long'
const TOKEN = 'tok-5f1e9a77c0de'

/** A fake Secrets Manager with one secret, which counts requests. */
let secretsManager: Server
let requests = 0
let endpoint: string

beforeAll(async () => {
  secretsManager = createServer((request, response) => {
    request.resume().on('end', () => {
      requests += 1
      const SecretString = JSON.stringify({
        password: PASSWORD,
        encoded: encodeURIComponent(PASSWORD),
        token: TOKEN,
      })
      response.end(JSON.stringify({ Name: 'shop/prod', SecretString }))
    })
  })
  endpoint = `http://127.0.0.1:${await listen(secretsManager)}`
})
afterAll(() => {
  secretsManager.closeAllConnections()
  secretsManager.close()
})

const YAML = `
version: 1
project: shop
default_target: prod
targets:
  local: {}
  prod:
    warehouse: {type: duckdb, path: .assets/warehouse.duckdb}
    connections:
      shop: {type: postgres, url: "postgres://etl:\${secret:shop/prod#encoded}@127.0.0.1:1/shop?application_name=\${secret:shop/prod#token}"}
assets:
  raw_film: {kind: airbyte, connection: shop, stream: film, sync: full_refresh}
  loud: {kind: command, run: "printf '%s\\n' \\"$A\\" \\"$B\\" \\"$C\\" \\"$D\\" >&2; exit 1", outputs: ["out/{target}/loud.txt"]}
  after: {kind: command, deps: [loud], run: "true", outputs: ["out/{target}/after.txt"]}
`

/** The encodings in which a secret may appear. */
const FORMS = [PASSWORD, TOKEN].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64'),
])

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map((file) => join(folder, String(file)))
    .filter((file) => statSync(file).isFile())
}

test('no verb says a secret, and no file keeps one, though a program and a driver shout it', async () => {
  const [A = '', B = '', C = '', D = ''] = FORMS
  const project = new InProcessProject(
    { 'assets.yaml': YAML },
    {
      ...{ A: `password is ${A}`, B: `url has ${B}`, C: `{"p": "${C}"}`, D: `Basic ${D} ${TOKEN}` },
      ...{ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: endpoint },
      ...{ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-secret' },
    },
  )
  try {
    const output: string[] = []
    for (const line of [
      'materialize',
      'materialize --json',
      'status',
      'status --json',
      'plan --json',
      'why loud',
      'why loud --json',
      'runs',
      'runs 1',
      'runs 1 --json',
      'list --json',
      'graph --json',
    ]) {
      output.push(await project.show(line))
    }
    const everything = output.join('\n')
    // The program did print the secrets, and they were redacted.
    expect(everything).toContain('password is ***')
    expect(everything).toContain('Basic *** ***')
    for (const form of FORMS) {
      expect(everything.includes(form), form).toBe(false)
      for (const file of filesIn(project.root)) {
        expect(readFileSync(file).includes(form), `${form} in ${file}`).toBe(false)
      }
    }
  } finally {
    project.remove()
  }
})

test('verbs that only read declarations do not ask the secrets store', async () => {
  const before = requests
  const project = new InProcessProject({ 'assets.yaml': YAML })
  try {
    for (const line of ['list', 'check', 'graph', 'list -t prod', 'graph --json']) {
      expect(await project.show(line), line).not.toContain('exit')
    }
    expect(requests).toBe(before)
  } finally {
    project.remove()
  }
})

test('a missing key of a secret is reported with file and line', async () => {
  const files = { 'assets.yaml': YAML.replaceAll('#token', '#tokken') }
  const project = new InProcessProject(files, {
    ...{ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: endpoint },
    ...{ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-secret' },
  })
  try {
    const output = await project.show('status')
    expect(output).toContain('assets.yaml:10:')
    expect(output).toContain('secret shop/prod has no key tokken')
    expect(output).toContain('its keys: encoded, password, token')
    expect(output).toContain('exit')
  } finally {
    project.remove()
  }
})
