import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { REPOSITORY } from '../rig/cli.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'

const file = (name: string) => readFileSync(join(REPOSITORY, 'deploy', name), 'utf8')

const lint = spawnSync('cfn-lint', ['--version']).status === 0

test.skipIf(!lint)('ecs.yaml passes cfn-lint (needs it installed)', () => {
  const { stdout, status } = spawnSync('cfn-lint', [join(REPOSITORY, 'deploy', 'ecs.yaml')], {
    encoding: 'utf8',
  })
  expect([status, stdout]).toEqual([0, ''])
})

test('ecs.yaml never retries a failed night and reports it', () => {
  const text = file('ecs.yaml')
  expect(text).toContain('MaximumRetryAttempts: 0')
  expect(text).toContain('exitCode: [{anything-but: 0}]')
  expect(text).not.toMatch(/[&*][a-z]+[A-Z]\w*\s*$/m)
})

describe('the Dockerfile', () => {
  const steps = file('Dockerfile')
    .replaceAll(/\\\n/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '))
  const allowed = file('Dockerfile.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))

  test('copies only existing files that .dockerignore lets through', () => {
    const copied = steps
      .filter(([word, from]) => word === 'COPY' && !from?.startsWith('--from'))
      .flatMap(([, ...paths]) => paths.slice(0, -1))
    expect(copied.length).toBeGreaterThan(5)
    for (const path of copied) {
      expect(existsSync(join(REPOSITORY, path)), path).toBe(true)
      expect(allowed).toContain(path.split('/')[0])
    }
  })

  test('runs as a user without privileges, and its entry point receives signals', () => {
    expect(steps.filter(([word]) => word === 'USER')).toEqual([['USER', 'node']])
    const [entry] = steps.filter(([word]) => word === 'ENTRYPOINT')
    expect(JSON.parse(entry!.slice(1).join(' '))).toEqual(['node', '/app/dist/main.js'])
    expect(steps.some(([word]) => word === 'HEALTHCHECK')).toBe(false)
  })
})

test('github-actions.yaml is valid YAML and does not cancel a run for the next one', () => {
  expect(parse(file('github-actions.yaml'))).toMatchObject({
    on: { schedule: [{ cron: '0 2 * * *' }] },
    concurrency: { 'cancel-in-progress': false },
  })
})

describe('cdc.sql on a real PostgreSQL', () => {
  let server: PostgresRig
  let client: pg.Client

  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    client = new pg.Client({ connectionString: await server.database() })
    await client.connect()
    await client.query(`
      create table film (film_id int primary key, title text);
      create table note (text text);
      create unlogged table passing (id int primary key)`)
    return async () => {
      await client.query(`select pg_drop_replication_slot(slot_name) from pg_replication_slots
        where database = current_database()`)
      await client.end()
    }
  })

  const rows = async (sql: string) => (await client.query({ text: sql, rowMode: 'array' })).rows

  test('creates the user, publication, heartbeat and slot, and can be run again', async () => {
    await client.query(file('cdc.sql'))
    await client.query('create table rental (rental_id int primary key)')
    await client.query(file('cdc.sql'))
    const published = await rows(`select tablename from pg_publication_tables
      where pubname = 'airbyte_publication' order by tablename`)
    expect(published.flat()).toEqual(['airbyte_heartbeat', 'film', 'note', 'rental'])
    expect(
      await rows(`select relname, relreplident from pg_class
      where relname in ('film', 'note') order by relname`),
    ).toEqual([
      ['film', 'd'],
      ['note', 'f'],
    ])
    expect(
      await rows(`select rolreplication, rolsuper from pg_roles where rolname = 'airbyte'`),
    ).toEqual([[true, false]])
    expect(
      await rows(`select plugin, database = current_database() from pg_replication_slots
      where slot_name = 'airbyte_slot'`),
    ).toEqual([['pgoutput', true]])
  })

  test("lets Airbyte's user write the heartbeat and read tables and changes, and nothing else", async () => {
    await client.query(file('cdc.sql'))
    await client.query('set role airbyte')
    await client.query(heartbeat())
    await client.query(heartbeat())
    expect(await rows('select id from airbyte_heartbeat')).toEqual([[1]])
    expect(await rows('select count(*)::int from film')).toEqual([[0]])
    await expect(client.query(`insert into film values (1, 'x')`)).rejects.toThrow('permission')
    await client.query('reset role')
    await client.query(
      `insert into note values ('a'); update note set text = 'b'; delete from note`,
    )
    const [first] = await rows(`select count(*)::int from pg_logical_slot_get_binary_changes(
      'airbyte_slot', null, null, 'proto_version', '1', 'publication_names', 'airbyte_publication')`)
    expect(first?.[0]).toBeGreaterThanOrEqual(5)
  })

  test('uses the schema that the setting assets.schema names', async () => {
    await client.query(`create schema shop; create table shop.sale (id int primary key);
      set assets.schema = 'shop'`)
    await client.query(file('cdc.sql'))
    expect(
      await rows(`select schemaname, tablename from pg_publication_tables order by 2`),
    ).toEqual([
      ['shop', 'airbyte_heartbeat'],
      ['shop', 'sale'],
    ])
  })
})

/** The heartbeat query that deploy/README.md has the user enter in Airbyte. */
function heartbeat(): string {
  const [, query = ''] = /heartbeat query[^`]*`([^`]+)`/i.exec(file('README.md')) ?? []
  expect(query).toContain('airbyte_heartbeat')
  return query
}

test('README.md names exactly the files of the folder', () => {
  const named = [...file('README.md').matchAll(/\bdeploy\/([\w.-]+\w)/g)].map(([, name]) => name!)
  expect(named.length).toBeGreaterThan(4)
  for (const name of named) expect(existsSync(join(REPOSITORY, 'deploy', name)), name).toBe(true)
  const others = readdirSync(join(REPOSITORY, 'deploy')).filter((name) => name !== 'README.md')
  for (const name of others) expect(file('README.md')).toContain(`\`${name}\``)
})
