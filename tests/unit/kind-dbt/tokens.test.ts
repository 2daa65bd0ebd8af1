import { describe, expect, test } from 'vitest'
import { readTemplate } from '../../../framework/kinds/dbt/code-version/template.ts'
import { tokenize } from '../../../framework/kinds/dbt/code-version/tokens.ts'

const digest = (text: string) => readTemplate(text).digest

describe('what changes nothing', () => {
  const MODEL = `select a.id, 'it''s  two' as note, {{ cents("x  y") }} as amount
from {{ ref('stg') }} as a
where a.n >= 1 {% if is_incremental() %}and a.id > 3{% endif %}`

  test.each([
    ['line breaks', MODEL.replaceAll('\n', '\n\n   ')],
    ['a trailing newline', `${MODEL}\n`],
    ['a line comment', MODEL.replace('\nfrom', " -- don't ask\nfrom")],
    ['a block comment', MODEL.replace('from', "/* it's\n old */ from")],
    ['a Jinja comment', `{# why #}\n${MODEL}`],
    ['a Jinja comment in the middle', MODEL.replace('from', "{# it's #}\nfrom")],
    ['space in Jinja', MODEL.replace('{{ ref', '{{   ref').replace('cents(', 'cents( ')],
    ['space around operators', MODEL.replace('>= 1', '  >=1').replace('a.id,', 'a.id ,')],
    ['config', `{{ config(materialized='table', tags=["x"]) }}\n${MODEL}`],
    ['an empty comment at the end', `${MODEL} --`],
  ])('%s', (_, changed) => {
    expect(tokenize(changed)).not.toBeNull()
    expect(digest(changed)).toBe(digest(MODEL))
  })
})

describe('what changes something', () => {
  test.each([
    ['white space in a string', "select 'a b'", "select 'a  b'"],
    ['white space in a quoted name', 'select "a b"', 'select "a  b"'],
    ['a comment sign in a string', "select '--a'", "select '--b'"],
    ['a doubled quote', "select 'a''b'", "select 'a' 'b'"],
    ['two words and one', 'select a b', 'select ab'],
    ['an operator in two parts', 'select a <= b', 'select a < = b'],
    ['a hint', 'select /*+ x */ 1', 'select /*+ y */ 1'],
    ['Jinja that touches a word', 'from a{{ x }}', 'from a {{ x }}'],
    ['a word that touches Jinja', 'from {{ x }}b', 'from {{ x }} b'],
    ['two expressions that touch', '{{ a }}{{ b }}', '{{ a }} {{ b }}'],
    ['a trim', 'a {{ b }}', 'a {{- b }}'],
    ['white space in a Jinja string', "{{ x('a b') }}", "{{ x('a  b') }}"],
    ['Jinja in a comment', '-- {{ a() }}\nselect 1', '-- {{ b() }}\nselect 1'],
    ['Jinja in a string', "select '{{ a }}'", "select '{{ b }}'"],
    ['text around Jinja in a string', "select 'x {{ a }}'", "select 'x  {{ a }}'"],
    ['a dollar-quoted text', 'select $$a b$$', 'select $$a  b$$'],
    ['a tagged dollar quote', "select $t$it's$t$, 1", "select $t$it's$t$,  'a  b'"],
    ['the text of a set block', '{% set x %}a b{% endset %}', '{% set x %}a  b{% endset %}'],
    ['the case of a word', 'select A', 'select a'],
    ['what config reads', "{{ config.get('a') }}", "{{ config.get('b') }}"],
    ['config in a longer expression', "{{ config(a=1) ~ 'x' }}", "{{ config(a=1) ~ 'y' }}"],
    ['division', 'select a // b', 'select a / / b'],
  ])('%s', (_, before, after) => {
    expect(digest(after)).not.toBe(digest(before))
  })
})

/** Such a template is identified by its text. */
describe('what depends on the dialect', () => {
  test.each([
    ['a backslash before a quote', "select 'a\\' -- b'"],
    ['nested comments', 'select /* a /* b */ c */ 1'],
    ['raw blocks', "{% raw %}{{ x }}{% endraw %} 'a  b'"],
    ['a string without an end', "select 'a"],
    ['a comment without an end', 'select /* a'],
    ['Jinja without an end', 'select {{ a'],
    ['a trim that eats the end of a comment', "-- it's\n{{- x }} b"],
    ['a comment between two words', 'select a{# #}b'],
    ['slashes before a quote', "select 1 // it's"],
  ])('%s', (_, text) => {
    expect(tokenize(text)).toBeNull()
    expect(digest(text)).not.toBe(digest(`${text} `))
  })
})

describe('the names that a template uses', () => {
  const names = (text: string) => {
    const { vars, envVars, dispatched, quotedCalls } = readTemplate(text)
    return [vars, envVars, dispatched, quotedCalls].map((set) => [...set])
  }

  test('variables, even in strings and blocks', () => {
    const text = `{% if var('a') %}'{{ var("b", 1) }}'{% endif %} {{ env_var('C') }}
      {{ adapter.dispatch('d', 'pkg')() }} -- {{ var('e') }} and var('f')
      {# var('g') #} {{ var.has_var('h') }} '{{ macro_i() }}'`
    expect(names(text)).toEqual([['a', 'b', 'e', 'h'], ['C'], ['d'], ['var', 'macro_i']])
  })

  test('a computed name', () => {
    expect(names("{{ var('a' ~ x) }} {{ var(y) }}")[0]).toEqual([null])
  })

  test('names in a text without tokens', () => {
    expect(names("{% raw %}{% endraw %}{{ var('a') }}")[0]).toEqual(['a'])
  })

  test.each([
    ['select now()', true],
    ['select Current_Date - 1', true],
    ['{{ run_started_at }}', true],
    ['{{ dbt.current_timestamp() }}', true],
    ["select 'now()'", false],
    ['select 1 -- now()', false],
    ['select a.current_date from a', false],
    ['select now from a', false],
    ['select "current_date"', false],
  ])('the clock in %s', (text, clock) => {
    expect(readTemplate(text).clock).toBe(clock)
  })
})
