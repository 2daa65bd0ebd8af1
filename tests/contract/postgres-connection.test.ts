import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Probe } from '../../framework/model/observation.ts'
import type { Loader, Stream } from '../../framework/ports/connection.ts'
import { type Ended, load, stream } from '../rig/load.ts'
import { type MemorySession, memorySession } from '../rig/memory-session.ts'
import {
  embeddedSuite,
  type SourceRig,
  type SourceSuite,
  serverSuite,
} from '../rig/postgres-source.ts'

const places = [
  ['a server', serverSuite],
  ['the embedded source', embeddedSuite],
] as const

describe.each(places)('the postgres connection on %s', (_name, start) => {
  let suite: SourceSuite
  let source: SourceRig
  let session: MemorySession

  beforeAll(async () => {
    suite = await start()
  })
  afterAll(() => suite?.stop())
  beforeEach(async () => {
    source = await suite.source()
    session = memorySession()
  })
  afterEach(() => source?.close())

  /** Loads and expects every stream to be built. */
  async function built(streams: readonly Stream[], more: Partial<Parameters<typeof load>[2]> = {}) {
    const ended = await load(source.connection, streams, { session, ...more })
    for (const one of ended.values())
      if (one.step === 'failed') throw new Error(one.problem.message)
    return ended
  }

  const rows = (name: string) => session.tables.get(`raw.${name}`)!.rows
  const typesOf = (name: string) =>
    Object.fromEntries(
      session.tables
        .get(`raw.${name}`)!
        .columns.map(({ name: column, type }) => [
          column,
          type.type === 'integer' ? `integer ${type.bits}` : type.type,
        ]),
    )

  test('writes every built-in type in the shape that Airbyte gives it', async () => {
    await source.exec(`
      create type mood as enum ('sad', 'ok'); create type pair as (a int, b text);
      create domain positive as numeric(6, 2) check (value > 0); create domain small as positive;
      create domain tags as text[];
      create table every (
        a_smallint smallint, a_integer integer, a_bigint bigint, an_oid oid,
        a_numeric numeric, a_whole numeric(20), a_wide numeric(50), a_scaled numeric(10, 2),
        a_real real, a_double double precision, a_money money, a_boolean boolean,
        a_char char(5), a_varchar varchar(5), a_text text, a_name name,
        a_json json, a_jsonb jsonb, a_uuid uuid, a_bytea bytea, an_enum mood, a_domain small,
        an_array integer[], a_matrix text[], an_enum_array mood[], a_domain_array tags,
        a_range int4range, an_interval interval,
        a_date date, a_time time, a_timetz timetz, a_timestamp timestamp, a_timestamptz timestamptz,
        a_bit bit(3), a_varbit varbit, an_inet inet, a_host inet, a_cidr cidr, a_macaddr macaddr, an_xml xml,
        a_tsvector tsvector, a_tsquery tsquery, a_point point, a_box box, a_path path,
        a_composite pair, a_vector int2vector, an_lsn pg_lsn
      );
      insert into every values (
        -32768, 2147483647, 9223372036854775807, 4294967295,
        1.5, 12345678901234567890, 12345678901234567890123456789012345678, 12345678.90,
        0.1, 1e300, '1234.56', true,
        'ab', 'abc', 'text', 'name',
        '{"a": 1}', '{"b":  2}', '00000000-0000-0000-0000-00000000000a', '\\x00ff', 'ok', 3.14,
        '{1,NULL,3}', '{{a,b},{"c d",NULL}}', '{ok,sad}', '{x,y}',
        '[1,5)', '1 year 2 mons 3 days 04:05:06.7',
        '2024-02-29', '23:59:59.999999', '12:00:00+02', '2024-02-29 12:00:00.5', '2024-02-29 12:00:00+02',
        '101', '10', '10.0.0.1/8', '10.0.0.1', '10.0.0.0/8', '08:00:2b:01:02:03', '<a>b</a>',
        'a:1 fat:2', 'a & b', '(1,2.5)', '(1,1),(0,0)', '[(0,0),(1,1)]',
        '(1,"x y")', '1 2', '16/B374D848'
      )`)
    await built([stream('every')])
    expect(typesOf('every')).toMatchInlineSnapshot(`
      {
        "a_bigint": "integer 64",
        "a_bit": "string",
        "a_boolean": "boolean",
        "a_box": "string",
        "a_bytea": "string",
        "a_char": "string",
        "a_cidr": "string",
        "a_composite": "string",
        "a_date": "date",
        "a_domain": "number",
        "a_domain_array": "array",
        "a_double": "number",
        "a_host": "string",
        "a_integer": "integer 64",
        "a_json": "string",
        "a_jsonb": "string",
        "a_macaddr": "string",
        "a_matrix": "array",
        "a_money": "number",
        "a_name": "string",
        "a_numeric": "number",
        "a_path": "string",
        "a_point": "string",
        "a_range": "string",
        "a_real": "number",
        "a_scaled": "number",
        "a_smallint": "integer 64",
        "a_text": "string",
        "a_time": "time",
        "a_timestamp": "timestamp",
        "a_timestamptz": "timestamptz",
        "a_timetz": "timetz",
        "a_tsquery": "string",
        "a_tsvector": "string",
        "a_uuid": "string",
        "a_varbit": "string",
        "a_varchar": "string",
        "a_vector": "array",
        "a_whole": "integer 128",
        "a_wide": "integer 128",
        "an_array": "array",
        "an_enum": "string",
        "an_enum_array": "array",
        "an_inet": "string",
        "an_interval": "string",
        "an_lsn": "string",
        "an_oid": "integer 64",
        "an_xml": "string",
      }
    `)
    expect(rows('every')).toMatchInlineSnapshot(`
      [
        {
          "a_bigint": "9223372036854775807",
          "a_bit": "101",
          "a_boolean": "true",
          "a_box": "(1,1),(0,0)",
          "a_bytea": "\\x00ff",
          "a_char": "ab   ",
          "a_cidr": "10.0.0.0/8",
          "a_composite": "(1,"x y")",
          "a_date": "2024-02-29",
          "a_domain": "3.14",
          "a_domain_array": "["x","y"]",
          "a_double": "1e+300",
          "a_host": "10.0.0.1",
          "a_integer": "2147483647",
          "a_json": "{"a": 1}",
          "a_jsonb": "{"b": 2}",
          "a_macaddr": "08:00:2b:01:02:03",
          "a_matrix": "[["a","b"],["c d",null]]",
          "a_money": "1234.56",
          "a_name": "name",
          "a_numeric": "1.5",
          "a_path": "[(0,0),(1,1)]",
          "a_point": "(1,2.5)",
          "a_range": "[1,5)",
          "a_real": "0.1",
          "a_scaled": "12345678.9",
          "a_smallint": "-32768",
          "a_text": "text",
          "a_time": "23:59:59.999999",
          "a_timestamp": "2024-02-29 12:00:00.5",
          "a_timestamptz": "2024-02-29 10:00:00+00",
          "a_timetz": "12:00:00+02",
          "a_tsquery": "'a' & 'b'",
          "a_tsvector": "'a':1 'fat':2",
          "a_uuid": "00000000-0000-0000-0000-00000000000a",
          "a_varbit": "10",
          "a_varchar": "abc",
          "a_vector": "[1,2]",
          "a_whole": "12345678901234567890",
          "a_wide": "12345678901234567890123456789012345678",
          "an_array": "[1,null,3]",
          "an_enum": "ok",
          "an_enum_array": "["ok","sad"]",
          "an_inet": "10.0.0.1/8",
          "an_interval": "1 year 2 mons 3 days 04:05:06.7",
          "an_lsn": "16/B374D848",
          "an_oid": "4294967295",
          "an_xml": "<a>b</a>",
        },
      ]
    `)
  })

  test('makes null of what no warehouse holds, and lists it', async () => {
    await source.exec(`
      create table odd (id int, a_date date, a_time time, a_timestamp timestamp, a_timestamptz timestamptz,
        a_real real, a_double double precision, a_numeric numeric, a_scaled numeric(5, 2), a_wide numeric(60));
      insert into odd values
        (1, '0001-01-01', '23:59:59.999999', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00',
          -3.4e38, 1.7976931348623157e308, 1.7976931348623157e308, 'NaN', 99999999999999999999999999999999999999),
        (2, '0044-03-15 BC', '24:00:00', 'infinity', '-infinity', 'NaN', 'Infinity', 'NaN', 999.99,
          100000000000000000000000000000000000000),
        (3, '10000-01-01', '00:00', '294276-12-31', '4713-01-01 BC', '-Infinity', 'NaN', 1e309, 1, -1e38),
        (4, null, null, null, null, null, null, null, null, null)`)
    await built([stream('odd')])
    const changed = session.tables.get('raw.odd')!.changes.map((text) => {
      const changes = JSON.parse(text ?? '[]') as {
        field: string
        change: string
        reason: string
      }[]
      for (const { change, reason } of changes) {
        expect([change, reason]).toEqual(['NULLED', 'DESTINATION_FIELD_SIZE_LIMITATION'])
      }
      return changes.map(({ field }) => field)
    })
    const all = Object.keys(rows('odd')[0]!).filter((name) => name !== 'id')
    expect(changed).toEqual([
      ['a_scaled'],
      all.filter((name) => name !== 'a_scaled'),
      all.filter((name) => name !== 'a_scaled' && name !== 'a_time'),
      [],
    ])
    for (const [index, fields] of changed.entries()) {
      for (const name of all) {
        const isNull = rows('odd')[index]![name] === null
        expect([index, name, isNull]).toEqual([index, name, fields.includes(name) || index === 3])
      }
    }
  })

  test('keeps null, empty text, quotes and line ends apart', async () => {
    const texts = [
      '',
      ' ',
      '"',
      '""',
      ',',
      '\n',
      '\r',
      '\r\n',
      '\\',
      '\\.',
      '\\N',
      'NULL',
      'ä😀',
      'a\tb',
    ]
    const values = texts.map((text) => `(e'${text.replaceAll('\\', '\\\\')}')`)
    await source.exec(
      `create table t (x text); insert into t values ${values.join(', ')}, (null), (null)`,
    )
    await built([stream('t')])
    expect(rows('t').map(({ x }) => x)).toEqual([...texts, null, null])
  })

  test('takes any name for schemas, tables and columns, and columns in their order', async () => {
    await source.exec(`
      create schema "Other ""One"""; create table "Other ""One"""."select" (
        "Order" int, "from" text, "with ""quotes""" int, "ünï" int, gone int, "a.b" int, last int);
      alter table "Other ""One"""."select" drop column gone;
      insert into "Other ""One"""."select" values (1, 'x', 3, 4, 5, 6)`)
    const odd = stream('select', { namespace: 'Other "One"', relation: 'raw.odd' })
    await built([odd])
    expect(session.tables.get('raw.odd')!.columns.map(({ name }) => name)).toEqual([
      'Order',
      'from',
      'with "quotes"',
      'ünï',
      'a.b',
      'last',
    ])
    await built([{ ...odd, columns: ['last', 'Order', 'from'], exclude: ['from'] }])
    expect(session.tables.get('raw.odd')!.rows).toEqual([{ Order: '1', last: '6' }])
  })

  test('reads partitions, inheriting tables, generated columns, views and empty tables', async () => {
    await source.exec(`
      create table parted (id int, at date) partition by range (at);
      create table p1 partition of parted for values from ('2024-01-01') to ('2025-01-01');
      create table p2 partition of parted for values from ('2025-01-01') to ('2026-01-01');
      insert into parted values (1, '2024-05-05'), (2, '2025-05-05');
      create table parent (id int); create table child (more text) inherits (parent);
      insert into parent values (1); insert into child values (2, 'x');
      create table made (id int generated always as identity, twice int generated always as (n * 2) stored, n int);
      insert into made (n) values (21);
      create view seen as select id + 1 as id from parted;
      create materialized view kept as select id from parted;
      create table nothing (id int)`)
    const names = ['parted', 'parent', 'made', 'seen', 'kept', 'nothing']
    const ended = await built(names.map((name) => stream(name)))
    expect(rows('parted').map(({ id }) => id)).toEqual(['1', '2'])
    expect(rows('parent')).toEqual([{ id: '1' }, { id: '2' }])
    expect(rows('made')).toEqual([{ id: '1', twice: '42', n: '21' }])
    expect(rows('seen')).toEqual([{ id: '2' }, { id: '3' }])
    expect(rows('kept')).toEqual([{ id: '1' }, { id: '2' }])
    expect(rows('nothing')).toEqual([])
    const probes = await probe(
      source.connection,
      names.map((name) => stream(name)),
      ended,
    )
    expect(names.map((name) => probes.get(`raw_${name}`)!.answer)).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
      'unknown',
      'unchanged',
      'unchanged',
    ])
  })

  test('cuts a table of many pages into ranges that hold each row once', async () => {
    await source.exec(`
      create table wide (id int, filler text) with (fillfactor = 10, autovacuum_enabled = false);
      insert into wide select n, repeat('x', 300) from generate_series(1, 26000) n;
      delete from wide where id % 13 = 0`)
    const ended = await built([stream('wide')])
    const ids = rows('wide').map(({ id }) => Number(id))
    expect(ids.length).toBe(24000)
    expect(new Set(ids).size).toBe(24000)
    expect(session.loads.length).toBe(1)
    expect(productOf(ended, 'raw_wide').rows).toBe(24000)
  })

  test('carries values far larger than its buffers', async () => {
    await source.exec(`create table large (id int, body text);
      insert into large values (1, repeat('"', 3000000)), (2, 'x'), (3, repeat('ab', 2000000))`)
    await built([stream('large')])
    expect(rows('large').map(({ id, body }) => [id, body!.length])).toEqual([
      ['1', 3_000_000],
      ['2', 1],
      ['3', 4_000_000],
    ])
  })

  test('appends beyond the cursor, and nothing when nothing is there', async () => {
    await source.exec(`create table log (id int, at timestamp, note text);
      insert into log values (1, '2024-01-01', 'a'), (2, '2024-01-02', 'b'), (3, null, 'no time')`)
    const log = stream('log', { sync: 'incremental_append', cursor: 'at' })
    const first = await built([log], { run: 1 })
    expect(session.loads.at(-1)!.mode).toEqual({ how: 'replace' })
    await source.exec(`insert into log values (4, '2024-01-02', 'late, same time'), (5, '2024-01-03', 'c');
      update log set note = 'unseen' where id = 1`)
    const second = await built([log], { run: 2, records: first })
    expect(session.loads.at(-1)!.mode).toEqual({ how: 'append' })
    expect(rows('log').map(({ id }) => id)).toEqual(['1', '2', '3', '5'])
    const third = await built([log], { run: 3, records: second })
    expect(rows('log').length).toBe(4)
    expect(productOf(third, 'raw_log').version).toBe(productOf(second, 'raw_log').version)
    expect(session.loads.map(({ generationId }) => generationId)).toEqual([1, 1, 1])
    await built([log], { run: 4, records: third, full: true })
    expect(
      rows('log')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['1', '2', '3', '4', '5'])
    expect(session.tables.get('raw.log')!.generationId).toBe(4)
  })

  test('proves an incremental stream unchanged by what lies from its cursor on', async () => {
    await source.exec(
      `create table log (id int, note text); insert into log values (1, 'a'), (2, 'b')`,
    )
    const log = stream('log', { sync: 'incremental_append', cursor: 'id' })
    const first = await built([log])
    const answer = async (sql: string) => {
      await source.exec(sql)
      return (await probe(source.connection, [log], first)).get('raw_log')!.answer
    }
    expect(await answer("update log set note = 'A' where id = 1")).toBe('unchanged')
    expect(await answer('delete from log where id = 1')).toBe('unchanged')
    expect(await answer('insert into log values (3)')).toBe('moved')
    expect(await answer('delete from log where id > 2')).toBe('unchanged')
    expect(await answer("update log set note = 'B' where id = 2")).toBe('moved')
  })

  test('merges by key from the cursor on, the last value included', async () => {
    await source.exec(`create table t (id int primary key, at int, v text);
      insert into t values (1, 10, 'a'), (2, 20, 'b')`)
    const t = stream('t', { sync: 'incremental_dedup', primaryKey: ['id'], cursor: 'at' })
    const first = await built([t])
    await source.exec(
      `update t set at = 30, v = 'A' where id = 1; insert into t values (3, 20, 'late')`,
    )
    await built([t], { records: first })
    expect(session.loads.at(-1)!.mode).toEqual({ how: 'merge', key: ['id'] })
    expect(rows('t').map(({ id, v }) => `${id}${v}`)).toEqual(['1A', '2b', '3late'])
  })

  test('keeps the newest row where the source does not enforce the key', async () => {
    await source.exec(`create table t (id int, at int, v text);
      insert into t values (1, 10, 'old'), (1, 20, 'new'), (1, null, 'none'), (2, 5, 'only')`)
    const t = stream('t', { sync: 'incremental_dedup', primaryKey: ['id'], cursor: 'at' })
    const first = await built([t])
    expect(rows('t').map(({ id, v }) => `${id}${v}`)).toEqual(['1new', '2only'])
    await source.exec(`insert into t values (2, 30, 'newer'), (2, 40, 'newest')`)
    await built([t], { records: first })
    expect(rows('t').map(({ id, v }) => `${id}${v}`)).toEqual(['1new', '2newest'])
  })

  test('reads in full again when the columns are others, and says so', async () => {
    await source.exec(`create table t (id int primary key, v text); insert into t values (1, 'a')`)
    const t = stream('t', { sync: 'incremental_append', cursor: 'id' })
    const first = await built([t])
    await source.exec(`alter table t add column w int default 3`)
    const messages: string[] = []
    await built([t], {
      records: first,
      onReport: (report) => report.step === 'progress' && messages.push(report.message),
    })
    expect(messages).toEqual(['its columns changed since the last load: read in full'])
    expect(session.loads.at(-1)!.mode).toEqual({ how: 'replace' })
    expect(rows('t')).toEqual([{ id: '1', v: 'a', w: '3' }])
  })

  test('leaves volatile columns out of the version', async () => {
    await source.exec(`create table t (id int, seen int); insert into t values (1, 1)`)
    const first = await built([stream('t')], { volatile: ['seen'] })
    await source.exec('update t set seen = 2')
    const second = await built([stream('t')], { volatile: ['seen'] })
    expect(productOf(second, 'raw_t').version).toBe(productOf(first, 'raw_t').version)
  })

  describe('says whether a table moved', () => {
    const t = stream('t')
    let loaded: ReadonlyMap<string, Ended>

    beforeEach(async () => {
      await source.exec(`create type size as enum ('s', 'm');
        create table t (id int, v text, s size default 's'); insert into t values (1, 'a', 'm'), (2, 'b', 's');
        create table other (id int)`)
      loaded = await built([t])
    })

    const unmoved: readonly (readonly [string, readonly string[]])[] = [
      ['nothing', []],
      ['a read', ['select count(*) from t']],
      ['another table', ['insert into other values (1)']],
      ['maintenance', ['vacuum freeze t', 'analyze t', 'checkpoint', 'vacuum full t']],
      ['an index and a privilege', ['create index on t (id)', 'grant select on t to public']],
      ['a rolled back update', ["begin; update t set v = 'x'; rollback"]],
    ]
    test.each(unmoved)('not by %s', async (_what, statements) => {
      for (const sql of statements) await source.exec(sql)
      expect(await answer()).toEqual({ answer: 'unchanged' })
    })

    const moves: readonly (readonly [string, string, RegExp])[] = [
      ['an update that changes nothing', 'update t set v = v', /^t changed in the source/],
      [
        'a deleted and inserted row',
        'with d as (delete from t where id = 1 returning *) insert into t select * from d',
        /^t changed/,
      ],
      ['a new row', "insert into t values (3, 'c')", /^t has 1 more row in the source/],
      ['a truncation', 'truncate t', /^t has 2 fewer rows in the source/],
      [
        'a column with a default',
        'alter table t add column w int default 7',
        /^columns of t changed/,
      ],
      ['a default', "alter table t alter column s set default 'm'", /^columns of t changed/],
      ['a renamed column', 'alter table t rename column v to w', /^columns of t changed/],
      [
        'columns that swap names',
        'alter table t rename v to x; alter table t rename s to v; alter table t rename x to s',
        /^columns/,
      ],
      [
        'a column made anew',
        'alter table t drop column v; alter table t add column v text',
        /^columns/,
      ],
      ['a renamed label', "alter type size rename value 'm' to 'l'", /^columns of t changed/],
      [
        'labels that swap names',
        "alter type size rename value 'm' to 'x'; alter type size rename value 's' to 'm'; alter type size rename value 'x' to 's'",
        /^columns/,
      ],
      ['another type', 'alter table t alter column id type bigint', /^columns of t changed/],
    ]
    test.each(moves)('by %s', async (_what, sql, message) => {
      await source.exec(sql)
      const moved = await answer()
      expect(moved.answer).toBe('moved')
      expect('message' in moved ? moved.message : '').toMatch(message)
    })

    test('and hands down the newer position it proved', async () => {
      await source.exec('insert into other values (1)')
      const answers = await source.connection.probe([
        { stream: t, recorded: productOf(loaded, 'raw_t').source },
      ])
      if (!answers.ok) throw new Error(answers.problems[0]?.message)
      const { position } = answers.value.get('raw_t')!
      expect(position).not.toEqual(productOf(loaded, 'raw_t').source)
      const again = await source.connection.probe([{ stream: t, recorded: position }])
      expect(again.ok && again.value.get('raw_t')).toEqual({
        probe: { answer: 'unchanged' },
        position,
      })
    })

    async function answer(): Promise<Probe> {
      return (await probe(source.connection, [t], loaded)).get('raw_t')!
    }
  })

  test('names every stream, column and key that is not there, with what was meant', async () => {
    await source.exec(
      'create table payment (payment_id int, amount int); create table customer (id int)',
    )
    const wrong = [
      stream('paymnt'),
      stream('payment', { columns: ['payment_id', 'amuont'], asset: 'a' }),
      stream('payment', {
        sync: 'incremental_dedup',
        primaryKey: ['paymentid'],
        cursor: 'at',
        asset: 'b',
      }),
      stream('payment', { exclude: ['payment_id', 'amount'], asset: 'c' }),
    ]
    const answers = await source.connection.probe(
      wrong.map((one) => ({ stream: one, recorded: null })),
    )
    expect(
      answers.ok ? [] : answers.problems.map(({ code, asset, hint }) => [code, asset, hint]),
    ).toEqual([
      ['unknown-stream', 'raw_paymnt', 'did you mean payment?'],
      ['unknown-column', 'a', 'did you mean amount?'],
      ['missing-key-column', 'b', 'did you mean payment_id?'],
      ['missing-cursor-column', 'b', 'its columns are payment_id, amount'],
      ['no-columns', 'c', 'take a column out of exclude:'],
    ])
    const ended = await load(source.connection, [...wrong, stream('customer')], { session })
    expect([...ended].map(([name, { step }]) => [name, step])).toEqual([
      ['raw_paymnt', 'failed'],
      ['a', 'failed'],
      ['b', 'failed'],
      ['c', 'failed'],
      ['raw_customer', 'built'],
    ])
  })

  test('refuses columns that the warehouse could not tell apart', async () => {
    await source.exec(
      'create table t ("A" int, a int); create table u (_airbyte_raw_id int, b int)',
    )
    const ended = await load(source.connection, [stream('t'), stream('u')], { session })
    expect([...ended.values()].map((one) => one.step === 'failed' && one.problem.hint)).toEqual([
      'leave it out with exclude: [a]',
      'leave it out with exclude: [_airbyte_raw_id]',
    ])
    await built([stream('t', { exclude: ['a'] })])
  })

  test('one stream that fails leaves the others alone', async () => {
    await source.exec(`create table good (id int); insert into good values (1);
      create table zero (id int); insert into zero values (0);
      create view bad as select 1 / id as x from zero`)
    const names = ['bad', 'good']
    const ended = await load(
      source.connection,
      names.map((name) => stream(name)),
      { session },
    )
    const bad = ended.get('raw_bad')!
    expect(
      bad.step === 'failed' && [bad.problem.code, bad.problem.asset, bad.problem.detail],
    ).toEqual(['source-read-failed', 'raw_bad', 'division by zero\nSQLSTATE 22012'])
    expect(ended.get('raw_good')!.step).toBe('built')
    expect(session.tables.has('raw.bad')).toBe(false)
  })

  test('a load that is cancelled changes nothing and says so', async () => {
    await source.exec(`create table t (id int); insert into t select generate_series(1, 1000);
      create table u (id int); insert into u values (1)`)
    const controller = new AbortController()
    session.onSpool = async () => controller.abort()
    const streams = [stream('t'), stream('u')]
    const ended = await load(source.connection, streams, { session, signal: controller.signal })
    // The first was already handed over whole when the signal came, so it may have been finished.
    expect(ended.get('raw_u')!.step).toBe('cancelled')
    expect(session.tables.has('raw.u')).toBe(false)
  })
})

function productOf(ended: ReadonlyMap<string, Ended>, name: string) {
  const one = ended.get(name)
  if (one?.step !== 'built') throw new Error(`${name} was not built`)
  return one.product
}

async function probe(
  connection: Loader,
  streams: readonly Stream[],
  recorded: ReadonlyMap<string, Ended>,
): Promise<ReadonlyMap<string, Probe>> {
  const answers = await connection.probe(
    streams.map((one) => ({ stream: one, recorded: productOf(recorded, one.asset).source })),
  )
  if (!answers.ok) throw new Error(answers.problems[0]?.message)
  return new Map([...answers.value].map(([name, one]) => [name, one.probe]))
}
