import { expect, test } from 'vitest'
import { type Query, readCatalogue } from '../../../framework/warehouses/snowflake/catalogue.ts'
import { OtherDatabases } from '../../../framework/warehouses/snowflake/other-databases.ts'

/** What Snowflake answers for an object that does not exist or that the role may not see. */
const REFUSED = {
  code: '002043',
  message: 'Object does not exist, or operation cannot be performed.',
}

/** An account in which the role may use these databases and schemas: `RAW`, `RAW.JAFFLE`. */
function account(...usable: readonly string[]) {
  const sent: string[] = []
  const query: Query = async (sql) => {
    sent.push(sql)
    const [, names] = /in (?:schema|database) (\S+)/.exec(sql) ?? []
    if (names !== undefined && !usable.includes(names.replaceAll('"', ''))) throw REFUSED
    return []
  }
  return { query, sent }
}

/** Looks for the relations, and says which ones could not be seen. */
async function unseen(
  { query }: ReturnType<typeof account>,
  others: OtherDatabases,
  ...relations: readonly string[]
) {
  await readCatalogue(query, { database: 'OWN', schema: 'PUBLIC', others }, relations)
  return relations.map((relation) => others.whyUnseen(relation))
}

const others = () => new OtherDatabases('BUILDER')

test('a database that the role may not use is named with the grant', async () => {
  const found = await unseen(account('OWN', 'OWN.PUBLIC'), others(), 'raw.jaffle.orders', 'orders')
  expect(found).toEqual([
    'database RAW does not exist, or the role may not use it: grant usage on database RAW to role BUILDER',
    null,
  ])
})

test('so is a schema in a database that it may use', async () => {
  expect(await unseen(account('RAW'), others(), 'RAW.Jaffle.orders')).toEqual([
    'schema RAW.JAFFLE does not exist, or the role may not use it: grant usage on schema RAW.JAFFLE to role BUILDER',
  ])
})

test('what is refused in the own database does not exist: dbt creates it', async () => {
  expect(await unseen(account(), others(), 'jaffle.orders', 'own.jaffle.orders')).toEqual([
    null,
    null,
  ])
})

test('a table that is not in a schema that may be used is absent', async () => {
  expect(await unseen(account('RAW', 'RAW.JAFFLE'), others(), 'raw.jaffle.orders')).toEqual([null])
})

test('a grant that was given since is seen, and that of another schema is no grant', async () => {
  const known = others()
  await unseen(account('RAW'), known, 'raw.jaffle.orders', 'raw.other.orders')
  await unseen(account('RAW', 'RAW.JAFFLE'), known, 'raw.jaffle.orders', 'raw.other.orders')
  expect(known.whyUnseen('raw.jaffle.orders')).toBe(null)
  expect(known.whyUnseen('raw.other.orders')).toContain('grant usage on schema RAW.OTHER')
})

test('a schema of each database is asked once, whatever the case of its name', async () => {
  const one = account('RAW', 'RAW.JAFFLE', 'OWN.JAFFLE')
  await unseen(one, others(), 'raw.jaffle.a', 'RAW.JAFFLE.b', 'jaffle.a', 'own.jaffle.c')
  expect(one.sent.filter((sql) => sql.startsWith('show columns')).sort()).toEqual([
    'show columns in schema "OWN"."JAFFLE"',
    'show columns in schema "RAW"."JAFFLE"',
  ])
})
