import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commands } from '../../framework/cli/verbs/index.ts'
import { InProcessProject } from '../rig/in-process.ts'

/** A server of PostgreSQL that refuses each login. */
const server = createServer((socket) => {
  const text = 'SFATAL\0C28P01\0Mpassword authentication failed for user "ann"\0\0'
  const length = Buffer.alloc(4)
  length.writeInt32BE(text.length + 4)
  socket.once('data', () =>
    socket.end(Buffer.concat([Buffer.from('E'), length, Buffer.from(text)])),
  )
  socket.on('error', () => undefined)
})
const desk = new InProcessProject({})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { readonly port: number }
  desk.write(
    'assets.yaml',
    `version: 1
project: shop
targets:
  local: {state: {type: postgres, url: "postgres://ann@127.0.0.1:${port}/shop?sslmode=disable"}}
  here: {}
default_target: local
jobs: {nightly: {select: "*"}}
assets:
  days: {kind: command, run: "true"}
`,
  )
})
afterAll(() => {
  server.close()
  desk.remove()
})

/** The verbs that open no state, or that need more than one; `ui` answers until it is stopped. */
const WITHOUT_STATE = /^(check|completion|doctor|graph|import|init|list|schema|source|state|ui)\b/
const ARGUMENTS: Readonly<Record<string, string>> = { why: ' days', run: ' nightly' }
const withState = commands.map(([words]) => words).filter((words) => !WITHOUT_STATE.test(words))

test.each(withState)('after a refused login, assets %s leads to doctor', async (words) => {
  const shown = await desk.show(`${words}${ARGUMENTS[words] ?? ''}`)
  expect(shown).toContain('refused the login')
  expect(shown.split('\n').slice(-3)).toEqual(['', 'next: assets doctor', 'exit 1'])
  const document = await desk.json(`${words}${ARGUMENTS[words] ?? ''} --json`, 1)
  expect(JSON.stringify(document)).not.toContain('assets doctor')
})

test('doctor does not lead to itself', async () => {
  const shown = await desk.show('doctor')
  expect(shown).toContain('refused the login')
  expect(shown).not.toContain('next:')
})

test('a fresh project has no next command', async () => {
  expect(await desk.show('materialize -t here')).toContain('next: assets why days --target here')
  for (const line of ['status', 'plan', 'why days', 'materialize']) {
    expect(await desk.show(`${line} -t here`)).not.toContain('next:')
  }
})
