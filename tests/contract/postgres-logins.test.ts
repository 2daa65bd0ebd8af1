import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, disconnect } from '../../framework/connections/postgres/source/client.ts'
import { type Problem, ProblemError } from '../../framework/model/problem.ts'
import { PostgresSession } from '../../framework/state/postgres/session.ts'
import { hasOpenssl, makeCertificate } from '../rig/certificate.ts'
import { load, stream } from '../rig/load.ts'
import { memorySession } from '../rig/memory-session.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'
import { connectionTo, testSite } from '../rig/postgres-source.ts'

/** Who may connect in which way. Nothing admits `stranger`. */
const HBA = `
host      all postgres   127.0.0.1/32 scram-sha-256
host      all sleeper    127.0.0.1/32 scram-sha-256
host      all guest      127.0.0.1/32 trust
hostssl   all only_tls   127.0.0.1/32 scram-sha-256
hostnossl all only_plain 127.0.0.1/32 scram-sha-256
hostssl   all certified  127.0.0.1/32 cert
host      all banned     127.0.0.1/32 reject
`
const PASSWORD = 'not-a-secret'
const ROLES = ['only_tls', 'only_plain', 'certified', 'banned', 'stranger']

const hasPsql = spawnSync('psql', ['--version']).status === 0

let plain: Served
let encrypted: Served
let folder: string

interface Served {
  readonly rig: PostgresRig
  readonly url: string
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assets-logins-'))
  plain = await serve({})
})
afterAll(async () => {
  await plain?.rig.stop()
  rmSync(folder, { recursive: true, force: true })
})

const MODES = [null, 'disable', 'allow', 'prefer', 'require'] as const
const USERS = ['postgres', 'only_tls', 'only_plain'] as const
type Outcome = 'tls' | 'plain' | 'refused'

describe('a server without TLS', () => {
  const expected: readonly (readonly [(typeof USERS)[number], readonly Outcome[]])[] = [
    ['postgres', ['plain', 'plain', 'plain', 'plain', 'refused']],
    ['only_tls', ['refused', 'refused', 'refused', 'refused', 'refused']],
    ['only_plain', ['plain', 'plain', 'plain', 'plain', 'refused']],
  ]
  test.each(expected)('connects %s in each mode as psql does', async (user, outcomes) => {
    const urls = MODES.map((mode) => urlOf(plain, user, mode))
    expect(await Promise.all(urls.map(outcomeOf))).toEqual(outcomes)
    if (hasPsql) expect(urls.map(outcomeOfPsql)).toEqual(outcomes)
  })

  test('the source that sslmode asks to encrypt says that it offers no TLS', async () => {
    expect(await problemOf(urlOf(plain, 'postgres', 'require'))).toMatchObject({
      code: 'source-tls',
      message: expect.stringContaining('offers no TLS, which sslmode demands'),
      hint: expect.stringContaining('sslmode=prefer or disable'),
    })
  })
})

describe.skipIf(!hasOpenssl)('a server with TLS (needs openssl)', () => {
  const own = hasOpenssl ? makeCertificate() : { key: '', certificate: '' }
  const other = hasOpenssl ? makeCertificate() : { key: '', certificate: '' }

  beforeAll(async () => {
    encrypted = await serve({ 'server.key': own.key, 'server.crt': own.certificate })
    writeFileSync(join(folder, 'own.crt'), own.certificate)
    writeFileSync(join(folder, 'other.crt'), other.certificate)
  })
  afterAll(() => encrypted?.rig.stop())

  const expected: readonly (readonly [(typeof USERS)[number], readonly Outcome[]])[] = [
    ['postgres', ['tls', 'plain', 'plain', 'tls', 'tls']],
    ['only_tls', ['tls', 'refused', 'tls', 'tls', 'tls']],
    ['only_plain', ['plain', 'plain', 'plain', 'plain', 'refused']],
  ]
  test.each(expected)('connects %s in each mode as psql does', async (user, outcomes) => {
    const urls = MODES.map((mode) => urlOf(encrypted, user, mode))
    expect(await Promise.all(urls.map(outcomeOf))).toEqual(outcomes)
    if (hasPsql) expect(urls.map(outcomeOfPsql)).toEqual(outcomes)
  })

  test('verifies the certificate for verify-full, and for require with an authority', async () => {
    const outcomes = async (mode: string) => {
      const urls = ['own.crt', 'other.crt'].map(
        (file) => `${urlOf(encrypted, 'postgres', mode)}&sslrootcert=${join(folder, file)}`,
      )
      const connected = await Promise.all(urls.map(outcomeOf))
      if (hasPsql) expect(urls.map(outcomeOfPsql)).toEqual(connected)
      return connected
    }
    expect(await outcomes('verify-full')).toEqual(['tls', 'refused'])
    expect(await outcomes('require')).toEqual(['tls', 'refused'])
    expect(await outcomes('prefer')).toEqual(['tls', 'plain'])
  })

  test('rows are read over TLS as without it', async () => {
    const client = new pg.Client(urlOf(encrypted, 'postgres', 'disable'))
    await client.connect()
    await client.query(
      "create table t as select n, repeat('x', n % 1000) as v from generate_series(1, 20000) n",
    )
    await client.end()
    const read = async (mode: string) => {
      const session = memorySession()
      const url = urlOf(encrypted, 'postgres', mode)
      await load(connectionTo({ url }, testSite('/nowhere', [])), [stream('t')], { session })
      return session.tables.get('raw.t')!.rows
    }
    const rows = await read('require')
    expect(rows.length).toBe(20_000)
    expect(rows).toEqual(await read('disable'))
  })

  test('the state connects as psql does too, and without sslmode as before', async () => {
    const label = {
      target: 'prod',
      address: 'the address',
      schema: 'assets',
      at: { file: 'assets.yaml', path: [] },
    }
    const outcome = async (user: string, mode: (typeof MODES)[number]): Promise<Outcome> => {
      try {
        const session = await PostgresSession.open(urlOf(encrypted, user, mode), label)
        const { rows } = await session.query<[number]>(IS_ENCRYPTED)
        await session.end()
        return rows[0]?.[0] === 1 ? 'tls' : 'plain'
      } catch {
        return 'refused'
      }
    }
    const outcomes = (user: string) => Promise.all(MODES.map((mode) => outcome(user, mode)))
    expect(await outcomes('postgres')).toEqual(['plain', 'plain', 'plain', 'tls', 'tls'])
    expect(await outcomes('only_tls')).toEqual(['refused', 'refused', 'tls', 'tls', 'tls'])
    expect(await outcomes('only_plain')).toEqual(['plain', 'plain', 'plain', 'plain', 'refused'])
  })

  describe('says why it refuses', () => {
    const cases: readonly (readonly [string, () => string, Partial<Problem>, RegExp])[] = [
      [
        'pg_hba.conf has no line for the user, encrypted or not',
        () => urlOf(encrypted, 'stranger', null),
        { code: 'source-pg-hba' },
        /its pg_hba\.conf has no line for it/,
      ],
      [
        'pg_hba.conf has no line for the user, and the url rules TLS out',
        () => urlOf(encrypted, 'stranger', 'disable'),
        { code: 'source-pg-hba' },
        /its pg_hba\.conf has no line for it/,
      ],
      [
        'a line of pg_hba.conf rejects the user',
        () => urlOf(encrypted, 'banned', null),
        { code: 'source-pg-hba' },
        /a line of its pg_hba\.conf rejects it/,
      ],
      [
        'the server demands TLS, and the url rules it out',
        () => urlOf(encrypted, 'only_tls', 'disable'),
        { code: 'source-tls' },
        /accepts connections only with TLS/,
      ],
      [
        'the server demands TLS, and the password is wrong',
        () => urlOf(encrypted, 'only_tls', null).replace(PASSWORD, 'wrong'),
        { code: 'source-refused' },
        /rejected the login/,
      ],
      [
        "the server's certificate has another authority",
        () =>
          `${urlOf(encrypted, 'postgres', 'verify-full')}&sslrootcert=${join(folder, 'other.crt')}`,
        { code: 'source-tls' },
        /cannot be reached over TLS/,
      ],
      [
        'the server demands TLS, and the certificate has another authority',
        () => `${urlOf(encrypted, 'only_tls', 'prefer')}&sslrootcert=${join(folder, 'other.crt')}`,
        { code: 'source-tls' },
        /cannot be reached over TLS/,
      ],
      [
        'the server demands a certificate of the client',
        () => urlOf(encrypted, 'certified', null),
        { code: 'source-tls' },
        /demands a certificate of the client/,
      ],
      [
        'the password is wrong',
        () => urlOf(encrypted, 'postgres', null).replace(PASSWORD, 'wrong'),
        { code: 'source-refused', hint: "check user and password in the connection's url" },
        /rejected the login/,
      ],
      [
        'the url has no password',
        () => urlOf(encrypted, 'postgres', null).replace(`:${PASSWORD}`, ''),
        {
          code: 'source-refused',
          hint: "the server asks for a password: write it into the connection's url",
        },
        /rejected the login/,
      ],
      [
        'the role does not exist',
        () => urlOf(encrypted, 'guest', null),
        {
          code: 'source-refused',
          hint: "correct the user in the connection's url, or have the role created",
        },
        /rejected the login/,
      ],
      [
        'the role may not log in',
        () => urlOf(encrypted, 'sleeper', null),
        { code: 'source-refused', hint: 'have it allowed: alter role … login' },
        /rejected the login/,
      ],
    ]
    test.each(cases)('%s', async (_what, url, expected, message) => {
      const problem = await problemOf(url())
      expect(problem).toMatchObject(expected)
      expect(problem.message).toMatch(message)
      expect(JSON.stringify(problem)).not.toContain(PASSWORD)
    })
  })
})

/** Starts a server with the rules of `HBA`, and with TLS if the files have a key and a certificate. */
async function serve(files: Readonly<Record<string, string>>): Promise<Served> {
  const rig = await startPostgres({
    files: { ...files, 'pg_hba.conf': HBA },
    settings: (home) => [
      `hba_file=${home}/pg_hba.conf`,
      ...('server.key' in files
        ? [`ssl=on`, `ssl_key_file=${home}/server.key`, `ssl_cert_file=${home}/server.crt`]
        : []),
      ...('server.crt' in files ? [`ssl_ca_file=${home}/server.crt`] : []),
    ],
  })
  const url = await rig.database()
  const client = new pg.Client(url)
  await client.connect()
  for (const role of ROLES) await client.query(`create role ${role} login password '${PASSWORD}'`)
  await client.query(`create role sleeper password '${PASSWORD}'`)
  await client.end()
  return { rig, url }
}

function urlOf({ url }: Served, user: string, mode: string | null): string {
  const changed = Object.assign(new URL(url), { username: user, password: PASSWORD })
  return `${changed.href}${mode === null ? '' : `?sslmode=${mode}`}`
}

const IS_ENCRYPTED = 'select ssl::int from pg_stat_ssl where pid = pg_backend_pid()'

async function outcomeOf(url: string): Promise<Outcome> {
  try {
    const client = await connect(url, { address: 'the address', connection: 'shop' })
    const { rows } = await client.query<{ ssl: number }>(IS_ENCRYPTED)
    await disconnect(client)
    return rows[0]?.ssl === 1 ? 'tls' : 'plain'
  } catch (error) {
    if (error instanceof ProblemError) return 'refused'
    throw error
  }
}

/** What psql does, without the settings and certificates of this user. */
function outcomeOfPsql(url: string): Outcome {
  const env = { PATH: process.env.PATH, HOME: folder }
  const { status, stdout } = spawnSync('psql', [url, '-XAtc', IS_ENCRYPTED], { env })
  if (status !== 0) return 'refused'
  return String(stdout).trim() === '1' ? 'tls' : 'plain'
}

async function problemOf(url: string): Promise<Problem> {
  const connection = connectionTo({ url }, testSite('/nowhere', []))
  const answer = await connection.probe([{ stream: stream('t'), recorded: null }])
  if (answer.ok) throw new Error('it answered')
  return answer.problems[0]!
}
