-- Change data capture in the source: a user for Airbyte, a publication, a heartbeat and a slot.
--
--   psql "$SOURCE_DATABASE_URL" -v ON_ERROR_STOP=1 -f deploy/cdc.sql
--
-- Run it as the owner of the tables (on RDS: the master user), in the database to replicate. It can be run
-- again: it adds what is missing, and tables that are new. It needs wal_level = logical, which takes a
-- restart. On RDS, set rds.logical_replication = 1 in the parameter group (deploy/ecs.yaml creates one). On
-- your own server:
--   alter system set wal_level = logical;
--   alter system set max_slot_wal_keep_size = '10GB';
-- The second setting limits the WAL that an unused slot keeps; without a limit the disk fills. Set it below
-- the free space and above the WAL of the longest pause between two syncs.
--
-- For a schema other than public, run this first in the same session:  set assets.schema = 'shop';

begin;

do $$
begin
  if current_setting('wal_level') <> 'logical' then
    raise exception 'wal_level is %, not logical', current_setting('wal_level')
      using hint = 'RDS: rds.logical_replication = 1 in the parameter group, then reboot. Elsewhere: alter system set wal_level = logical, then restart.';
  end if;
end $$;

-- The role has no password yet. Set one with \password airbyte and store it only in Airbyte.
do $$
begin
  if not exists (select from pg_roles where rolname = 'airbyte') then
    create role airbyte login;
  end if;
  if exists (select from pg_roles where rolname = 'rds_replication') then
    grant rds_replication to airbyte;
  else
    alter role airbyte replication;
  end if;
end $$;

-- Airbyte writes to this table so that the slot advances even if the database has no other writes. The WAL
-- belongs to the whole server, so other databases would make the slot fall behind.
do $$
declare
  here text := coalesce(nullif(current_setting('assets.schema', true), ''), 'public');
begin
  execute format(
    'create table if not exists %I.airbyte_heartbeat (id int primary key, at timestamptz not null)', here);
  execute format('grant usage on schema %I to airbyte', here);
  execute format('grant select on all tables in schema %I to airbyte', here);
  execute format('alter default privileges in schema %I grant select on tables to airbyte', here);
  execute format('grant insert, update on %I.airbyte_heartbeat to airbyte', here);
end $$;

-- The WAL identifies a changed or deleted row by its primary key. For a table without one, it needs all old columns.
do $$
declare
  here text := coalesce(nullif(current_setting('assets.schema', true), ''), 'public');
  one record;
begin
  if not exists (select from pg_publication where pubname = 'airbyte_publication') then
    create publication airbyte_publication;
  end if;
  for one in
    select c.oid, c.relname, c.relreplident as identity,
      exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary) as has_key,
      exists (select from pg_publication_tables p where p.pubname = 'airbyte_publication'
        and p.schemaname = here and p.tablename = c.relname) as is_published
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = here and c.relkind = 'r' and c.relpersistence = 'p'
    order by c.relname
  loop
    if not one.has_key and one.identity in ('d', 'n') then
      execute format('alter table %I.%I replica identity full', here, one.relname);
    end if;
    if not one.is_published then
      execute format('alter publication airbyte_publication add table %I.%I', here, one.relname);
    end if;
  end loop;
end $$;

commit;

-- After the publication and in a separate transaction: a slot decodes with the catalog of the time it was created.
select pg_create_logical_replication_slot('airbyte_slot', 'pgoutput')
where not exists (select from pg_replication_slots where slot_name = 'airbyte_slot');

-- The state of the slot. `assets doctor` shows the same.
select slot_name, active, wal_status,
  pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) as kept
from pg_replication_slots where slot_name = 'airbyte_slot';

-- To undo everything (drop the slot first: an unused slot keeps WAL without end):
--   select pg_drop_replication_slot('airbyte_slot');
--   drop publication airbyte_publication;
--   drop table airbyte_heartbeat;
--   drop owned by airbyte; drop role airbyte;
