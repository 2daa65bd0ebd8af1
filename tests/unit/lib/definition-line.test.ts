import { expect, test } from 'vitest'
import { definitionLine } from '../../../framework/lib/definition-line.ts'

const MACROS = '{# cents #}\n{% macro cents_of(x) %}{% endmacro %}\n{%- macro cents(x) -%}\n'

test('the line of a macro is its definition, not a use', () => {
  expect(definitionLine('macro cents', MACROS)).toBe(3)
  expect(definitionLine('macro ratio', '\n{% macro duckdb__ratio(a) %}')).toBe(2)
})

test('the line of a variable is the first use of its name', () => {
  expect(definitionLine('var cut.off', 'name: shop\nvars:\n  cut.off: 3\n')).toBe(3)
})

test('a label for a whole file or without a definition has no line', () => {
  expect(definitionLine('model', 'select 1')).toBeNull()
  expect(definitionLine('macro gone', MACROS)).toBeNull()
})
