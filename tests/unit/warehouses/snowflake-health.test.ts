import { describe, expect, test } from 'vitest'
import {
  type Grant,
  grantStatements,
  missingGrants,
  readGrants,
  requiredGrants,
} from '../../../framework/warehouses/snowflake/grants.ts'

/** The grants of deploy/snowflake.sql to ASSETS_ROLE, as SHOW GRANTS TO ROLE lists them. */
const GRANTED: readonly Grant[] = [
  { privilege: 'USAGE', on: 'WAREHOUSE', name: 'ASSETS_WH' },
  { privilege: 'USAGE', on: 'DATABASE', name: 'DVD_RENTAL' },
  { privilege: 'USAGE', on: 'SCHEMA', name: 'DVD_RENTAL.RAW' },
  { privilege: 'SELECT', on: 'TABLE', name: 'DVD_RENTAL.RAW.PAYMENT' },
  { privilege: 'OWNERSHIP', on: 'SCHEMA', name: 'DVD_RENTAL.ANALYTICS' },
]

const PLACE = {
  database: 'DVD_RENTAL',
  warehouse: 'ASSETS_WH',
  read: ['RAW'],
  built: new Map([['ANALYTICS', true]]),
}

const fixes = (needs: Parameters<typeof missingGrants>[0], grants: readonly Grant[]) =>
  grantStatements(missingGrants(needs, grants), 'ASSETS_ROLE')

test('the grants of the setup are enough', () => {
  expect(fixes(requiredGrants(PLACE), GRANTED)).toEqual([])
})

test.each([
  [0, ['grant usage on warehouse ASSETS_WH to role ASSETS_ROLE']],
  [1, ['grant usage on database DVD_RENTAL to role ASSETS_ROLE']],
  [2, ['grant usage on schema DVD_RENTAL.RAW to role ASSETS_ROLE']],
  [
    4,
    [
      'grant usage on schema DVD_RENTAL.ANALYTICS to role ASSETS_ROLE',
      'grant create table on schema DVD_RENTAL.ANALYTICS to role ASSETS_ROLE',
      'grant create view on schema DVD_RENTAL.ANALYTICS to role ASSETS_ROLE',
    ],
  ],
])('without grant %i the statements that give it', (index, statements) => {
  expect(
    fixes(
      requiredGrants(PLACE),
      GRANTED.filter((_, at) => at !== index),
    ),
  ).toEqual(statements)
})

test('a missing schema needs CREATE SCHEMA', () => {
  const needs = requiredGrants({ ...PLACE, built: new Map([['ANALYTICS', false]]) })
  expect(fixes(needs, GRANTED)).toEqual([
    'grant create schema on database DVD_RENTAL to role ASSETS_ROLE',
  ])
})

test('quoted names with lower-case letters are recognized', () => {
  const grants: readonly Grant[] = [
    { privilege: 'USAGE', on: 'SCHEMA', name: 'DVD_RENTAL."Raw"' },
    ...GRANTED,
  ]
  expect(fixes(requiredGrants({ ...PLACE, read: ['Raw'] }), grants)).toEqual([])
})

test('without a virtual warehouse no privilege on one is required', () => {
  expect(fixes(requiredGrants({ ...PLACE, warehouse: null }), GRANTED.slice(1))).toEqual([])
})

describe('the grants of a role', () => {
  const rows: Readonly<Record<string, readonly Record<string, string>[]>> = {
    ASSETS_ROLE: [
      { privilege: 'USAGE', granted_on: 'ROLE', name: 'READERS' },
      { privilege: 'USAGE', granted_on: 'DATABASE', name: 'DVD_RENTAL' },
    ],
    READERS: [
      { privilege: 'USAGE', granted_on: 'SCHEMA', name: 'DVD_RENTAL.RAW' },
      // A cycle of roles, which the service forbids, must not cause an endless loop.
      { privilege: 'USAGE', granted_on: 'ROLE', name: 'ASSETS_ROLE' },
    ],
  }
  const query = async (sql: string) => {
    const [, role = ''] = /^show grants to role "(.*)"$/.exec(sql) ?? []
    const found = rows[role]
    if (found === undefined) throw Object.assign(new Error('not there'), { code: '002003' })
    return found
  }

  test('include those of roles granted to it', async () => {
    const grants = await readGrants(query, 'ASSETS_ROLE')
    expect(grants?.map(({ on, name }) => `${on} ${name}`)).toEqual([
      'ROLE READERS',
      'DATABASE DVD_RENTAL',
      'SCHEMA DVD_RENTAL.RAW',
      'ROLE ASSETS_ROLE',
    ])
  })

  test('are unknown if the service does not list them', async () => {
    expect(await readGrants(query, 'NOBODY')).toBeNull()
  })
})
