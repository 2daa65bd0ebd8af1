import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Client, createClient } from '../../framework/connections/tableau/client.ts'
import { readProjects } from '../../framework/connections/tableau/content.ts'
import { createSend } from '../../framework/connections/tableau/http.ts'
import { readSettings, type TableauSettings } from '../../framework/connections/tableau/settings.ts'
import { systemTimers, type Timers } from '../../framework/connections/timers.ts'
import type { Result } from '../../framework/model/problem.ts'
import { type Fault, TableauLookAlike, TOKEN } from '../rig/tableau/look-alike.ts'

let server: TableauLookAlike
/** What was waited for between two tries, in milliseconds. */
let waits: number[]
/** Lines for people. */
let notices: string[]
let client: Client
let settings: TableauSettings

const timers: Timers = {
  sleep: async (milliseconds) => {
    waits.push(milliseconds)
  },
  // The limit of a call, shortened.
  later: (milliseconds, call) => systemTimers.later(milliseconds / 100, call),
}

const clientOf = (more: Partial<TableauSettings> = {}): Client => {
  settings = {
    ...{
      name: 'tableau',
      url: server.url,
      site: 'rental',
      tokenName: TOKEN.name,
      token: TOKEN.secret,
      timeout: 3_600_000,
    },
    ...more,
  }
  return createClient(
    settings,
    createSend(timers),
    timers,
    Date.now,
    new AbortController().signal,
    {
      notice: (message) => notices.push(message),
    },
  )
}

beforeEach(async () => {
  server = await TableauLookAlike.start()
  waits = []
  notices = []
  client = clientOf()
})
afterEach(() => server.close())

const projects = () => readProjects(client, settings)
const POST = { method: 'POST', path: '/fileUploads', what: 'upload a file' } as const

function codeOf(result: Result<unknown>): string {
  if (result.ok) return 'ok'
  const [problem] = result.problems
  expect(JSON.stringify(problem)).not.toContain(TOKEN.secret)
  return problem!.code
}

describe('the session', () => {
  test('is one for all calls, and ends at the server', async () => {
    expect(server.calls).toEqual([])
    await Promise.all([projects(), projects(), client.send(POST)])
    await client.close()
    expect(server.signIns).toBe(1)
    expect(server.calls.at(-1)).toBe('POST /auth/signout')
    await client.close()
    expect(server.calls.filter((call) => call.includes('signout'))).toHaveLength(1)
  })

  test('that ended is replaced once, whatever the number of calls', async () => {
    await projects()
    server.endSession()
    expect((await Promise.all([projects(), projects()])).map(codeOf)).toEqual(['ok', 'ok'])
    expect(server.signIns).toBe(2)
    server.endSession()
    expect(codeOf(await client.send(POST))).toBe('ok')
    expect(server.calls.filter((call) => call === 'POST /sites/SITE/fileUploads')).toHaveLength(2)
  })

  test('that ends again at once is a problem', async () => {
    server.plan('GET', /projects/, { is: 'status', status: 401, code: '401002' }, 9)
    const read = await projects()
    expect(codeOf(read)).toBe('tableau-denied')
    expect(JSON.stringify(read)).toContain('something else signs in with this token')
    expect([server.signIns, waits]).toEqual([4, [1_000, 5_000]])
  })

  test.each([
    ['a wrong token', { token: 'another-secret' }],
    ['a wrong name', { tokenName: 'nobody' }],
    ['another site', { site: 'elsewhere' }],
  ])('is refused for %s, without a second try', async (_, more) => {
    client = clientOf(more)
    expect(codeOf(await client.session())).toBe('tableau-denied')
    expect(server.calls.filter((call) => call === 'POST /auth/signin')).toHaveLength(1)
    expect(waits).toEqual([])
  })

  test('has the older of both versions of the API', async () => {
    server.version = '3.9'
    await client.session()
    expect(client.version()).toBe('3.9')
    server.version = '4.1'
    client = clientOf()
    await client.session()
    expect(client.version()).toBe('3.27')
    server.version = '3.5'
    client = clientOf()
    expect(codeOf(await client.session())).toBe('tableau-too-old')
  })

  test('begins where the server sends it', async () => {
    const pod = await TableauLookAlike.start()
    try {
      server.plan('POST', /signin/, { is: 'redirect', to: `${pod.url}/api/3.27/auth/signin` })
      expect(codeOf(await projects())).toBe('ok')
      expect([server.signIns, pod.signIns]).toEqual([0, 1])
      expect(pod.calls).toContain('GET /sites/SITE/projects?pageSize=100&pageNumber=1')
      client = clientOf()
      server.plan('GET', /serverinfo/, { is: 'redirect', to: `${pod.url}/api/2.4/serverinfo` })
      expect(codeOf(await projects())).toBe('ok')
      expect(pod.signIns).toBe(2)
    } finally {
      await pod.close()
    }
  })
})

describe('a redirect', () => {
  const answering = async (answer: (url: string) => readonly [number, Record<string, string>]) => {
    const calls: string[] = []
    const other = createServer((request, response) => {
      calls.push(`${request.method} ${request.url}`)
      const [status, headers] = answer(request.url ?? '')
      response
        .writeHead(status, { 'content-type': 'text/html', ...headers })
        .end('<html>moved</html>')
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const close = async () => {
      other.closeAllConnections()
      await new Promise((resolve) => other.close(resolve))
    }
    return { calls, url: `http://127.0.0.1:${port}`, close }
  }

  test('in a circle ends', async () => {
    const circle = await answering((url) => [302, { location: `/x${url}` }])
    expect(codeOf(await clientOf({ url: circle.url }).session())).toBe('tableau-moved')
    expect(circle.calls.length).toBeLessThan(6)
    await circle.close()
    for (let times = 0; times < 2; times++) {
      server.plan('POST', /signin/, { is: 'redirect', to: '/x/api/3.27/auth/signin' }, 99)
    }
    expect(codeOf(await clientOf().session())).toBe('tableau-moved')
    expect(server.calls.filter((call) => call.startsWith('POST')).length).toBeLessThan(6)
  })

  test.each([
    ['http://elsewhere.example.com/api/2.4/serverinfo'],
    ['https://elsewhere.example.com/api/2.4/serverinfo'],
    ['http://[bad'],
    ['https://'],
    ['ftp://127.0.0.1/'],
  ])('to %s is not followed, and is no crash', async (location) => {
    const moving = await answering(() => [301, { location }])
    const session = await clientOf({ url: moving.url }).session()
    expect(codeOf(session)).toBe('tableau-moved')
    expect(moving.calls).toHaveLength(1)
    await moving.close()
  })

  test.each([404, 403, 400])('a page with status %i is final', async (status) => {
    const page = await answering(() => [status, {}])
    const session = await clientOf({ url: page.url }).session()
    expect(codeOf(session)).toBe('tableau-not-answering')
    expect(JSON.stringify(session)).toContain(`status ${status}`)
    expect([page.calls.length, waits]).toEqual([1, []])
    await page.close()
  })
})

test('a session has no secret', async () => {
  const session = await client.session()
  expect(session.ok && Object.keys(session.value).sort()).toEqual(['siteId', 'userId'])
})

test('a sign-in that is refused for another reason is no wrong token', async () => {
  server.plan('POST', /signin/, { is: 'status', status: 400, code: '400003' })
  expect(codeOf(await client.session())).toBe('tableau-refused')
})

const PASSING: readonly (readonly [string, Fault])[] = [
  ['status 500', { is: 'status', status: 500 }],
  ['status 502', { is: 'status', status: 502 }],
  ['status 503', { is: 'status', status: 503 }],
  ['status 504', { is: 'status', status: 504 }],
  ['status 408', { is: 'status', status: 408 }],
  ['status 429', { is: 'status', status: 429 }],
  ['a page of a proxy', { is: 'page', status: 502 }],
  ['a page of a proxy that calls itself well', { is: 'page', status: 200 }],
  ['a broken connection before the call', { is: 'broken', when: 'before' }],
  ['a broken connection after the call', { is: 'broken', when: 'after' }],
  ['half an answer', { is: 'cut' }],
  ['silence', { is: 'silent' }],
]

describe('what only reads is repeated after', () => {
  test.each(PASSING)('%s', async (_, fault) => {
    server.plan('GET', /projects/, fault, 2)
    expect(codeOf(await projects())).toBe('ok')
    expect(waits).toEqual([1_000, 2_000])
  })

  test.each(PASSING)('%s, also while it signs in', async (_, fault) => {
    server.plan('GET', /serverinfo/, fault, 1)
    server.plan('POST', /signin/, fault, 1)
    expect(codeOf(await projects())).toBe('ok')
  })

  test.each(PASSING)('%s, for about a minute', async (_, fault) => {
    server.plan('GET', /projects/, fault, 99)
    const read = await projects()
    expect(codeOf(read)).toBe('tableau-not-answering')
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBe(61_000)
  })

  test('the time that a busy server asks for, up to a minute in all', async () => {
    server.plan('GET', /projects/, { is: 'status', status: 429, headers: { 'retry-after': '7' } })
    server.plan('GET', /projects/, {
      is: 'status',
      status: 429,
      headers: { 'retry-after': '86400' },
    })
    expect(codeOf(await projects())).toBe('ok')
    expect(waits).toEqual([7_000, 53_000])
  })

  test('nothing, if it was refused', async () => {
    server.forbidden.push('GET /projects')
    const read = await projects()
    expect(codeOf(read)).toBe('tableau-forbidden')
    expect(JSON.stringify(read)).toContain('list the projects')
    server.plan('GET', /projects/, { is: 'status', status: 400, code: '400000' })
    server.forbidden.pop()
    expect(codeOf(await projects())).toBe('tableau-refused')
    expect(waits).toEqual([])
  })
})

test.each(PASSING.filter(([what]) => what !== 'status 429'))(
  'what changes something is sent once, and its outcome is unclear, after %s',
  async (_, fault) => {
    await client.session()
    server.plan('POST', /fileUploads/, fault)
    const sent = await client.send(POST)
    if (!sent.ok) throw new Error(JSON.stringify(sent.problems))
    expect(sent.value.reply).toBe('unclear')
    expect(server.calls.filter((call) => call === 'POST /sites/SITE/fileUploads')).toHaveLength(1)
  },
)

test('what changes something is sent again to a server that was busy: it has done nothing', async () => {
  await client.session()
  const busy = { is: 'status', status: 429, headers: { 'retry-after': '7' } } as const
  server.plan('POST', /fileUploads/, busy)
  const sent = await client.send(POST)
  if (!sent.ok) throw new Error(JSON.stringify(sent.problems))
  expect([sent.value.reply, waits]).toEqual(['ok', [7_000]])
  waits.splice(0)
  server.plan('POST', /fileUploads/, busy, 99)
  expect(codeOf(await client.send(POST))).toBe('tableau-not-answering')
  expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThanOrEqual(60_000)
})

test('a sign-in that failed is not tried by each call, and people are told what is waited for', async () => {
  server.plan('GET', /serverinfo/, { is: 'page', status: 502 }, 99)
  const read = await Promise.all([projects(), projects(), client.send(POST)])
  expect(read.map(codeOf)).toEqual(Array(3).fill('tableau-not-answering'))
  expect(codeOf(await projects())).toBe('tableau-not-answering')
  expect(waits.reduce((sum, wait) => sum + wait, 0)).toBe(61_000)
  expect(notices).toEqual([
    `Tableau at ${server.url} does not answer (status 502, and the body is no answer of Tableau): still trying`,
  ])
})

test('all pages of a list are read', async () => {
  for (let number = 0; number < 250; number++) server.store.addProject(`project ${number}`)
  const read = await projects()
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  expect(read.value).toHaveLength(251)
  expect(new Set(read.value.map(({ id }) => id)).size).toBe(251)
})

test('a server that gives less on a page than it was asked for is read to the end', async () => {
  for (let number = 0; number < 25; number++) server.store.addProject(`project ${number}`)
  server.largestPage = 10
  const read = await projects()
  expect(read.ok && read.value.length).toBe(26)
})

test('names come as they are', async () => {
  const name = ` R&D <"quoted"> 'é' 007 1e5 true `
  server.store.addProject(name)
  const read = await projects()
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  expect(read.value.map((one) => one.name)).toEqual(['default', name])
})

describe('a hostile answer', () => {
  const ANSWERS = [
    [
      'entities that multiply',
      `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "${'a'.repeat(1_000)}">${Array.from({ length: 9 }, (_, n) => `<!ENTITY ${'bcdefghij'[n]} "${`&${'abcdefghij'[n]};`.repeat(10)}">`).join('')}]><tsResponse><serverInfo><restApiVersion>&j;</restApiVersion></serverInfo></tsResponse>`,
    ],
    [
      'a file as an entity',
      `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><tsResponse><serverInfo><restApiVersion>&a;</restApiVersion></serverInfo></tsResponse>`,
    ],
    ['deep elements', `<tsResponse>${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}</tsResponse>`],
    [
      'names of object properties',
      '<tsResponse><__proto__ polluted="1"/><constructor>1</constructor></tsResponse>',
    ],
    ['an open element', '<tsResponse><serverInfo></tsResponse>'],
    ['nothing in it', '<tsResponse></tsResponse>'],
    ['no XML', '\0\0\0'],
    ['JSON', '{"serverInfo":{"restApiVersion":"3.27"}}'],
  ] as const

  test.each(ANSWERS)('is no answer: %s', async (_, text) => {
    const hostile = createServer((_request, response) => response.end(text))
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(hostile.address() as AddressInfo).port}`
    const session = await clientOf({ url }).session()
    expect(['tableau-not-answering', 'tableau-too-old']).toContain(codeOf(session))
    expect(JSON.stringify(session)).not.toContain('root:')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    hostile.closeAllConnections()
    await new Promise((resolve) => hostile.close(resolve))
  })
})

describe('the settings', () => {
  const read = (settings: Record<string, string>) =>
    readSettings({
      type: 'tableau',
      settings: { token_name: 'n', token: 't', ...settings },
      at: { file: 'assets.yaml', path: ['targets', 'prod', 'connections', 'tableau'] },
    })

  test.each([
    ['https://x.online.tableau.com', 'https://x.online.tableau.com'],
    ['https://x.example.com/', 'https://x.example.com'],
    ['https://example.com/tableau/', 'https://example.com/tableau'],
    ['http://localhost:8000', 'http://localhost:8000'],
  ])('%s', (url, expected) => {
    expect(read({ url })).toMatchObject({ value: { url: expected, site: '' } })
  })

  test.each([
    ['tableau', 'no URL'],
    ['ftp://example.com', 'another protocol'],
    ['https://me:secret@example.com', 'a login'],
    ['https://x.online.tableau.com/#/site/rental/home', 'a page'],
    ['https://example.com/?a=1', 'a query'],
  ])('%s is refused: %s', (url) => {
    const result = read({ url })
    expect(codeOf(result)).toBe('invalid-tableau')
    expect(JSON.stringify(result)).not.toContain('secret')
  })

  test('a page of a site says which one', () => {
    const result = read({ url: 'https://x.online.tableau.com/#/site/rental/home' })
    expect(JSON.stringify(result)).toContain('write https://x.online.tableau.com and site: rental')
  })
})
