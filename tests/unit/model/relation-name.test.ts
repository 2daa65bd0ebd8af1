import { expect, test } from 'vitest'
import { isSameRelation } from '../../../framework/model/place.ts'
import {
  databaseOf,
  inOwnDatabase,
  relationParts,
  relationText,
} from '../../../framework/model/relation-name.ts'

test.each([
  ['orders', [null, null, 'orders']],
  ['raw.orders', [null, 'raw', 'orders']],
  ['lake.raw.orders', ['lake', 'raw', 'orders']],
  ['raw."a.b"', [null, 'raw', 'a.b']],
  ['lake."r.w"."a.b"', ['lake', 'r.w', 'a.b']],
  ['raw."""a"', [null, 'raw', '"a']],
])('%s has the parts %j, and they give the same text', (text, [database, schema, name]) => {
  expect(relationParts(text)).toEqual({ database, schema, name })
  expect(relationText({ database: database!, schema: schema!, name: name! })).toBe(text)
})

test('without quotes, all that follows the schema is the name', () => {
  expect(relationParts('lake.raw.a.b')).toEqual({ database: 'lake', schema: 'raw', name: 'a.b' })
})

test('a relation of the own database has none', () => {
  expect([databaseOf('raw.orders'), databaseOf('LAKE.raw.orders'), databaseOf(null)]).toEqual([
    null,
    'lake',
    null,
  ])
  expect(inOwnDatabase('lake.raw."a.b"')).toBe('raw."a.b"')
})

test.each([
  ['raw.orders', 'RAW.Orders', true],
  ['lake.raw.orders', 'Lake.RAW.orders', true],
  ['raw.orders', 'lake.raw.orders', false],
  // As an earlier version recorded it.
  ['raw."a.b"', 'raw.a.b', true],
  [null, null, true],
  [null, 'raw.orders', false],
])('%s and %s are the same relation: %s', (one, other, isSame) => {
  expect(isSameRelation(one, other)).toBe(isSame)
})
