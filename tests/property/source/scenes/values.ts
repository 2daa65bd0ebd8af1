import type { Random } from '../../random.ts'
import { action, key, one, type Scene, streamOf } from '../scene.ts'

const PLAIN = ['0', '1', '-1', '12.5', '1000000', '0.1', 'null']
const EXTREME = [
  '9007199254740993',
  '-9007199254740993',
  '0.12345678901234567890123',
  '1e300',
  '99999999999999999999.5',
  "'NaN'",
]
const extreme = (random: Random) => one(random, ...EXTREME)

/** Numbers, up to those that a double can't hold. */
export const NUMBERS: Scene = {
  name: 'numbers',
  setup: [
    'create table numbers (id int primary key, n numeric, d numeric(20,5), i numeric(30,0), m money, f float4, g float8, b bigint)',
    'insert into numbers values (1, 1.5, 2.25, 3, 4.5, 0.1, 0.1, 9007199254740993)',
  ],
  streams: [streamOf('numbers')],
  actions: [
    action(
      'insert',
      4,
      (r) =>
        `insert into numbers (id, n, d, i, m, f, g) values (${key(r, 50)}, ${one(r, ...PLAIN)}, ${one(r, ...PLAIN)}, ${one(r, ...PLAIN)}, ${one(r, ...PLAIN)}, ${one(r, ...PLAIN)}, ${one(r, ...PLAIN)}) on conflict do nothing`,
    ),
    action(
      'extreme number',
      3,
      (r) =>
        `insert into numbers (id, n) values (${key(r, 50)}, ${extreme(r)}) on conflict (id) do update set n = excluded.n`,
    ),
    action(
      'extreme number',
      1,
      (r) =>
        `update numbers set d = 123456789012345.67891, i = 999999999999999999999999999999, m = '92233720368547758.07' where id = ${key(r, 50)}`,
    ),
    action(
      'infinite float',
      1,
      (r) =>
        `update numbers set f = '${one(r, 'NaN', 'Infinity')}', g = '${one(r, '-Infinity', 'NaN', '1.7976931348623157e308', '5e-324')}' where id = ${key(r, 50)}`,
    ),
    action(
      'infinite numeric',
      1,
      (r) => `update numbers set n = '${one(r, 'Infinity', '-Infinity')}' where id = ${key(r, 50)}`,
      14,
    ),
    action('delete', 2, (r) => `delete from numbers where id = ${key(r, 50)}`),
  ],
}

const text = (random: Random) =>
  one(
    random,
    "''",
    "' padded '",
    "E'tab\\tline\\nquote\\'s \\\\ back'",
    "'ß漢字😀'",
    `repeat('long ${random.below(9)}', 2000)`,
    'null',
    "'NULL'",
    "'\\N'",
  )

/** Texts, times, and everything that is read as text. */
export const TEXTS: Scene = {
  name: 'texts',
  setup: [
    'create table texts (id int primary key, t text, c char(6), b bytea, j json, k jsonb, u uuid, v interval, s bit(3), a text[], h text collate "C")',
    "insert into texts (id, t, c) values (1, 'a', 'b')",
    'create table times (id int primary key, d date, t time, z timetz, s timestamp, w timestamptz)',
    "insert into times values (1, '2026-01-01', '01:02:03', '01:02:03+02', '2026-01-01 01:02:03.5', '2026-01-01 01:02:03.000001+02')",
  ],
  streams: [streamOf('texts'), streamOf('times')],
  actions: [
    action(
      'insert',
      4,
      (r) =>
        `insert into texts (id, t, c, b, j, k) values (${key(r, 30)}, ${text(r)}, left(${text(r)}, 6), decode('${one(r, '00ff', '', '5c78')}', 'hex'), '${one(r, '{"b":1,  "a":2}', 'null', '[1e400]', '"x"')}', '${one(r, '{"b":1,  "a":2}', 'null', '[12345678901234567890.5]')}') on conflict (id) do update set t = excluded.t, k = excluded.k`,
    ),
    action(
      'update',
      2,
      (r) =>
        `update texts set u = md5('${r.below(9)}')::uuid, v = '${one(r, '1 mon -2 days 03:04:05.6', '-1 year', '0')}', s = B'${one(r, '101', '000')}', a = ${one(r, "'{}'", '\'{a,NULL,"NULL"}\'', "'{{a,b},{c,d}}'", 'null')} where id = ${key(r, 30)}`,
    ),
    action(
      'storage',
      1,
      (r) => `alter table texts alter t set storage ${one(r, 'external', 'extended', 'plain')}`,
    ),
    action(
      'collation',
      1,
      (r) => `alter table texts alter h type text collate ${one(r, '"C"', '"POSIX"', '"default"')}`,
    ),
    action(
      'update',
      2,
      (r) =>
        `update times set d = d + 1, s = s + '1 day', w = w - interval '${r.below(99)} hours', t = t + '1 second' where id = ${key(r)}`,
    ),
    action(
      'insert',
      2,
      (r) =>
        `insert into times values (${key(r)}, '${one(r, '0001-01-01', '9999-12-31', '1900-02-28')}', '${one(r, '00:00', '23:59:59.999999')}', '${one(r, '00:00+14', '12:00:00.5-11:30')}', '${one(r, '0001-01-01', '9999-12-31 23:59:59.999999')}', '${one(r, '0001-01-02 00:00+00', '2000-06-01 00:00+00')}') on conflict do nothing`,
    ),
    action(
      'time out of range',
      2,
      (r) =>
        `update times set d = '${one(r, 'infinity', '-infinity', '0044-03-15 BC', '10000-01-01')}', s = '${one(r, 'infinity', '-infinity', '0044-03-15 BC')}', w = '${one(r, 'infinity', '-infinity', '12000-01-01 00:00+00')}', t = '24:00' where id = ${key(r)}`,
    ),
    action('delete', 1, (r) => `delete from ${one(r, 'texts', 'times')} where id = ${key(r)}`),
  ],
}

/** Composites with null fields, which are not null themselves. */
export const COMPOSITES: Scene = {
  name: 'composites',
  setup: [
    'create type price as (amount numeric, currency text, note text)',
    'create table priced (id int primary key, p price)',
    "insert into priced values (1, row(9.99, 'EUR', 'x'))",
  ],
  streams: [streamOf('priced')],
  actions: [
    action(
      'insert',
      2,
      (r) =>
        `insert into priced values (${key(r, 20)}, row(${r.below(9)}, 'EUR', '${r.below(9)}')) on conflict do nothing`,
    ),
    action(
      'insert',
      1,
      (r) => `insert into priced values (${key(r, 20)}, null) on conflict do nothing`,
    ),
    action(
      'composite with a null field',
      2,
      (r) =>
        `insert into priced values (${key(r, 20)}, row(${one(r, 'null', '1')}, ${one(r, 'null', "'USD'")}, null)) on conflict (id) do update set p = excluded.p`,
    ),
    action(
      'composite with a null field',
      1,
      (r) => `update priced set p.currency = '${r.below(9)}' where id = ${key(r, 20)}`,
    ),
  ],
}

/** Keys that differ in the source and may be equal in a warehouse. */
export const KEYS: Scene = {
  name: 'keys',
  setup: [
    'create table numkey (id numeric primary key, v text, u int)',
    "insert into numkey values (9007199254740992, 'first', 1)",
    'create table validity (id int, d date, v text, u int, primary key (id, d))',
    "insert into validity values (1, '2026-01-01', 'first', 1)",
    'create table hours (t time primary key, v text, u int)',
    "insert into hours values ('00:00', 'first', 1)",
  ],
  streams: [
    streamOf('numkey', { sync: 'incremental_dedup', cursor: 'u', primaryKey: ['id'] }),
    streamOf('validity', { sync: 'incremental_dedup', cursor: 'u', primaryKey: ['id', 'd'] }),
    streamOf('hours', { sync: 'incremental_dedup', cursor: 'u', primaryKey: ['t'] }),
  ],
  actions: [
    action(
      'insert',
      3,
      (r) =>
        `insert into numkey select ${key(r, 20)}, '${r.below(9)}', max(u) + 1 from numkey on conflict (id) do update set v = excluded.v, u = excluded.u`,
    ),
    action(
      'insert',
      2,
      (r) =>
        `insert into validity select 1, '2026-01-01'::date + ${r.below(9)}, '${r.below(9)}', max(u) + 1 from validity on conflict (id, d) do update set v = excluded.v, u = excluded.u`,
    ),
    action(
      'key beyond a double',
      2,
      (r) =>
        `insert into numkey select ${one(r, '9007199254740993', '9007199254740994', '0.1000000000000000055', '0.1', '1e30', '1e30 + 1')}, '${r.below(9)}', max(u) + 1 from numkey on conflict (id) do update set v = excluded.v, u = excluded.u`,
    ),
    action(
      'key out of range',
      2,
      (r) =>
        `insert into validity select 1, '${one(r, 'infinity', '-infinity', '0044-03-15 BC', '10001-01-01')}', '${r.below(9)}', max(u) + 1 from validity on conflict (id, d) do update set v = excluded.v, u = excluded.u`,
    ),
    action(
      'key out of range',
      1,
      (r) =>
        `insert into hours select '24:00', '${r.below(9)}', max(u) + 1 from hours on conflict (t) do update set v = excluded.v, u = excluded.u`,
    ),
  ],
}
