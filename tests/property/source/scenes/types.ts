import { action, key, one, type Scene, streamOf } from '../scene.ts'

/** Types that turn values into text, at any depth: each table has one way in which they are nested. */
export const TYPES: Scene = {
  name: 'types',
  setup: [
    "create type mood as enum ('sad', 'happy', 'ok')",
    'create domain dmood as mood',
    'create type feeling as (m mood, note text)',
    'create domain dfeeling as feeling',
    'create type person as (name text, f feeling)',
    'create type moods as range (subtype = mood)',
    'create table e_plain (id int, m mood)',
    "insert into e_plain values (1, 'sad'), (2, 'happy')",
    'create table e_domain (id int, m dmood)',
    "insert into e_domain values (1, 'sad')",
    'create table e_array (id int, m mood[])',
    "insert into e_array values (1, '{sad,ok}')",
    'create table e_domains (id int, m dmood[])',
    "insert into e_domains values (1, '{sad}')",
    'create table e_composite (id int, f feeling)',
    "insert into e_composite values (1, row('sad', 'x'))",
    'create table e_composites (id int, f dfeeling[])',
    "insert into e_composites values (1, array[row('sad', 'x')::feeling])",
    'create table e_nested (id int, p person)',
    "insert into e_nested values (1, row('a', row('sad', 'x')))",
    'create table e_range (id int, r moods)',
    "insert into e_range values (1, '[sad,happy]')",
  ],
  streams: [
    'plain',
    'domain',
    'array',
    'domains',
    'composite',
    'composites',
    'nested',
    'range',
  ].map((name) => streamOf(`e_${name}`)),
  actions: [
    action(
      'insert',
      2,
      (r) => `insert into e_array values (${key(r)}, ${one(r, "'{happy,ok}'", "'{}'", 'null')})`,
    ),
    action(
      'update',
      2,
      (r) => `update ${one(r, 'e_plain', 'e_domain')} set m = 'ok' where id = ${key(r, 2)}`,
    ),
    action('update', 2, (r) => `update e_nested set p.f.note = '${r.below(9)}'`),
    action(
      'rename enum label',
      3,
      (r) =>
        `alter type mood rename value ${one(r, "'sad' to 'SAD'", "'SAD' to 'sad'", "'ok' to 'fine'", "'fine' to 'ok'")}`,
    ),
    action(
      'add enum label',
      1,
      (r) =>
        `alter type mood add value if not exists 'more ${r.below(3)}' ${one(r, '', "before 'happy'")}`,
    ),
    action('rename attribute', 2, (r) =>
      one(
        r,
        'alter type feeling rename attribute note to remark',
        'alter type feeling rename attribute remark to note',
      ),
    ),
    action('rename attribute', 1, (r) =>
      one(
        r,
        'alter type person rename attribute name to called',
        'alter type person rename attribute called to name',
      ),
    ),
    action('add attribute', 1, (r) =>
      one(
        r,
        'alter type person add attribute age int',
        'alter type person drop attribute if exists age',
      ),
    ),
    action('change domain', 1, (r) =>
      one(
        r,
        'alter domain dmood set not null',
        'alter domain dmood drop not null',
        "alter domain dmood add check (value <> 'ok') not valid",
      ),
    ),
    action('rename type', 1, (r) =>
      one(r, 'alter type mood rename to humour', 'alter type humour rename to mood'),
    ),
    action(
      'create again',
      1,
      () =>
        "drop table e_domain; create table e_domain (id int, m dmood); insert into e_domain values (1, 'happy')",
    ),
  ],
}

/** Values that are numbers inside and names outside. */
export const REFERENCES: Scene = {
  name: 'references',
  setup: [
    'create table target (id int)',
    'create table refs (id int, t regclass, y regtype, f regnamespace)',
    "insert into refs values (1, 'target', 'int4', 'public'), (2, null, null, null)",
    'create table ref_arrays (id int, t regclass[])',
    "insert into ref_arrays values (1, '{target}')",
  ],
  streams: [streamOf('refs'), streamOf('ref_arrays')],
  actions: [
    action(
      'insert',
      2,
      (r) => `insert into refs values (${key(r)}, 'refs', '${one(r, 'text', 'int8')}', 'public')`,
    ),
    action('update', 1, (r) => `update refs set id = ${key(r)} where id = ${key(r)}`),
    action('rename what a value names', 3, (r) =>
      one(
        r,
        'alter table if exists target rename to aim',
        'alter table if exists aim rename to target',
      ),
    ),
    action(
      'rename what a value names',
      1,
      () => 'drop table if exists target, aim; create table target (id int)',
    ),
  ],
}
