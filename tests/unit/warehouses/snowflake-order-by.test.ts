import { expect, it } from 'vitest'
import { withTieBreakers } from '../../../framework/warehouses/snowflake/order-by.ts'

it.each([
  ['select a from t order by a', 'select a from t order by a, 1 nulls last, 2 nulls last '],
  [
    'select a from t ORDER BY a desc limit 5 -- the top',
    'select a from t ORDER BY a desc, 1 nulls last, 2 nulls last limit 5 -- the top',
  ],
  ['select 1 order by x offset 2', 'select 1 order by x, 1 nulls last, 2 nulls last offset 2'],
  [
    'select a from t order by b -- by order',
    'select a from t order by b, 1 nulls last, 2 nulls last  -- by order',
  ],
  // No ORDER BY.
  ['select a from t', null],
  ['select rank() over (order by a) from t', null],
  ['select * from (select a from t order by a limit 3)', null],
  ["select 'order by x' as a from t", null],
  ['select "order by" from t -- order by a', null],
  ['select $$ order by $$ /* order by a */', null],
])('%s', (query, expected) => {
  expect(withTieBreakers(query, 2)).toBe(expected)
})
