import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'
import { listen } from '../rig/loopback.ts'

const PASSWORD = 'hunter2/ü "quoted" & long'
const TOKEN = 'tok-5f1e9a77c0de'

/** Secrets Manager with one secret, counting who asks. */
let store: Server
let asked = 0
let endpoint: string

beforeAll(async () => {
  store = createServer((request, response) => {
    request.resume().on('end', () => {
      asked += 1
      const SecretString = JSON.stringify({
        password: PASSWORD,
        encoded: encodeURIComponent(PASSWORD),
        token: TOKEN,
      })
      response.end(JSON.stringify({ Name: 'shop/prod', SecretString }))
    })
  })
  endpoint = `http://127.0.0.1:${await listen(store)}`
})
afterAll(() => {
  store.closeAllConnections()
  store.close()
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

/** Every way in which what is secret may be written. */
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
  const desk = new InProcessProject(
    { 'assets.yaml': YAML },
    {
      ...{ A: `password is ${A}`, B: `url has ${B}`, C: `{"p": "${C}"}`, D: `Basic ${D} ${TOKEN}` },
      ...{ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: endpoint },
      ...{ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-secret' },
    },
  )
  try {
    const said: string[] = []
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
      said.push(await desk.show(line))
    }
    const everything = said.join('\n')
    // It was shouted, and it was the secret that was taken out.
    expect(everything).toContain('password is ***')
    expect(everything).toContain('Basic *** ***')
    for (const form of FORMS) {
      expect(everything.includes(form), form).toBe(false)
      for (const file of filesIn(desk.root)) {
        expect(readFileSync(file).includes(form), `${form} in ${file}`).toBe(false)
      }
    }
  } finally {
    desk.remove()
  }
})

test('who only reads declarations asks no store', async () => {
  const before = asked
  const desk = new InProcessProject({ 'assets.yaml': YAML })
  try {
    for (const line of ['list', 'check', 'graph', 'list -t prod', 'graph --json']) {
      expect(await desk.show(line), line).not.toContain('exit')
    }
    expect(asked).toBe(before)
  } finally {
    desk.remove()
  }
})

test('a secret that can not be had is told at its line', async () => {
  const files = { 'assets.yaml': YAML.replaceAll('#token', '#tokken') }
  const desk = new InProcessProject(files, {
    ...{ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: endpoint },
    ...{ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'not-a-secret' },
  })
  try {
    const said = await desk.show('status')
    expect(said).toContain('assets.yaml:10:')
    expect(said).toContain('the secret shop/prod has no key tokken')
    expect(said).toContain('it has encoded, password, token')
    expect(said).toContain('exit')
  } finally {
    desk.remove()
  }
})
