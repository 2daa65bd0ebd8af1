import { expect, test } from 'vitest'
import { lineOf } from '../../../framework/lib/line-of.ts'

const MACROS = '{# cents #}\n{% macro cents_of(x) %}{% endmacro %}\n{%- macro cents(x) -%}\n'

test('a macro is where it is defined, not where its name stands', () => {
  expect(lineOf('macro cents', MACROS)).toBe(3)
  expect(lineOf('macro ratio', '\n{% macro duckdb__ratio(a) %}')).toBe(2)
})

test('a variable is where its name stands', () => {
  expect(lineOf('var cut.off', 'name: shop\nvars:\n  cut.off: 3\n')).toBe(3)
})

test('what means the whole file, or is not there, has no line', () => {
  expect(lineOf('model', 'select 1')).toBeNull()
  expect(lineOf('macro gone', MACROS)).toBeNull()
})
