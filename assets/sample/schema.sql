-- The DVD-rental sample, part 1 of 3: types and tables.
--
-- Two rental shops, their films, their customers, what was rented and what was paid. The names and
-- types are those of the well-known sample database; the rows (rows.sql) are invented.
--
-- Into any empty database of PostgreSQL 12 or newer:
--
--   psql -v ON_ERROR_STOP=1 -1 -f schema.sql -f rows.sql -f keys.sql
--
-- Larger: sample.scale multiplies the 16,000 rentals (300 makes about 5 million).
--
--   psql -v ON_ERROR_STOP=1 -1 -c "set sample.scale = 300" -f schema.sql -f rows.sql -f keys.sql

-- Places

create table country (
  country_id  serial       not null,
  country     varchar(50)  not null,
  last_update timestamp    not null default now()
);

create table city (
  city_id     serial       not null,
  city        varchar(50)  not null,
  country_id  smallint     not null,
  last_update timestamp    not null default now()
);

create table address (
  address_id  serial       not null,
  address     varchar(50)  not null,
  address2    varchar(50),
  district    varchar(20)  not null,
  city_id     smallint     not null,
  postal_code varchar(10),
  phone       varchar(20)  not null,
  last_update timestamp    not null default now()
);

-- Films

create type mpaa_rating as enum ('G', 'PG', 'PG-13', 'R', 'NC-17');

create domain year as integer check (value between 1901 and 2155);

create table language (
  language_id serial       not null,
  name        char(20)     not null,
  last_update timestamp    not null default now()
);

create table category (
  category_id serial       not null,
  name        varchar(25)  not null,
  last_update timestamp    not null default now()
);

create table actor (
  actor_id    serial       not null,
  first_name  varchar(45)  not null,
  last_name   varchar(45)  not null,
  last_update timestamp    not null default now()
);

create table film (
  film_id          serial        not null,
  title            varchar(255)  not null,
  description      text,
  release_year     year,
  language_id      smallint      not null,
  rental_duration  smallint      not null default 3,
  rental_rate      numeric(4, 2) not null default 4.99,
  length           smallint,
  replacement_cost numeric(5, 2) not null default 19.99,
  rating           mpaa_rating   default 'G',
  last_update      timestamp     not null default now(),
  special_features text[],
  fulltext         tsvector      not null
);

create table film_actor (
  actor_id    smallint     not null,
  film_id     smallint     not null,
  last_update timestamp    not null default now()
);

create table film_category (
  film_id     smallint     not null,
  category_id smallint     not null,
  last_update timestamp    not null default now()
);

-- Shops, the people who work there and the people who rent there

create table store (
  store_id         serial    not null,
  manager_staff_id smallint  not null,
  address_id       smallint  not null,
  last_update      timestamp not null default now()
);

create table staff (
  staff_id    serial       not null,
  first_name  varchar(45)  not null,
  last_name   varchar(45)  not null,
  address_id  smallint     not null,
  email       varchar(50),
  store_id    smallint     not null,
  active      boolean      not null default true,
  username    varchar(16)  not null,
  password    varchar(40),
  last_update timestamp    not null default now(),
  picture     bytea
);

create table customer (
  customer_id serial       not null,
  store_id    smallint     not null,
  first_name  varchar(45)  not null,
  last_name   varchar(45)  not null,
  email       varchar(50),
  address_id  smallint     not null,
  activebool  boolean      not null default true,
  create_date date         not null default current_date,
  last_update timestamp    default now(),
  active      integer
);

-- Business

create table inventory (
  inventory_id serial      not null,
  film_id      smallint    not null,
  store_id     smallint    not null,
  last_update  timestamp   not null default now()
);

create table rental (
  rental_id    serial      not null,
  rental_date  timestamp   not null,
  inventory_id integer     not null,
  customer_id  smallint    not null,
  return_date  timestamp,
  staff_id     smallint    not null,
  last_update  timestamp   not null default now()
);

create table payment (
  payment_id   serial        not null,
  customer_id  smallint      not null,
  staff_id     smallint      not null,
  rental_id    integer       not null,
  amount       numeric(5, 2) not null,
  payment_date timestamp     not null
);
