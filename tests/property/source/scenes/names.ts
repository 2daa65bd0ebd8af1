import { action, key, one, type Scene, streamOf } from '../scene.ts'

const equalRows = (table: string, value: string) =>
  `create table ${table} (id int, v text); insert into ${table} values (1, '${value}'), (2, '${value}')`

/** Tables that take each other's name, in one transaction and with as many rows. */
export const NAMES: Scene = {
  name: 'names',
  setup: [
    'create schema aside',
    equalRows('orders', 'old'),
    equalRows('orders_new', 'new'),
    equalRows('aside.orders', 'aside'),
    "create materialized view shown as select 1 as id, 'a'::text as v",
  ],
  streams: [streamOf('orders'), streamOf('shown')],
  actions: [
    action(
      'update',
      2,
      (r) =>
        `update ${one(r, 'orders', 'orders_new', 'aside.orders')} set v = '${r.below(9)}' where id = ${key(r, 2)}`,
    ),
    action(
      'insert',
      2,
      (r) =>
        `insert into ${one(r, 'orders', 'orders_new', 'aside.orders')} values (${key(r, 3)}, '${r.below(9)}')`,
    ),
    action(
      'rename tables',
      3,
      () =>
        'alter table orders rename to orders_old; alter table orders_new rename to orders; alter table orders_old rename to orders_new',
    ),
    action(
      'set schema',
      2,
      () =>
        'alter table orders rename to swap; alter table aside.orders set schema public; alter table swap rename to orders_; alter table orders_ set schema aside; alter table aside.orders_ rename to orders',
    ),
    action(
      'rename schemas',
      1,
      () =>
        'alter schema public rename to swap; alter schema aside rename to public; alter schema swap rename to aside',
    ),
    action(
      'create again',
      2,
      (r) => `drop table if exists orders; ${equalRows('orders', String(r.below(9)))}`,
    ),
    action(
      'create again',
      1,
      (r) =>
        `create table fresh as select id, v || '${r.below(9)}' as v from orders; drop table orders; alter table fresh rename to orders`,
    ),
    action(
      'create again',
      1,
      (r) =>
        `drop materialized view if exists shown; create materialized view shown as select 1 as id, '${r.below(9)}'::text as v`,
    ),
    action(
      'view in place of a table',
      1,
      () =>
        'alter table if exists orders rename to orders_base; create view orders as select * from orders_base',
    ),
    action(
      'view in place of a table',
      1,
      () => 'drop view if exists orders; alter table if exists orders_base rename to orders',
    ),
    action('relation file', 1, () => 'vacuum (full) orders'),
  ],
}

/** Partitions and inheriting tables that come and go, written in one transaction, with as many rows. */
export const PARTITIONS: Scene = {
  name: 'partitions',
  setup: [
    'create table parts (k int, v text) partition by list (k)',
    ...[1, 2].map((k) => `create table parts_${k} partition of parts for values in (${k})`),
    'create table spare_1 (k int, v text)',
    'create table spare_2 (k int, v text)',
    "insert into parts values (1, 'old'), (2, 'old')",
    "insert into spare_1 values (1, 'spare')",
    "insert into spare_2 values (2, 'spare')",
    'create table animals (id int, v text)',
    'create table cats () inherits (animals)',
    'create table dogs (id int, v text)',
    "insert into animals values (1, 'animal')",
    "insert into cats values (2, 'cat')",
    "insert into dogs values (3, 'dog')",
  ],
  streams: [streamOf('parts'), streamOf('animals')],
  actions: [
    action('insert', 3, (r) => `insert into parts values (${key(r, 2)}, '${r.below(9)}')`),
    action('update', 2, (r) => `update parts set v = '${r.below(9)}' where k = ${key(r, 2)}`),
    action('update', 1, () => 'update parts set k = 3 - k'),
    action('delete', 1, (r) => `delete from parts where k = ${key(r, 2)} and v = '${r.below(9)}'`),
    action(
      'truncate',
      1,
      (r) => `truncate ${one(r, 'parts_1', 'parts_2', 'parts', 'only animals', 'cats')}`,
    ),
    action('swap partitions', 3, (r) => {
      const k = key(r, 2)
      return `alter table parts detach partition parts_${k}; alter table parts attach partition spare_${k} for values in (${k}); alter table parts_${k} rename to swap; alter table spare_${k} rename to parts_${k}; alter table swap rename to spare_${k}`
    }),
    action('attach', 1, (r) => {
      const k = key(r, 2)
      return `alter table parts attach partition parts_${k} for values in (${k})`
    }),
    action('detach', 1, (r) => `alter table parts detach partition parts_${key(r, 2)}`),
    action(
      'insert',
      2,
      (r) => `insert into ${one(r, 'animals', 'cats', 'dogs')} values (${key(r)}, '${r.below(9)}')`,
    ),
    action(
      'inherit',
      2,
      () => 'alter table cats no inherit animals; alter table dogs inherit animals',
    ),
    action(
      'inherit',
      2,
      () => 'alter table dogs no inherit animals; alter table cats inherit animals',
    ),
    action(
      'inherit',
      1,
      (r) => `alter table ${one(r, 'cats', 'dogs')} ${one(r, 'inherit', 'no inherit')} animals`,
    ),
  ],
}

const INCREMENTAL = { sync: 'incremental_dedup', cursor: 'u', primaryKey: ['id'] } as const

/** Views, materialized views, and what is below them. */
export const VIEWS: Scene = {
  name: 'views',
  setup: [
    'create table base (id int primary key, u int, v text)',
    "insert into base select x, x, 'base' from generate_series(1, 5) x",
    'create table other (id int primary key, u int, v text)',
    "insert into other select x, x, 'other' from generate_series(1, 5) x",
    'create view seen as select id, u, v from base',
    'create view newest as select id, u, v from base',
    'create materialized view kept as select id, u, v from base',
    'create unique index kept_id on kept (id)',
  ],
  streams: [streamOf('seen'), streamOf('newest', INCREMENTAL), streamOf('kept')],
  actions: [
    action(
      'insert',
      4,
      (r) =>
        `insert into ${one(r, 'base', 'other')} select id, id, 'more' from (select max(id) + 1 as id from base) m on conflict do nothing`,
    ),
    action(
      'update',
      3,
      (r) =>
        `update ${one(r, 'base', 'other')} set v = '${r.below(9)}', u = (select max(u) + 1 from base) where id = ${key(r, 5)}`,
    ),
    action('refresh', 3, () => 'refresh materialized view kept'),
    action('refresh', 2, () => 'refresh materialized view concurrently kept'),
    action('refresh', 1, () => 'refresh materialized view kept with no data'),
    action(
      'redefine',
      2,
      (r) =>
        `create or replace view seen as select id, u, v${one(r, '', " || '!'")} from ${one(r, 'base', 'other')}`,
    ),
    action(
      'redefine',
      2,
      (r) =>
        `create or replace view newest as select id, u, v${one(r, '', " || '!'")} from ${one(r, 'base', 'other')}`,
    ),
    action(
      'redefine',
      1,
      (r) =>
        `drop materialized view kept; create materialized view kept as select id, u, v from ${one(r, 'base', 'other')}; create unique index kept_id on kept (id)`,
    ),
    action(
      'rename below a view',
      1,
      () =>
        'alter table base rename to swap; alter table other rename to base; alter table swap rename to other',
    ),
  ],
}
