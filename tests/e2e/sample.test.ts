import { readFile } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/**
 * At scale 1: primary key, number of rows, and the md5 of all rows as text in the order of the key.
 */
const tables = {
  actor: ['actor_id', 200, '0bd739e1c05d9b40514ac5213e503465'],
  address: ['address_id', 603, '53d88de528ce2f243e144d6fbb6215e5'],
  category: ['category_id', 16, '23f806c5c83a08f1be2aa172a633e290'],
  city: ['city_id', 600, 'd691c70d7ed8981790e709fc10d5d072'],
  country: ['country_id', 109, 'b32da9856bf6db764c32b3e2bfb42217'],
  customer: ['customer_id', 599, '2d9b9b50717eb3e64f310df44d81f02a'],
  film: ['film_id', 1000, '1ff214c1f069c86e9ed31ab25089d567'],
  film_actor: ['actor_id, film_id', 5426, '46d810da511fb794ed79dc14f3ef542a'],
  film_category: ['film_id, category_id', 1000, '3268aa93e6b676daff450ded41da2aba'],
  inventory: ['inventory_id', 4584, '0204ab68e0373dadb56d61ca6876f60d'],
  language: ['language_id', 6, '7da8eb36a2c02ce9675ddd40e578b2bd'],
  payment: ['payment_id', 14540, '9286a4878ec837e78a5f51c7b550ed72'],
  rental: ['rental_id', 15982, '0a543ea3f9b6bdf452f9b7ed8495d3bf'],
  staff: ['staff_id', 2, 'ec0cdf9c2eaa67b596cc6381b1d4d2ed'],
  store: ['store_id', 2, '7a43f394d7854d28a3bd2a2ad873894b'],
} as const

/** The columns of the well-known DVD-rental database. `?` marks a nullable column. */
const columns = [
  'actor: actor_id int4, first_name varchar(45), last_name varchar(45), last_update timestamp',
  'address: address_id int4, address varchar(50), address2? varchar(50), district varchar(20), city_id int2, postal_code? varchar(10), phone varchar(20), last_update timestamp',
  'category: category_id int4, name varchar(25), last_update timestamp',
  'city: city_id int4, city varchar(50), country_id int2, last_update timestamp',
  'country: country_id int4, country varchar(50), last_update timestamp',
  'customer: customer_id int4, store_id int2, first_name varchar(45), last_name varchar(45), email? varchar(50), address_id int2, activebool bool, create_date date, last_update? timestamp, active? int4',
  'film: film_id int4, title varchar(255), description? text, release_year? year, language_id int2, rental_duration int2, rental_rate numeric(4,2), length? int2, replacement_cost numeric(5,2), rating? mpaa_rating, last_update timestamp, special_features? _text, fulltext tsvector',
  'film_actor: actor_id int2, film_id int2, last_update timestamp',
  'film_category: film_id int2, category_id int2, last_update timestamp',
  'inventory: inventory_id int4, film_id int2, store_id int2, last_update timestamp',
  'language: language_id int4, name bpchar(20), last_update timestamp',
  'payment: payment_id int4, customer_id int2, staff_id int2, rental_id int4, amount numeric(5,2), payment_date timestamp',
  'rental: rental_id int4, rental_date timestamp, inventory_id int4, customer_id int2, return_date? timestamp, staff_id int2, last_update timestamp',
  'staff: staff_id int4, first_name varchar(45), last_name varchar(45), address_id int2, email? varchar(50), store_id int2, active bool, username varchar(16), password? varchar(40), last_update timestamp, picture? bytea',
  'store: store_id int4, manager_staff_id int2, address_id int2, last_update timestamp',
]

const lent = 'rental r join inventory i using (inventory_id) join film f using (film_id)'
const paid = 'payment p join rental r using (rental_id)'

/**
 * Irregularities of the data that a careless query gets wrong: description, count, and the FROM
 * clause that counts it.
 */
const irregularities: [fact: string, times: number, from: string][] = [
  ['rental of 2005', 15811, `rental where rental_date between '2005-05-24' and '2005-08-24'`],
  [
    'rental of 2006, all with the same timestamp',
    171,
    `rental where rental_date = '2006-02-14 17:45:12'`,
  ],
  [
    'payment of February 2007',
    2525,
    `payment where payment_date between '2007-02-07' and '2007-03-01'`,
  ],
  [
    'payment of March 2007',
    6144,
    `payment where payment_date between '2007-03-01' and '2007-04-01'`,
  ],
  [
    'payment of April 2007',
    5700,
    `payment where payment_date between '2007-04-01' and '2007-04-30'`,
  ],
  [
    'payment of May 2007, all with the same timestamp',
    171,
    `payment where payment_date = '2007-05-14 17:45:12'`,
  ],
  [
    'payment earlier than the payment of an earlier rental',
    4482,
    `${paid} where rental_date between '2005-08-01' and '2005-09-01' and payment_date < '2007-03-29'`,
  ],
  [
    'payment earlier than the one with the previous id',
    1334,
    `(select payment_date < lag(payment_date) over (order by payment_id) as back from payment) as step where back`,
  ],
  [
    'payment with a fraction of a second',
    14369,
    `payment where payment_date <> date_trunc('second', payment_date)`,
  ],
  ['payment of 0', 27, 'payment where amount = 0'],
  [
    'payment of twice the rental rate',
    27,
    `${lent} join payment p using (rental_id) where amount = 2 * rental_rate`,
  ],
  [
    'late return not charged',
    688,
    `${lent} join payment p using (rental_id) where amount = rental_rate and return_date >= rental_date + interval '1 day' * (rental_duration + 1)`,
  ],
  [
    'payment to a staff member who did not handle the rental',
    7321,
    `${paid} where p.staff_id <> r.staff_id`,
  ],
  ['payment by a customer who did not rent', 4, `${paid} where p.customer_id <> r.customer_id`],
  [
    'rental without a payment',
    1446,
    'rental left join payment using (rental_id) where payment_id is null',
  ],
  ['rental of May with a payment', 0, `${paid} where rental_date < '2005-06-01'`],
  [
    'rental with five payments',
    1,
    '(select 1 from payment group by rental_id having count(*) = 5) as often',
  ],
  [
    'rental with two to four payments',
    0,
    '(select 1 from payment group by rental_id having count(*) between 2 and 4) as often',
  ],
  ['rental not returned', 172, 'rental where return_date is null'],
  [
    'rental not returned, of 2005',
    1,
    `rental where return_date is null and rental_date < '2006-01-01'`,
  ],
  [
    'missing rental id',
    4,
    `generate_series(1, (select max(rental_id) from rental)) as n left join rental on rental_id = n where rental_id is null`,
  ],
  ['rental in a store that does not own the copy', 7982, `${lent} where r.staff_id <> i.store_id`],
  [
    'rental by an inactive customer',
    390,
    'rental join customer using (customer_id) where active = 0',
  ],
  [
    'rental before the customer was created',
    10270,
    'rental join customer using (customer_id) where create_date > rental_date',
  ],
  [
    'rental of a copy that was not returned',
    0,
    `(select return_date, rental_date, lead(rental_date) over (partition by inventory_id order by rental_date) as next from rental) as turn where next < coalesce(return_date, next + interval '1 day')`,
  ],
  [
    'copy never rented',
    42,
    'inventory left join rental using (inventory_id) where rental_id is null',
  ],
  [
    'film without a copy',
    42,
    'film left join inventory using (film_id) where inventory_id is null',
  ],
  ['film without an actor', 3, 'film left join film_actor using (film_id) where actor_id is null'],
  [
    'film in several categories',
    0,
    '(select 1 from film_category group by film_id having count(*) > 1) as often',
  ],
  [
    'language without a film',
    1,
    'language left join film using (language_id) where film_id is null',
  ],
  ['language name padded to twenty characters', 6, 'language where octet_length(name) = 20'],
  [
    'country without a customer',
    1,
    'country where not exists (select from city join address using (city_id) join customer using (address_id) where city.country_id = country.country_id)',
  ],
  ['duplicate city name', 8, '(select 1 from city group by city having count(*) = 2) as often'],
  ['city name with characters outside ASCII', 46, `city where city ~ '[^ -~]'`],
  [
    'duplicate actor name',
    2,
    '(select 1 from actor group by first_name, last_name having count(*) = 2) as often',
  ],
  [
    'duplicate customer name',
    9,
    '(select 1 from customer group by first_name, last_name having count(*) = 2) as often',
  ],
  ['inactive customer', 15, 'customer where active = 0 and activebool'],
  ['address2 empty', 599, `address where address2 = ''`],
  ['address2 null', 4, 'address where address2 is null'],
  ['postal code empty', 4, `address where postal_code = ''`],
  ['postal code null', 4, 'address where postal_code is null'],
  ['phone empty', 2, `address where phone = ''`],
  ['district empty', 2, `address where district = ''`],
  ['picture null', 1, 'staff where picture is null'],
]

describe('the DVD-rental sample', () => {
  let db: PGlite

  const load = async (...files: string[]) => {
    for (const file of files)
      await db.exec(
        await readFile(new URL(`../../assets/sample/${file}.sql`, import.meta.url), 'utf8'),
      )
  }
  const value = async (sql: string) =>
    (await db.query<[unknown]>(sql, [], { rowMode: 'array' })).rows[0]?.[0]

  beforeAll(async () => {
    db = await PGlite.create()
    await load('schema', 'rows', 'keys')
  })
  afterAll(() => db.close())

  test('has the tables and columns of the well-known DVD-rental database', async () => {
    const { rows } = await db.query<{ columns: string }>(`
      select relname || ': ' || string_agg(
               attname || case when attnotnull then ' ' else '? ' end || typname
                 || coalesce(substring(format_type(atttypid, atttypmod) from '\\(.*\\)'), ''),
               ', ' order by attnum) as columns
      from pg_class
      join pg_attribute on attrelid = pg_class.oid and attnum > 0
      join pg_type on pg_type.oid = atttypid
      where relnamespace = 'public'::regnamespace and relkind = 'r'
      group by relname order by relname`)
    expect(rows.map((row) => row.columns)).toEqual(columns)
  })

  test.each(Object.entries(tables))(
    '%s has the recorded number of rows and md5',
    async (table, [key, rows, md5]) => {
      expect(await value(`select count(*)::integer from ${table}`)).toBe(rows)
      expect(
        await value(`select md5(string_agg(t::text, e'\\n' order by ${key})) from ${table} as t`),
      ).toBe(md5)
    },
  )

  test.each(irregularities)('%s: %i', async (_fact, times, from) => {
    expect(await value(`select count(*)::integer from ${from}`)).toBe(times)
  })

  test('has valid primary and foreign keys', async () => {
    const { rows } = await db.query(`
      select contype::text, count(*)::integer from pg_constraint
      where connamespace = 'public'::regnamespace and convalidated and contype in ('p', 'f') group by 1 order by 1`)
    expect(rows).toEqual([
      { contype: 'f', count: 18 },
      { contype: 'p', count: 15 },
    ])
  })

  test('has sequences that continue after the last id', async () => {
    expect(
      await value(`
        insert into rental (rental_date, inventory_id, customer_id, staff_id)
        values ('2006-03-01', 1, 1, 1) returning rental_id - (select max(rental_id) from rental)`),
    ).toBe(1)
    await db.exec(`delete from rental where rental_date = '2006-03-01'`)
  })

  test('leaves no temporary table or function behind', async () => {
    expect(
      await value(`
        select (select count(*) from pg_class where relpersistence = 't')::integer
             + (select count(*) from pg_proc
                where pronamespace not in ('pg_catalog'::regnamespace,
                                           'information_schema'::regnamespace))::integer`),
    ).toBe(0)
  })

  test('grows with sample.scale', async () => {
    await db.exec('create schema twice; set search_path = twice; set sample.scale = 2')
    await load('schema', 'rows', 'keys')
    expect(
      await value(`
        select concat_ws(' ', (select count(*) from film), (select count(*) from customer),
                         (select count(*) from inventory), (select count(*) from rental),
                         (select count(*) from payment))`),
    ).toBe('2000 1198 9261 31878 29005')
  })
})
