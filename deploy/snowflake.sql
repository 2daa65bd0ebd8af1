-- Roles, users, warehouses and schemas in Snowflake. Run it as ACCOUNTADMIN, in a worksheet or with
-- snow sql -f deploy/snowflake.sql. It can be run again.
--
--   AIRBYTE_ROLE  writes RAW, nothing else
--   ASSETS_ROLE   reads RAW, owns ANALYTICS
--   REPORTER_ROLE reads ANALYTICS (Tableau, people)

use role sysadmin;
create warehouse if not exists ASSETS_WH
  warehouse_size = xsmall auto_suspend = 60 auto_resume = true initially_suspended = true
  statement_timeout_in_seconds = 3600;
create warehouse if not exists AIRBYTE_WH
  warehouse_size = xsmall auto_suspend = 60 auto_resume = true initially_suspended = true;
create database if not exists DVD_RENTAL;
create schema if not exists DVD_RENTAL.RAW;
create schema if not exists DVD_RENTAL.ANALYTICS;

use role securityadmin;
create role if not exists AIRBYTE_ROLE;
create role if not exists ASSETS_ROLE;
create role if not exists REPORTER_ROLE;
grant role AIRBYTE_ROLE to role sysadmin;
grant role ASSETS_ROLE to role sysadmin;
grant role REPORTER_ROLE to role sysadmin;

-- Airbyte creates its tables, and a schema for its staging tables.
grant usage, operate on warehouse AIRBYTE_WH to role AIRBYTE_ROLE;
grant usage, create schema on database DVD_RENTAL to role AIRBYTE_ROLE;
grant ownership on schema DVD_RENTAL.RAW to role AIRBYTE_ROLE copy current grants;

-- ASSETS_ROLE never writes to RAW, so RAW holds only what Airbyte loaded. It owns ANALYTICS, so it can create
-- tables, views and the temporary stage of a large extract there.
grant usage, operate, monitor on warehouse ASSETS_WH to role ASSETS_ROLE;
-- `assets verify` creates schemas named ASSETS_SCRATCH_… and drops them.
grant usage, create schema on database DVD_RENTAL to role ASSETS_ROLE;
grant usage on schema DVD_RENTAL.RAW to role ASSETS_ROLE;
grant select on all tables in schema DVD_RENTAL.RAW to role ASSETS_ROLE;
grant select on future tables in schema DVD_RENTAL.RAW to role ASSETS_ROLE;
grant ownership on schema DVD_RENTAL.ANALYTICS to role ASSETS_ROLE copy current grants;

grant usage on warehouse ASSETS_WH to role REPORTER_ROLE;
grant usage on database DVD_RENTAL to role REPORTER_ROLE;
grant usage on schema DVD_RENTAL.ANALYTICS to role REPORTER_ROLE;
grant select on future tables in schema DVD_RENTAL.ANALYTICS to role REPORTER_ROLE;
grant select on future views in schema DVD_RENTAL.ANALYTICS to role REPORTER_ROLE;

-- Users of type SERVICE have no password; they log in with a key pair. Step 2 of deploy/README.md creates
-- the keys:  alter user ASSETS set rsa_public_key = '…';
use role useradmin;
create user if not exists ASSETS type = service
  default_role = ASSETS_ROLE default_warehouse = ASSETS_WH;
create user if not exists AIRBYTE type = service
  default_role = AIRBYTE_ROLE default_warehouse = AIRBYTE_WH;
use role securityadmin;
grant role ASSETS_ROLE to user ASSETS;
grant role AIRBYTE_ROLE to user AIRBYTE;

-- Limits the credits of a month, so that a faulty run cannot use more.
use role accountadmin;
create resource monitor if not exists ASSETS_MONITOR with credit_quota = 30 frequency = monthly
  start_timestamp = immediately triggers on 80 percent do notify on 100 percent do suspend;
alter warehouse ASSETS_WH set resource_monitor = ASSETS_MONITOR;
