import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CliProject, type RunningCommand } from '../rig/cli.ts'

// The server of `assets ui` as others on the machine and on the network see it.

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
}

const PASSWORD = 'pa55word-of-the-source'

describe('the server of the page', () => {
  let project: CliProject
  let server: RunningCommand
  let port: number

  beforeAll(async () => {
    project = new CliProject({ SHOP_PASSWORD: PASSWORD })
      .write('secret.txt', 'not of the page')
      .write(
        'assets.yaml',
        `version: 1
project: shop
targets:
  local:
    connections:
      source: {type: postgres, url: "postgres://u:\${SHOP_PASSWORD}@127.0.0.1:1/shop"}
    warehouse: {type: duckdb, path: shop.duckdb}
assets:
  raw: {kind: command, run: "echo ${PASSWORD} >&2; exit 1", outputs: [raw.txt]}
  mart: {kind: command, deps: [raw], run: cp raw.txt mart.txt, outputs: [mart.txt]}
  slow: {kind: command, run: sleep 3}
`,
      )
    await project.run('materialize')
    server = project.start(['ui'])
    port = Number(new URL(await addressOf(server)).port)
  })

  afterAll(async () => {
    server.child.kill('SIGTERM')
    expect((await server.ended).code).toBe(143)
    project.remove()
  })

  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    askAt(port, path, headers, method)

  test('gives the page, with a policy that allows its own code only', async () => {
    const { status, headers, text } = await ask('/')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    const policy = String(headers['content-security-policy'])
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/,
    )
    expect(policy).not.toContain('unsafe')
    expect(policy).toContain("frame-ancestors 'none'")
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    expect(text).toContain('<title>assets</title>')
  })

  test.each(['overview', 'plan', 'runs', 'run/1', 'asset/mart'])(
    'gives %s as JSON',
    async (path) => {
      const { status, headers, text } = await ask(`/api/${path}`)
      expect(status).toBe(200)
      expect(headers['content-type']).toBe('application/json; charset=utf-8')
      expect(JSON.parse(text)).toBeTypeOf('object')
      expect(text).not.toContain('assets/problems/1')
    },
  )

  test('shows no secret, even of a program that printed it', async () => {
    for (const path of ['overview', 'plan', 'run/1', 'asset/raw', 'asset/mart']) {
      expect((await ask(`/api/${path}`)).text).not.toContain(PASSWORD)
    }
  })

  test.each([
    '/secret.txt',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/api/asset/..%2f..%2fsecret.txt',
    '/api/asset/%2fetc%2fpasswd',
    '/api/run/../../secret.txt',
    '/api/run/1%20or%201',
    '/api/asset/',
    '/api/overview/x',
    '/api/%',
    '/api/asset/%',
    '/api/',
    '/assets.yaml',
    '//etc/passwd',
  ])('gives nothing for %s', async (path) => {
    const { status, text } = await ask(path)
    expect([status, text.includes('not of the page'), text.includes('root:')]).toEqual([
      404,
      false,
      false,
    ])
  })

  test('answers no other site, and changes nothing', async () => {
    expect((await ask('/api/overview', { host: `evil.example:${port}` })).status).toBe(403)
    expect((await ask('/api/overview', { origin: 'http://evil.example' })).status).toBe(403)
    expect((await ask('/', { host: 'evil.example' })).status).toBe(403)
    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await ask('/api/overview', {}, method)).status).toBe(405)
    }
  })

  test('sends what a run notes as events, and what a page missed', async () => {
    const stream = events(port)
    const run = project.start(['materialize', '--force', 'slow'])
    const first = await stream.until(/event: run\nid: (\d+)\.(\d+)\ndata: (.*)\n/)
    expect(JSON.parse(first[3]!).run.events[0].event.event).toBe('run_started')
    await run.ended
    await stream.until(/event: changed/)
    stream.close()
  })

  test('says that a port is in use', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port: number } = taken.address() as AddressInfo
    const { code, stderr } = await project.run('ui', '--port', String(number))
    taken.close()
    expect(code).toBe(1)
    expect(stderr).toContain(`port ${number} is in use`)
    expect(stderr).toContain('use another one')
  })

  test('on another address asks for the token that it printed', async () => {
    const other = project.start(['ui', '--host', '127.0.0.2'])
    const address = new URL(await addressOf(other))
    const token = address.hash.replace('#token=', '')
    expect(token.length).toBeGreaterThan(20)
    const there = Number(address.port)
    const askThere = (headers: Record<string, string>, path = '/api/overview') =>
      askAt(there, path, { host: `127.0.0.2:${there}`, ...headers }, 'GET', '127.0.0.2')
    expect((await askThere({})).status).toBe(401)
    expect((await askThere({ authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await askThere({}, '/events')).status).toBe(401)
    expect((await askThere({}, '/')).status).toBe(200)
    expect((await askThere({ authorization: `Bearer ${token}` })).status).toBe(200)
    other.child.kill('SIGINT')
    await other.ended
  })

  test('takes the token of ASSETS_UI_TOKEN', async () => {
    const other = project.start(['ui', '--host', '127.0.0.2'], { ASSETS_UI_TOKEN: 'of-the-team' })
    const address = new URL(await addressOf(other))
    const there = Number(address.port)
    const headers = { host: address.host, authorization: 'Bearer of-the-team' }
    expect(other.stdout).not.toContain('of-the-team')
    expect((await askAt(there, '/api/runs', headers, 'GET', '127.0.0.2')).status).toBe(200)
    other.child.kill('SIGINT')
    await other.ended
  })

  test('goes on while the project has a mistake, and says it', async () => {
    const yaml = readFileSync(project.path('assets.yaml'), 'utf8')
    project.write('assets.yaml', yaml.replace('deps: [raw]', 'deps: [rew]'))
    const { status, text } = await ask('/api/plan')
    project.write('assets.yaml', yaml)
    expect([status, JSON.parse(text).schema]).toEqual([200, 'assets/problems/1'])
    expect(text).toContain('rew')
  })
})

async function addressOf(command: RunningCommand): Promise<string> {
  await command.until('Ctrl-C ends it')
  return /http:\/\/\S+/.exec(command.stdout)![0]
}

function askAt(
  port: number,
  path: string,
  headers: Record<string, string>,
  method: string,
  host = '127.0.0.1',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, text }),
      )
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** The stream of events. */
function events(port: number) {
  let text = ''
  let look = () => {}
  const asked = request({ host: '127.0.0.1', port, path: '/events' }, (response) => {
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part
      look()
    })
  })
  asked.on('error', () => {})
  asked.end()
  return {
    until: (pattern: RegExp) =>
      new Promise<RegExpExecArray>((resolve) => {
        look = () => {
          const found = pattern.exec(text)
          if (found !== null) resolve(found)
        }
        look()
      }),
    close: () => asked.destroy(),
  }
}
