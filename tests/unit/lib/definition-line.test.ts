import { expect, test } from 'vitest'
import { definitionLine } from '../../../framework/lib/definition-line.ts'

const MACROS = '{# cents #}\n{% macro cents_of(x) %}{% endmacro %}\n{%- macro cents(x) -%}\n'

test('a macro is where it is defined, not where its name stands', () => {
  expect(definitionLine('macro cents', MACROS)).toBe(3)
  expect(definitionLine('macro ratio', '\n{% macro duckdb__ratio(a) %}')).toBe(2)
})

test('a variable is where its name stands', () => {
  expect(definitionLine('var cut.off', 'name: shop\nvars:\n  cut.off: 3\n')).toBe(3)
})

test('what means the whole file, or is not there, has no line', () => {
  expect(definitionLine('model', 'select 1')).toBeNull()
  expect(definitionLine('macro gone', MACROS)).toBeNull()
})
