import { action, key, one, type Scene, streamOf } from '../scene.ts'

/** Row level security: the rows that `reader` sees depend on policies, on other tables, and on the role. */
export const SECURED: Scene = {
  name: 'secured',
  setup: [
    'create table members (who text, tenant int)',
    "insert into members values ('reader', 1)",
    'create table notes (id int primary key, tenant int, v text)',
    "insert into notes values (1, 1, 'a'), (2, 2, 'b'), (3, 1, 'c')",
    'alter table notes enable row level security',
    'create policy own on notes using (tenant in (select tenant from members where who = current_user))',
    'create table open (id int primary key, v text)',
    "insert into open values (1, 'a')",
    'grant select on notes, members, open to reader',
  ],
  streams: [streamOf('notes', {}, 'reader'), streamOf('open', {}, 'reader')],
  actions: [
    action(
      'insert',
      3,
      (r) =>
        `insert into notes values (${key(r, 30)}, ${key(r, 2)}, '${r.below(9)}') on conflict do nothing`,
    ),
    action('update', 2, (r) => `update notes set tenant = ${key(r, 2)} where id = ${key(r)}`),
    action('update', 2, (r) => `update open set v = '${r.below(9)}'`),
    action('membership', 3, (r) => `update members set tenant = ${key(r, 2)}`),
    action('membership', 1, (r) =>
      one(r, 'delete from members', "insert into members values ('reader', 2)"),
    ),
    action(
      'policy',
      2,
      (r) => `alter policy own on notes using (tenant ${one(r, '=', '<>')} ${key(r, 2)})`,
    ),
    action(
      'policy',
      1,
      (r) =>
        `drop policy if exists more on notes; create policy more on notes as ${one(r, 'restrictive', 'permissive')} using (id < ${key(r)})`,
    ),
    action(
      'row level security',
      1,
      (r) => `alter table notes ${one(r, 'enable', 'disable')} row level security`,
    ),
    action(
      'row level security',
      1,
      (r) => `alter table open ${one(r, 'enable', 'disable')} row level security`,
    ),
    action('role', 1, (r) => `alter role reader ${one(r, 'bypassrls', 'nobypassrls')}`),
    action(
      'role',
      1,
      (r) => one(r, 'grant pg_read_all_data to reader', 'revoke pg_read_all_data from reader'),
      14,
    ),
    action('role', 1, (r) => `alter role reader set row_security = ${one(r, 'on', 'off')}`),
    action('role', 1, (r) =>
      one(r, 'alter table notes owner to reader', 'alter table notes owner to postgres'),
    ),
    action(
      'grants',
      1,
      (r) => `revoke select on ${one(r, 'notes', 'members', 'open')} from reader`,
    ),
    action('grants', 1, () => 'grant select on notes, members, open to reader'),
  ],
  only: 'servers',
}
