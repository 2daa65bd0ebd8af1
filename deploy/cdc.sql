-- Change data capture in the source: a user for Airbyte, a publication, a heartbeat and a slot.
--
--   psql "$SOURCE_DATABASE_URL" -v ON_ERROR_STOP=1 -f deploy/cdc.sql
--
-- As the owner of the tables (RDS: the master user), in the database that is replicated. May be run
-- again: it adds what is missing, and tables made since. It needs wal_level = logical, which takes a
-- restart: on RDS rds.logical_replication = 1 in the parameter group (deploy/ecs.yaml makes one), on a
-- server of your own
--   alter system set wal_level = logical;
--   alter system set max_slot_wal_keep_size = '10GB';
-- The second bounds what a forgotten slot may keep: without it one fills the disk. Set it below the
-- free space, above the changes of the longest break in syncing that you want to bridge.
--
-- Another schema than public: set it before, in the same session:  set assets.schema = 'shop';

begin;

do $$
begin
  if current_setting('wal_level') <> 'logical' then
    raise exception 'wal_level is %, not logical', current_setting('wal_level')
      using hint = 'RDS: rds.logical_replication = 1 in the parameter group, then reboot. Elsewhere: alter system set wal_level = logical, then restart.';
  end if;
end $$;

-- No password stands here: give it one with \password airbyte, and keep it in Airbyte alone.
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

-- Written by Airbyte while nothing else is, so that the slot moves on in a quiet database beside busy
-- ones: the log belongs to the whole server.
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

-- A changed or deleted row is told by its key; a table without one has to tell all its old columns.
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

-- After the publication and in a transaction of its own: a slot decodes with the catalog as it was then.
select pg_create_logical_replication_slot('airbyte_slot', 'pgoutput')
where not exists (select from pg_replication_slots where slot_name = 'airbyte_slot');

-- How it stands; `assets doctor` shows the same every day.
select slot_name, active, wal_status,
  pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) as kept
from pg_replication_slots where slot_name = 'airbyte_slot';

-- To take it back (a slot that nobody reads keeps the log for ever, so drop it first):
--   select pg_drop_replication_slot('airbyte_slot');
--   drop publication airbyte_publication;
--   drop table airbyte_heartbeat;
--   drop owned by airbyte; drop role airbyte;
