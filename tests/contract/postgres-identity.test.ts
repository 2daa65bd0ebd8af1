import { expect, test } from 'vitest'
import { onEachPostgres, probe } from '../rig/each-postgres.ts'
import { load, stream } from '../rig/load.ts'

/** What it is, the SQL before the load of stream `t`, the SQL after it, and the message of the probe. */
type Row = readonly [title: string, before: string, after: string, message: RegExp]

const TABLE = /^t is another table in the source/
const COLUMNS = /^columns of t changed/
/** Two tables with equal row versions: one transaction wrote both. */
const TWINS = `begin; create table t (id int, v text); create table twin (id int, v text);
  insert into t values (1, 'a'); insert into twin values (1, 'b'); commit`
const PARTITIONS = `create table t (id int, v text) partition by list (id);
  begin; create table one partition of t for values in (1); create table other (id int, v text);
  insert into one values (1, 'a'); insert into other values (1, 'b'); commit`

const MOVED: readonly Row[] = [
  ['swapped names', TWINS, 'alter table t rename to old; alter table twin rename to t', TABLE],
  [
    'a table from another schema',
    `create schema s; ${TWINS}; alter table twin set schema s; alter table s.twin rename to t`,
    'drop table t; alter table s.t set schema public',
    TABLE,
  ],
  [
    'another partition with as many rows',
    PARTITIONS,
    'alter table t detach partition one; alter table t attach partition other for values in (1)',
    TABLE,
  ],
  [
    'another child with as many rows',
    `begin; create table t (id int, v text); create table one () inherits (t); create table two (id int, v text);
     insert into one values (1, 'a'); insert into two values (1, 'b'); commit`,
    'alter table one no inherit t; alter table two inherit t',
    TABLE,
  ],
  [
    'a renamed label in an array of a domain',
    "create type mood as enum ('sad'); create domain dmood as mood; create table t (m dmood[]); insert into t values ('{sad}')",
    "alter type mood rename value 'sad' to 'SAD'",
    COLUMNS,
  ],
  [
    'a renamed label in a composite',
    "create type mood as enum ('sad'); create type pair as (m mood, n int); create table t (p pair); insert into t values (row('sad', 1))",
    "alter type mood rename value 'sad' to 'SAD'",
    COLUMNS,
  ],
  [
    'a renamed label in a range of a range array',
    "create type mood as enum ('sad', 'so', 'happy'); create type moods as range (subtype = mood); create table t (r moods[]); insert into t values (array[moods('sad', 'so')])",
    "alter type mood rename value 'sad' to 'SAD'",
    COLUMNS,
  ],
  [
    'a renamed field in an array of composites',
    'create type pair as (a int, b int); create table t (p pair[]); insert into t values (array[row(1, 2)::pair])',
    'alter type pair rename attribute a to c',
    COLUMNS,
  ],
  [
    'a field of a composite in a composite',
    'create type inner_pair as (a int, b int); create type outer_pair as (p inner_pair); create table t (p outer_pair[]); insert into t values (array[row(row(1, 2))::outer_pair])',
    'alter type inner_pair rename attribute a to c',
    COLUMNS,
  ],
]

const UNKNOWN: readonly (readonly [title: string, sql: string, message: RegExp])[] = [
  ['an unlogged table', 'create unlogged table t (id int)', /^it is unlogged/],
  [
    'a table with an unlogged partition',
    'create table t (id int) partition by list (id); create unlogged table one partition of t for values in (1)',
    /^it is unlogged/,
  ],
  [
    'a column of names of objects',
    "create table t (c regclass); insert into t values ('pg_class')",
    /regclass/,
  ],
  [
    'names of objects in an array in a composite',
    'create type named as (c regtype[]); create table t (n named)',
    /regclass/,
  ],
  [
    'a view',
    'create table base (id int); create view t as select * from base',
    /no versions to compare/,
  ],
]

onEachPostgres((loading) => {
  const t = stream('t')
  const answer = async (recorded: Awaited<ReturnType<typeof loading.built>>, one = t) => {
    const probed = (await probe(loading.source.connection, [one], recorded)).get(one.asset)!
    return [probed.answer, 'message' in probed ? probed.message : '']
  }

  test.each(MOVED)('sees %s', async (_title, before, after, message) => {
    await loading.source.exec(before)
    const recorded = await loading.built([t])
    expect(await answer(recorded)).toEqual(['unchanged', ''])
    await loading.source.exec(after)
    expect(await answer(recorded)).toEqual(['moved', expect.stringMatching(message)])
  })

  test.each(UNKNOWN)('proves nothing of %s', async (_title, sql, message) => {
    await loading.source.exec(sql)
    const recorded = await loading.built([t])
    expect(await answer(recorded)).toEqual(['unknown', expect.stringMatching(message)])
  })

  test('asks nothing of a materialized view without rows, and answers for the others', async () => {
    const view = stream('v')
    await loading.source.exec(
      'create table t (id int); create materialized view v as select 1 as id',
    )
    const recorded = await loading.built([t, view])
    await loading.source.exec('refresh materialized view v with no data')
    const answers = await probe(loading.source.connection, [t, view], recorded)
    expect(answers.get('raw_t')).toEqual({ answer: 'unchanged' })
    expect(answers.get('raw_v')).toMatchObject({ message: expect.stringMatching(/not refreshed/) })
    const ended = await load(loading.source.connection, [t, view], { session: loading.session })
    expect(ended.get('raw_t')?.step).toBe('built')
    const failed = ended.get('raw_v')!
    expect(failed.step === 'failed' && failed.problem.detail).toMatch(/has not been populated/)
  })

  test('proves nothing of a system catalog', async () => {
    const catalog = stream('pg_am', { namespace: 'pg_catalog' })
    const recorded = await loading.built([catalog])
    expect(await answer(recorded, catalog)).toEqual([
      'unknown',
      expect.stringMatching(/system catalog/),
    ])
  })

  test('leaves out a column of names that is not loaded', async () => {
    await loading.source.exec('create table t (id int, c regclass)')
    const narrow = stream('t', { exclude: ['c'] })
    expect(await answer(await loading.built([narrow]), narrow)).toEqual(['unchanged', ''])
  })

  test('an incremental stream of a view that was defined again is read in full', async () => {
    await loading.source.exec(`create table base (id int, v text); insert into base values (1, 'a'), (2, 'b');
      create view t as select id, v from base`)
    const append = stream('t', { sync: 'incremental_append', cursor: 'id' })
    const first = await loading.built([append])
    await loading.source.exec('create or replace view t as select id, upper(v) as v from base')
    await loading.built([append], { records: first, run: 8 })
    expect(loading.rows('t')).toEqual([
      { id: '1', v: 'A' },
      { id: '2', v: 'B' },
    ])
  })
})
