import type { Random } from '../../random.ts'
import { type Action, action, key, one, type Scene, streamOf } from '../scene.ts'

const label = (random: Random) => one(random, "'a'", "'b'", 'null', "''", `'${random.below(1000)}'`)

const ROWS: readonly Action[] = [
  action(
    'insert',
    6,
    (r) =>
      `insert into items (id, n, label) values (${key(r, 40)}, ${r.below(9)}, ${label(r)}) on conflict do nothing`,
  ),
  action(
    'insert',
    2,
    (r) =>
      `insert into items (id, n, label) select x, x, 'many' from generate_series(${100 + r.below(50)}, ${140 + r.below(50)}) x on conflict do nothing`,
  ),
  action('update', 6, (r) => `update items set n = ${r.below(9)} where id = ${key(r)}`),
  action('update', 2, (r) => `update items set label = ${label(r)} where n = ${r.below(9)}`),
  action('update', 2, (r) => `update items set n = n where id = ${key(r)}`),
  action('update', 1, (r) => `update items set id = id + 1000 where id = ${key(r, 40)}`),
  action('delete', 4, (r) => `delete from items where id = ${key(r, 40)}`),
  action(
    'delete',
    1,
    (r) =>
      `with gone as (delete from items where id = ${key(r)} returning *) insert into items select * from gone`,
  ),
  action('delete', 1, () => 'delete from items'),
  action('truncate', 1, () => 'truncate items'),
  action(
    'truncate',
    1,
    () => 'truncate items restart identity; insert into items (id, n) values (1, 1), (2, 2)',
  ),
  action(
    'row lock',
    2,
    (r) => `select * from items where id = ${key(r)} for ${one(r, 'update', 'share', 'key share')}`,
  ),
  action(
    'subtransaction',
    2,
    (r) =>
      `do $$ begin update items set n = n + 1 where id = ${key(r)}; begin update items set n = 99; raise 'no'; exception when raise_exception then null; end; end $$`,
  ),
]

const FORM: readonly Action[] = [
  action(
    'default without a rewrite',
    1,
    (r) =>
      `alter table items drop column if exists more; alter table items add column more ${one(r, 'text', 'int')} default '${r.below(4)}'`,
  ),
  action(
    'default without a rewrite',
    1,
    (r) => `alter table items alter column more set default '${r.below(4)}'`,
  ),
  action('drop column', 1, () => 'alter table items drop column if exists more'),
  action('rename column', 1, (r) =>
    one(r, 'alter table items rename label to word', 'alter table items rename word to label'),
  ),
  action(
    'rename column',
    1,
    () =>
      'alter table items rename n to swap; alter table items rename label to n; alter table items rename swap to label',
  ),
  action(
    'alter type of a column',
    1,
    (r) =>
      `alter table items alter n type ${one(r, 'int', 'bigint', 'numeric(10,0)', 'text', 'smallint')} using n::text::int`,
  ),
  action(
    'generated column',
    1,
    (r) =>
      `alter table items drop column if exists twice; alter table items add column twice bigint generated always as (id * ${1 + r.below(3)}) stored`,
  ),
  action(
    'generated expression',
    1,
    (r) => `alter table items alter column twice set expression as (id * ${1 + r.below(5)})`,
    17,
  ),
  action(
    'virtual generated column',
    1,
    (r) =>
      `alter table items drop column if exists shown; alter table items add column shown bigint generated always as (id + ${r.below(3)}) virtual`,
    18,
  ),
  action(
    'virtual generated column',
    1,
    (r) => `alter table items alter column shown set expression as (id + ${r.below(5)})`,
    18,
  ),
  action(
    'storage',
    1,
    (r) =>
      `alter table items alter label set storage ${one(r, 'plain', 'extended', 'external', 'main')}`,
  ),
  action('compression', 1, () => 'alter table items alter label set compression pglz', 14),
  action(
    'storage parameters',
    1,
    (r) => `alter table items set (fillfactor = ${10 + r.below(90)})`,
  ),
  action('cluster', 1, () => 'cluster items using items_pkey'),
  action('index', 1, () => 'drop index if exists items_n; create index items_n on items (n)'),
  action('comment', 1, (r) => `comment on table items is '${r.below(9)}'`),
  action('not null', 1, (r) => `alter table items alter n ${one(r, 'set', 'drop')} not null`),
  action('logged', 1, (r) => `alter table items set ${one(r, 'logged', 'unlogged')}`),
]

const CARE: readonly Action[] = [
  action('vacuum', 2, (r) => `vacuum ${one(r, '', '(freeze)', '(full)', '(analyze)')} items`),
  action('vacuum', 1, () => 'vacuum (freeze)'),
  action('analyze', 1, () => 'analyze items'),
  action('checkpoint', 1, () => 'checkpoint'),
]

/** A table that everything is done to. */
export const ITEMS: Scene = {
  name: 'items',
  setup: [
    'create table items (id int primary key, n int, label text)',
    "insert into items select x, x, 'first' from generate_series(1, 6) x",
  ],
  streams: [streamOf('items')],
  actions: [...ROWS, ...FORM, ...CARE],
}

/** Rows that other statements write: foreign keys that cascade, triggers, identity columns. */
export const FAMILIES: Scene = {
  name: 'families',
  setup: [
    'create table parents (id int primary key, v text)',
    'create table children (id int generated by default as identity primary key, parent int references parents on delete cascade on update cascade deferrable, v text)',
    'create table audit (at bigint generated always as identity, what text)',
    'create table counts (id int primary key, n int)',
    'create function noted() returns trigger language plpgsql as $$ begin insert into audit (what) values (tg_op); return null; end $$',
    'create trigger noted after insert or update or delete on children for each row execute function noted()',
    "create function stamped() returns trigger language plpgsql as $$ begin new.v := coalesce(new.v, 'stamped'); return new; end $$",
    'create trigger stamped before insert or update on parents for each row execute function stamped()',
    "insert into parents values (1, 'a'), (2, 'b'), (3, null)",
    "insert into children (parent, v) values (1, 'a'), (1, 'b'), (2, null)",
    'insert into counts values (1, 0)',
  ],
  streams: [streamOf('parents'), streamOf('children'), streamOf('audit'), streamOf('counts')],
  actions: [
    action(
      'insert',
      3,
      (r) =>
        `insert into parents values (${key(r)}, ${one(r, 'null', "'p'")}) on conflict (id) do update set v = excluded.v`,
    ),
    action(
      'insert',
      4,
      (r) => `insert into children (parent, v) values (${key(r)}, '${r.below(9)}')`,
    ),
    action('cascade', 3, (r) => `delete from parents where id = ${key(r)}`),
    action('cascade', 2, (r) => `update parents set id = id + 10 where id = ${key(r)}`),
    action('cascade', 1, () => 'truncate parents cascade'),
    action('update', 2, (r) => `update children set v = '${r.below(9)}' where parent = ${key(r)}`),
    action('update', 2, () => 'update counts set n = n + 1'),
    action(
      'trigger',
      1,
      (r) => `alter table children ${one(r, 'disable', 'enable')} trigger noted`,
    ),
    action(
      'trigger',
      1,
      (r) =>
        `create or replace function stamped() returns trigger language plpgsql as $$ begin new.v := '${r.below(9)}'; return new; end $$`,
    ),
    action(
      'deferred constraint',
      1,
      (r) =>
        `set constraints all deferred; insert into children (parent) values (${50 + r.below(3)}); insert into parents values (${50 + r.below(3)}, 'late')`,
    ),
    action('identity', 1, (r) => `alter table children alter id restart with ${100 + r.below(9)}`),
    action('identity', 1, () => 'alter table audit alter at set generated by default'),
    action(
      'merge',
      1,
      (r) =>
        `merge into counts c using (values (${key(r, 3)})) s(id) on c.id = s.id when matched then update set n = c.n + 1 when not matched then insert values (s.id, 0)`,
      15,
    ),
  ],
}

/** A table that is empty after a crash. */
export const UNLOGGED: Scene = {
  name: 'unlogged',
  setup: [
    'create unlogged table unl (id int, v text)',
    "insert into unl values (1, 'a'), (2, 'b')",
  ],
  streams: [streamOf('unl')],
  actions: [
    action('insert', 3, (r) => `insert into unl values (${key(r)}, '${r.below(9)}')`),
    action('delete', 1, (r) => `delete from unl where id = ${key(r)}`),
    action('logged', 1, (r) => `alter table unl set ${one(r, 'logged', 'unlogged')}`),
  ],
  only: 'servers',
}

/** The catalog of the system, some of whose columns are written in place. */
export const CATALOG: Scene = {
  name: 'catalog',
  setup: ['create table counted (id int)', 'insert into counted values (1), (2)'],
  streams: [
    streamOf('pg_catalog.pg_class', {
      columns: ['relname', 'relpages', 'reltuples', 'relhasindex', 'relkind'],
    }),
    streamOf('pg_catalog.pg_sequence'),
  ],
  actions: [
    action('insert', 2, (r) => `insert into counted select generate_series(1, ${r.below(400)})`),
    action('analyze', 2, (r) => `${one(r, 'vacuum', 'analyze', 'vacuum (analyze)')} counted`),
    action('index', 1, (r) => `create index if not exists counted_${r.below(3)} on counted (id)`),
    action('index', 1, (r) => `drop index if exists counted_${r.below(3)}`),
  ],
  only: 'servers',
}
