import { expect, test } from 'vitest'
import { onEachPostgres, probe, productOf } from '../rig/each-postgres.ts'
import { stream } from '../rig/load.ts'

onEachPostgres((loading) => {
  const { built, rows, typesOf } = loading

  test("writes every built-in type as Airbyte's type", async () => {
    await loading.source.exec(`
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

  test('replaces values that no warehouse holds by null, and lists them', async () => {
    await loading.source.exec(`
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
    const changed = loading.session.tables.get('raw.odd')!.changes.map((text) => {
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

  test('keeps a composite with null fields, however it is nested', async () => {
    await loading.source.exec(`
      create type price as (amount numeric, currency text); create type offer as (p price, since date);
      create domain named as price; create domain priced as offer;
      create type price_range as range (subtype = price);
      create table comp (id int, p price, d named, o priced, ps price[], r price_range);
      insert into comp values
        (1, row(1, null), row(1, null), row(row(1, null), null), array[row(1, null), null]::price[],
          price_range(row(1, null), null)),
        (2, row(null, null), row(null, null), row(null, null), array[row(null, null)]::price[], null),
        (3, null, null, null, null, null)`)
    await built([stream('comp')])
    const prices = '[{"amount":1,"currency":null},null]'
    expect(rows('comp')).toEqual([
      { id: '1', p: '(1,)', d: '(1,)', o: '("(1,)",)', ps: prices, r: '["(1,)",)' },
      {
        ...{ id: '2', p: '(,)', d: '(,)', o: '(,)' },
        ...{ ps: '[{"amount":null,"currency":null}]', r: null },
      },
      { id: '3', p: null, d: null, o: null, ps: null, r: null },
    ])
  })

  test('lists numbers that arrive as another decimal', async () => {
    await loading.source.exec(`
      create table t (id int, n numeric, s numeric(30, 2), m money, w numeric(38), r real, f float8);
      insert into t values
        (1, 9007199254740993, 12345678901234567.89, 12345678901234567.89,
          12345678901234567890123456789012345678, 0.1, 0.30000000000000004),
        (2, 9007199254740992, 1234567890123.45, 1234567890123.45, 1, 16777217, 1e300),
        (3, 0.10000000000000001, 0.1, -92233720368547758.08, -1, 3.4e38, -0.1),
        (4, 1e-400, 0, 0, 0, 0, 0)`)
    await built([stream('t')])
    const changed = loading.session.tables.get('raw.t')!.changes.map((text) =>
      (JSON.parse(text ?? '[]') as { field: string; change: string; reason: string }[]).map(
        ({ field, change, reason }) => {
          expect([change, reason]).toEqual(['TRUNCATED', 'DESTINATION_FIELD_SIZE_LIMITATION'])
          return field
        },
      ),
    )
    expect(changed).toEqual([['n', 's', 'm'], [], ['n', 'm'], ['n']])
    expect(rows('t').map(({ n, w, r }) => [n, w, r])).toEqual([
      ['9007199254740992.0', '12345678901234567890123456789012345678', '0.1'],
      ['9007199254740992.0', '1', '16777216.0'],
      ['0.1', '-1', '3.4e+38'],
      ['0.0', '0', '0.0'],
    ])
  })

  test('distinguishes null, empty text, quotes and line ends', async () => {
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
    await loading.source.exec(
      `create table t (x text); insert into t values ${values.join(', ')}, (null), (null)`,
    )
    await built([stream('t')])
    expect(rows('t').map(({ x }) => x)).toEqual([...texts, null, null])
  })

  test('accepts any name of schemas, tables and columns, and keeps the order of columns', async () => {
    await loading.source.exec(`
      create schema "Other ""One"""; create table "Other ""One"""."select" (
        "Order" int, "from" text, "with ""quotes""" int, "ünï" int, gone int, "a.b" int, last int);
      alter table "Other ""One"""."select" drop column gone;
      insert into "Other ""One"""."select" values (1, 'x', 3, 4, 5, 6)`)
    const odd = stream('select', { namespace: 'Other "One"', relation: 'raw.odd' })
    await built([odd])
    expect(loading.session.tables.get('raw.odd')!.columns.map(({ name }) => name)).toEqual([
      'Order',
      'from',
      'with "quotes"',
      'ünï',
      'a.b',
      'last',
    ])
    await built([{ ...odd, columns: ['last', 'Order', 'from'], exclude: ['from'] }])
    expect(loading.session.tables.get('raw.odd')!.rows).toEqual([{ Order: '1', last: '6' }])
  })

  test('reads partitions, inheriting tables, generated columns, views and empty tables', async () => {
    await loading.source.exec(`
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
      loading.source.connection,
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

  test('divides a large table into page ranges that hold each row once', async () => {
    await loading.source.exec(`
      create table wide (id int, filler text) with (fillfactor = 10, autovacuum_enabled = false);
      insert into wide select n, repeat('x', 300) from generate_series(1, 26000) n;
      delete from wide where id % 13 = 0`)
    const ended = await built([stream('wide')])
    const ids = rows('wide').map(({ id }) => Number(id))
    expect(ids.length).toBe(24000)
    expect(new Set(ids).size).toBe(24000)
    expect(loading.session.loads.length).toBe(1)
    expect(productOf(ended, 'raw_wide').rows).toBe(24000)
  })

  test('reads values far larger than its buffers', async () => {
    await loading.source.exec(`create table large (id int, body text);
      insert into large values (1, repeat('"', 3000000)), (2, 'x'), (3, repeat('ab', 2000000))`)
    await built([stream('large')])
    expect(rows('large').map(({ id, body }) => [id, body!.length])).toEqual([
      ['1', 3_000_000],
      ['2', 1],
      ['3', 4_000_000],
    ])
  })
})
