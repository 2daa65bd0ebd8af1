import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, describe, expect, test } from 'vitest'
import { MIGRATIONS } from '../../framework/state/migrations.ts'
import { InProcessProject } from '../rig/in-process.ts'
import { newerDuckdb } from '../rig/newer-duckdb.ts'
import { freePort } from '../rig/postgres.ts'

let project: InProcessProject | null = null
const servers: Server[] = []
afterEach(() => {
  project?.remove()
  project = null
  for (const server of servers.splice(0)) server.close()
})

/** A server that answers every request with the given bytes, or not at all. */
async function listen(onData: (reply: (bytes: Buffer) => void) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => onData((bytes) => socket.end(bytes)))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const ASSETS = `
assets:
  raw_payment: {kind: airbyte, connection: shop, stream: payment}
  raw_film: {kind: airbyte, connection: shop, stream: film}
`

const SECRETS = ['state-word', 'warehouse-word', 'client-word', 'source-word']

const prod = (port: number | string) => `version: 1
project: shop
default_target: prod
targets:
  prod:
    state: {type: postgres, url: "postgres://state:state-word@127.0.0.1:${port}/assets"}
    warehouse:
      type: snowflake
      account: lookalike
      access_url: "http://127.0.0.1:${port}"
      user: robot
      password: warehouse-word
      database: SHOP
    connections:
      shop:
        type: airbyte
        url: "http://127.0.0.1:${port}"
        connection_id: e735894a
        client_id: us
        client_secret: client-word
        source: {url: "postgres://airbyte:source-word@127.0.0.1:${port}/shop", disk: 20GB}
${ASSETS}`

/** Runs `doctor --json`. `by` has `state subject` of every fact, by the part examined. */
async function examined(
  yaml: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly text: string; readonly by: Readonly<Record<string, readonly string[]>> }> {
  project ??= new InProcessProject({}, env)
  project.write('assets.yaml', yaml)
  const text = await project.show('doctor --json')
  const [, json = ''] = /^\$ .*?\n(\{.*\n\})/s.exec(text) ?? []
  const by: Record<string, string[]> = {}
  for (const { about, state, subject } of JSON.parse(json).facts) {
    by[about] ??= []
    by[about].push(`${state} ${subject}`)
  }
  return { text, by }
}

describe('when no service of a target answers', () => {
  test('every part is reported at once, with exit 1 and without a secret', async () => {
    project = new InProcessProject({ 'assets.yaml': prod(await freePort()) })
    // Deadlines end ten times sooner than in production.
    project.speedup = 10
    const { text, by } = await examined(prod(await freePort()))
    const { tool, ...others } = by
    expect(tool).not.toContain('bad')
    expect(others).toEqual({
      state: ['bad access'],
      warehouse: ['bad access'],
      'connection shop': ['bad access'],
      'connection shop, source': ['bad access'],
    })
    expect(text).toMatch(/\nexit 1$/)
    for (const secret of SECRETS) expect(text).not.toContain(secret)
  })

  test('a service that never answers is given up after a deadline, and good facts are shown', async () => {
    const silent = await listen(() => {})
    project = new InProcessProject({})
    project.speedup = 10
    const { text, by } = await examined(prod(silent))
    expect(Object.keys(by)).toEqual([
      'tool',
      'state',
      'warehouse',
      'connection shop',
      'connection shop, source',
    ])
    expect(by.tool).toHaveLength(5)
    expect(text.match(/no answer within 10 s/g)).toHaveLength(4)
    expect(text).toMatch(/\nexit 1$/)
  })

  test('secrets that a server quotes are redacted', async () => {
    const message = `no: ${SECRETS.join(', ')}`
    const error = Buffer.from(`SFATAL\0VFATAL\0C28P01\0M${message}\0\0`)
    const length = Buffer.alloc(4)
    length.writeInt32BE(error.length + 4)
    const port = await listen((reply) => reply(Buffer.concat([Buffer.from('E'), length, error])))
    project = new InProcessProject({})
    project.speedup = 10
    const { text } = await examined(prod(port))
    expect(text).toContain('no: ***, ***, ***, ***')
    for (const secret of SECRETS) expect(text).not.toContain(secret)
  })
})

describe('mistakes in the declarations', () => {
  test('exit with 2, and everything else is still examined', async () => {
    const yaml = prod(await freePort()).replace('      password: warehouse-word\n', '')
    project = new InProcessProject({})
    project.speedup = 10
    const { text, by } = await examined(yaml)
    expect(by.warehouse).toEqual(['bad access'])
    expect(by.state).toEqual(['bad access'])
    expect(text).toMatch(/\nexit 2$/)
  })

  test('a secret that cannot be read: parts that need it are not examined', async () => {
    const yaml = `version: 1
project: shop
targets:
  prod:
    state: {type: postgres, url: "\${secret:shop/prod#state_url}"}
    warehouse: {type: duckdb, path: shop.duckdb}
default_target: prod
${ASSETS.replace(/connection: shop/g, 'connection: none')}`
    const env = {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'nobody',
      AWS_SECRET_ACCESS_KEY: 'nothing-at-all',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}`,
      AWS_MAX_ATTEMPTS: '1',
    }
    project = new InProcessProject({}, env)
    project.speedup = 1
    const { text, by } = await examined(yaml)
    expect(by.secrets).toEqual(['bad access'])
    expect(by.state).toEqual(['warning access'])
    expect(by.warehouse).toEqual(['ok engine', 'ok file'])
    expect(text).toMatch(/\nexit 1$/)
  })
})

const LOCAL = `version: 1
project: shop
default_target: local
targets:
  local: {warehouse: {type: duckdb, path: shop.duckdb}}
`

describe('on a laptop', () => {
  const open = () => {
    project = new InProcessProject({ 'assets.yaml': LOCAL })
    project.speedup = 1
    return project
  }

  test('before the first build, nothing is bad and no file is created', async () => {
    open()
    const { by } = await examined(LOCAL)
    expect(by.state).toEqual(['ok file'])
    expect(by.warehouse).toEqual(['ok engine', 'ok file'])
    expect((await examined(LOCAL)).by.state).toEqual(['ok file'])
  })

  test('a warehouse file that is not a DuckDB file', async () => {
    open().write('shop.duckdb', 'some other file, and long enough to have had a header in it')
    const { text, by } = await examined(LOCAL)
    expect(by.warehouse).toEqual(['ok engine', 'ok file', 'bad format', 'ok lock'])
    expect(text).toContain('shop.duckdb is not a DuckDB file, or it is damaged')
  })

  test('a warehouse file that a later DuckDB wrote', async () => {
    await newerDuckdb(join(open().root, 'shop.duckdb'), 999n)
    const { text, by } = await examined(LOCAL)
    expect(by.warehouse).toEqual(['ok engine', 'ok file', 'bad format', 'ok lock'])
    expect(text).toContain('shop.duckdb was written by DuckDB v9.8.7, and DuckDB v1.')
  })

  test('a folder in place of the warehouse file', async () => {
    mkdirSync(join(open().root, 'shop.duckdb'))
    expect((await examined(LOCAL)).by.warehouse).toEqual([
      'ok engine',
      'ok file',
      'bad format',
      'ok lock',
    ])
  })

  test('a warehouse file is read once, and a damaged block names its table', async () => {
    const file = join(open().root, 'shop.duckdb')
    const instance = await DuckDBInstance.create(file)
    const connection = await instance.connect()
    await connection.run(
      `set force_compression = 'uncompressed';
       create table film as select range as id, md5(range::varchar) as title from range(200000);
       create schema "mart"; create table mart.one as select 1 as x; checkpoint`,
    )
    connection.closeSync()
    instance.closeSync()
    expect((await examined(LOCAL)).by['warehouse, contents']).toEqual(['ok blocks'])
    const bytes = readFileSync(file)
    // In the middle of the blocks of the larger table.
    const title = createHash('md5').update('100000').digest('hex')
    bytes[bytes.indexOf(title)]! ^= 1
    writeFileSync(file, bytes)
    const { text, by } = await examined(LOCAL)
    expect(by['warehouse, contents']).toEqual(['bad blocks'])
    expect(text).toContain('main.film: a block of shop.duckdb is damaged')
    expect(text).not.toContain('mart.one')
    expect(text).toContain('exit 1')
  })

  test.skipIf(!existsSync('/proc/locks'))(
    'a warehouse that another process has open names that process (needs /proc/locks)',
    async () => {
      const file = join(open().root, 'shop.duckdb')
      const holder = fork(join(import.meta.dirname, '../rig/hold-duckdb.mjs'), [file])
      try {
        await new Promise((resolve) => holder.once('message', resolve))
        const { text, by } = await examined(LOCAL)
        expect(by.warehouse).toEqual(['ok engine', 'ok file', 'ok format', 'warning lock'])
        expect(by['warehouse, contents']).toEqual(['ok blocks'])
        expect(text).toContain('not read, because a process has the file open')
        expect(text).toContain(`open in process ${holder.pid} (node)`)
        expect(text).not.toMatch(/\nexit/)
      } finally {
        holder.kill('SIGKILL')
      }
    },
  )

  test('a damaged state, and a state of a newer version', async () => {
    const { DatabaseSync } = await import('@photostructure/sqlite')
    const home = join(open().root, '.assets')
    mkdirSync(home)
    writeFileSync(join(home, 'state.sqlite'), 'no database at all, but long enough to be looked at')
    expect((await examined(LOCAL)).by.state).toEqual(['bad access'])

    const newer = join(home, 'newer.sqlite')
    const database = new DatabaseSync(newer)
    database.exec('pragma user_version = 99')
    database.close()
    const yaml = LOCAL.replace(
      'local: {',
      'local: {state: {type: sqlite, path: .assets/newer.sqlite}, ',
    )
    const { text, by } = await examined(yaml)
    expect(by.state).toEqual(['ok file', 'ok integrity', 'bad schema'])
    expect(text).toContain(
      `have schema 99, but this version of assets supports only ${MIGRATIONS.length}`,
    )
  })
})
