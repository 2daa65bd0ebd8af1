import { beforeAll, describe, expect, test } from 'vitest'
import { templateOf } from '../../../framework/kinds/dbt/code-version/template.ts'
import { tokenize } from '../../../framework/kinds/dbt/code-version/tokens.ts'
import type { Reads, TemplateFacts } from '../../../framework/kinds/dbt/manifest/worker-manifest.ts'
import { templateFacts } from '../../rig/templates.ts'

const MACROS = {
  cents: '{% macro cents(c, digits=2) %} cast({{ c }} as decimal(18, {{ digits }})) {% endmacro %}',
  money: "{% macro money(c) %}{{ return(adapter.dispatch('money')(c)) }}{% endmacro %}",
  default__money: '{% macro default__money(c) %} round({{ c }}, 2) {% endmacro %}',
  snowflake__money: '{% macro snowflake__money(c) %} {{ c }}::number(18, 2) {% endmacro %}',
  quote_sign: `{% macro quote_sign() %}'{% endmacro %}`,
  log: '{% macro log(text) %}{{ text }}{% endmacro %}',
  quoted: `{% macro quoted(text) %}'{{ text }}'{% endmacro %}`,
  comment: '{% macro comment(text) %}-- {{ text }}{% endmacro %}',
  of_country: "{% macro of_country(c) %} {{ c }}_{{ var('country') }} {% endmacro %}",
  of_sign: "{% macro of_sign(c) %} {{ c }}{{ var('sign') }} {% endmacro %}",
  from_data: "{% macro from_data() %}{{ run_query('select 1') }}{% endmacro %}",
}
const VARS = { country: 'AT', sign: "'", names: ['a', 'b'], signs: ['a', '--'], minus: -1 }

const MODEL = `select a.id, 'it''s  two' as note, {{ cents("x") }} as amount
from {{ ref('stg') }} as a
where a.n >= 1 {% if is_incremental() %}and a.id > 3{% endif %}`

const EQUAL: readonly (readonly [string, string])[] = [
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
]

/** The text of these is compared, but `config(…)` is not: the manifest has what it sets. */
const SAME_CONFIG: readonly (readonly [string, string, string])[] = [
  [
    'beside output of an unknown name',
    "{{ config(tags=['a']) }}select {{ anything }}",
    "{{ config(tags=['b']) }}select {{ anything }}",
  ],
]

const DIFFERENT: readonly (readonly [string, string, string])[] = [
  ['white space in a string', "select 'a b'", "select 'a  b'"],
  ['white space in a quoted name', 'select "a b"', 'select "a  b"'],
  ['a comment sign in a string', "select '--a'", "select '--b'"],
  ['a doubled quote', "select 'a''b'", "select 'a' 'b'"],
  ['two words and one', 'select a b', 'select ab'],
  ['an operator in two parts', 'select a <= b', 'select a < = b'],
  ['a hint', 'select /*+ x */ 1', 'select /*+ y */ 1'],
  ['Jinja that touches a word', 'from a{{ this }}', 'from a {{ this }}'],
  ['a word that touches Jinja', 'from {{ this }}b', 'from {{ this }} b'],
  ['two expressions that touch', '{{ this }}{{ this }}', '{{ this }} {{ this }}'],
  ['a trim', 'a {{ this }}', 'a {{- this }}'],
  ['white space in a Jinja string', "{{ x('a b') }}", "{{ x('a  b') }}"],
  ['Jinja in a comment', '-- {{ a() }}\nselect 1', '-- {{ b() }}\nselect 1'],
  ['Jinja in a string', "select '{{ a }}'", "select '{{ b }}'"],
  ['text around Jinja in a string', "select 'x {{ 1 }}'", "select 'x  {{ 1 }}'"],
  ['a dollar-quoted text', 'select $$a b$$', 'select $$a  b$$'],
  ['a tagged dollar quote', "select $t$it's$t$, 1", "select $t$it's$t$,  'a  b'"],
  ['the text of a set block', '{% set x %}a b{% endset %}', '{% set x %}a  b{% endset %}'],
  ['the case of a word', 'select A', 'select a'],
  ['what config reads', "{{ config.get('a') }}", "{{ config.get('b') }}"],
  ['config in a longer expression', "{{ config(a=1) ~ 'x' }}", "{{ config(a=1) ~ 'y' }}"],
  ['division', 'select a // b', 'select a / / b'],
  ['a number in two parts', 'select 1.e3', 'select 1. e3'],
  ['a comment that ends at a carriage return', 'select 1 -- a\r + 1', 'select 1 -- a\r + 2'],
  ['a character of two units', 'select 1 as 😀', 'select 1 as 😁'],
  ['a combining mark', 'select a\u0301b', 'select a\u0301 b'],
  ['two literals on two lines', "select 'a'\n'b'", "select 'a' 'b'"],
  ['two literals around Jinja', "select 'a'\n{{ 1 }}'b'", "select 'a' {{ 1 }}'b'"],
  ['the branch of a text', '{% if x %}a{% else %}b{% endif %}', '{% if x %}a{% endif %}b'],
  ['the end of a branch', '{% if x %}a{% endif %} b', '{% if x %}a b{% endif %}'],
  ['a statement between words', 'a{% set x = 1 %}b', 'a {% set x = 1 %} b'],
]

/** White space in these may end up in a literal or a comment, so they are compared by their text. */
const BY_TEXT: readonly (readonly [string, string])[] = [
  ['a backslash before a quote', "select 'a\\' -- b'"],
  ['nested comments', 'select /* a /* b */ c */ 1'],
  ['a string without an end', "select 'a"],
  ['a comment without an end', 'select /* a'],
  ['slashes before a quote', "select 1 // it's"],
  ['Jinja in a line comment', 'select 1 -- {{ 1 }}\n'],
  ['Jinja in a block comment', 'select 1 /* {{ 1 }} */'],
  ['a comment that Jinja ends', '-- it is\n{%- if x %} b{% endif %} -- c{{ 1 }}'],
  ['a comment that a branch begins', '{% if x %}--{% endif %} a  b'],
  ['a block comment that a branch begins', '{% if x %}/*{% endif %} a {% if x %}*/{% endif %}'],
  ['a literal that a branch begins', "{% if x %}'{% endif %} a {% if x %}'{% endif %}"],
  ['a literal that the last branch begins', "{% if x %}1{% else %}'{% endif %} a  b'"],
  ['a literal that one branch ends', "'a{% if x %}' b {% else %}c{% endif %}'"],
  ['a sign in two parts', 'select 1 -{{ 1 }}- a  b'],
  ['a sign in two branches', 'select 1 -{% if x %}- a  b{% endif %}'],
  ['a quote in a constant', `select {{ "'" }} a  b {{ "'" }}`],
  ['a comment sign in a constant', 'select 1 {{ "--" if x }} a  b'],
  ['a quote in a variable', '{% set q = "\'" %}select {{ q }} a  b {{ q }}'],
  ['a quote in a list', `{% for q in ["'", 'b'] %}{{ q }} a  b{% endfor %}`],
  ['a quote in a var', "select {{ var('sign') }} a  b {{ var('sign') }}"],
  ['a comment sign in a list of a var', "{% for s in var('signs') %}{{ s }} a  b{% endfor %}"],
  ['a negative number', "select 1 -{{ var('minus') }}  b"],
  ['a quote from a macro', 'select {{ quote_sign() }} a  b {{ quote_sign() }}'],
  ['a quote from a var in a macro', "{{ of_sign('x') }} a  b {{ of_sign('x') }}"],
  ['a comment from a macro', "{{ comment('x') }} a  b"],
  ['a quote from the default of a var', `{{ var('none', "'") }} a  b {{ var('none', "'") }}`],
  ['output worked out from data', '{{ from_data() }} a  b {{ from_data() }}'],
  ['output of an unknown name', '{{ anything }} a  b {{ anything }}'],
  ['a text that a macro puts in a literal', '{{ quoted("it\'s") }} a  b'],
  [
    'a list that gets items',
    `{% set q = [] %}{% do q.append("'") %}{% for x in q %}{{ x }} a  b{% endfor %}`,
  ],
  [
    'a list under two names',
    `{% set q = [] %}{% set r = q %}{% do r.append("'") %}{% for x in q %}{{ x }} a  b{% endfor %}`,
  ],
  ['a value of config', "{{ config.get('q') }} a  b {{ config.get('q') }}"],
  ['a part of a literal', `{{ "'x'" | first }} a  b {{ "'x'" | last }}`],
  [
    'a named argument of a filter',
    `{{ ['', ''] | join(d="'") }} a  b {{ none | default(default_value="'", boolean=true) }}`,
  ],
  [
    'a name of dbt that is bound',
    `{% for target in [{'q': "'"}] %}{{ target.q }} a  b{{ target.q }}{% endfor %}`,
  ],
  ['a macro with a name of dbt', `{{ log("'") }} a  b {{ log("'") }}`],
  ['a format', `select {{ '%c' % 39 }} a  b {{ '%c' % 39 }}`],
  ['a replacement', `{{ "x" | replace("x", "'") }} a  b {{ "x" | replace("x", "'") }}`],
  ['a set block', "{% set x %}a  b{% endset %}select '{{ x }}'"],
  ['a call block', "{% call quoted('x') %}a  b{% endcall %}"],
  ['a filter block', '{% filter upper %}a  b{% endfilter %}'],
  ['a macro block', '{% macro own() %}a  b{% endmacro %}{{ own() }}'],
]

/** White space and comments around these count for nothing. */
const SAFE: readonly (readonly [string, string])[] = [
  ['a relation', "select 1 a from {{ ref('x') }}"],
  ['a constant', "select {{ 'total' }} a"],
  ['a closed literal', `select {{ "'x'" }} a`],
  ['a number', 'select {{ 3 }} a'],
  ['a var', "select {{ var('country') }} a"],
  ['a list', "select {% for m in ['x', 'y'] %}{{ m }} a{% endfor %}"],
  ['a list in a var', "select {% for m in var('names') %}{{ m }} a{% endfor %}"],
  ['a list in a variable', "{% set l = ['x'] %}select {% for m in l %}{{ m }} a{% endfor %}"],
  ['a comma between items', "{% for m in ['x'] %}{{ m }}{{ ', ' if not loop.last }} a{% endfor %}"],
  ['a macro', "select {{ cents('x') }} a"],
  ['a macro with a literal in its argument', `select {{ cents("coalesce(x, 'y')") }} a`],
  ['a macro that reads a var', "select {{ of_country('x') }} a"],
  ['a dispatched macro', "select {{ money('x') }} a"],
  ['output in a literal', "select '{{ var('country') }}' a"],
  ['branches in a literal', "select 'x{% if y %} z{% endif %}' a"],
  ['a joined list', "select {{ ['x', 'y'] | join(', ') }} a"],
]

const READS: readonly (readonly [string, string, Partial<Reads>])[] = [
  ['a var', "{{ var('a', 1) }}", { vars: ['a'] }],
  [
    'a var in a block, a string and a comment',
    `{% if var('a') %}'{{ var("b") }}'{% endif %} -- {{ var('c') }}`,
    { vars: ['a', 'b', 'c'] },
  ],
  ['has_var', "{{ var.has_var('a') }}", { vars: ['a'] }],
  ['a Jinja comment', "{# var('a') #}", { vars: [] }],
  ['a text', "var('a')", { vars: [] }],
  [
    'a variable of the environment',
    "{% if execute %}{{ env_var('A') }}{% endif %}",
    { env: ['A'] },
  ],
  ['a constant in two parts', "{{ env_var('A' ~ '_B') }}", { env: ['A_B'], wide: [] }],
  ['config', "{{ config.get('meta') }}{{ config.require('x') }}", { config: ['meta', 'x'] }],
  [
    'config of the model',
    "{{ model.config.tags }}{{ model['config']['meta'] }}",
    { config: ['meta', 'tags'] },
  ],
  [
    'fields of the model',
    "{{ model.columns }}{{ model.get('tags') }}",
    { model: ['columns', 'tags'] },
  ],
  ['the target', "{{ target.schema }}{{ target['name'] }}", { target: ['name', 'schema'] }],
  ['macros', "{{ cents('x') }}{{ shop.quoted('x') }}", { macros: ['cents', 'shop.quoted'] }],
  ['a macro as a value', '{% set ms = [cents] %}{{ ms[0]("x") }}', { macros: ['cents'] }],
  ['a macro by its name', "{{ context['cents']('x') }}", { macros: ['cents'] }],
  ['every macro of a package', '{{ shop[x]() }}', { macros: ['shop.*'] }],
  ['a name under builtins', "{{ builtins.var('a') }}", { vars: ['a'] }],
  ['a value under builtins', "{{ builtins.get('env_var')('A') }}", { env: [], vars: [] }],
  ['dispatch', "{{ adapter.dispatch('a', 'shop')() }}", { dispatched: [['a', 'shop']] }],
  [
    'the argument of a macro',
    '{% macro m(model) %}{{ model }}{% endmacro %}',
    { model: [], wide: [] },
  ],
  ['data', '{{ from_data() }}', { data: false, macros: ['from_data'] }],
  ['the result of a statement', "{{ load_result('x') }}", { data: true }],
  [
    'a question to the adapter',
    '{{ adapter.get_relation(this.database, this.schema, "x") }}',
    { data: true },
  ],
  ['columns', '{{ adapter.get_columns_in_relation(this) }}', { data: false }],
]

const WIDE: readonly (readonly [string, string, readonly string[]])[] = [
  ['a computed var', "{{ var('a' ~ x) }}", ['vars', 'everything']],
  ['var as a value', '{% set v = var %}', ['vars']],
  ['a computed variable of the environment', "{{ env_var('A_' ~ target.name) }}", ['env']],
  ['config as a value', '{% set c = config %}', ['entry']],
  ['a computed key of config', '{{ config.get(target.name) }}', ['entry']],
  ['model as a value', '{{ model }}', ['entry']],
  ['the config of the model', '{{ model.config }}', ['entry']],
  ['the target as a value', '{{ target | tojson }}', ['target']],
  ['the graph', '{{ graph.nodes }}', ['graph']],
  ['a computed dispatch', '{{ adapter.dispatch(target.type)() }}', ['macros']],
  ['a computed name', '{{ context[target.name]() }}', ['everything']],
  ['the context as a value', '{% set c = context %}', ['everything']],
  ['a function of the context as a value', "{{ builtins.get('var')('a') }}", ['vars']],
  ['the configuration of the adapter', '{{ adapter.config.version }}', ['everything']],
  ['a rendered text', "{{ render('x') }}", ['everything']],
  ['an unknown name', '{{ unheard_of }}', ['everything']],
]

const CLOCK: readonly (readonly [string, boolean])[] = [
  ['select now()', true],
  ['select Current_Date - 1', true],
  ['{{ run_started_at }}', true],
  ['{{ dbt.current_timestamp() }}', true],
  ['{{ modules.datetime.datetime.utcnow() }}', true],
  ['{% set dt = modules.datetime.datetime %}{{ dt.now() }}', true],
  ['{{ invocation_id }}', true],
  ["select 'now()'", false],
  ['select 1 -- now()', false],
  ['select a.current_date from a', false],
  ['select now from a', false],
  ['select "current_date"', false],
]

const spaced = (text: string) => text.replace(/ a(?![\w'])/, '  -- why\n a')

let facts: ReadonlyMap<string, TemplateFacts>
beforeAll(async () => {
  const texts = [
    MODEL,
    ...EQUAL.map(([, text]) => text),
    ...SAME_CONFIG.flatMap(([, before, after]) => [before, after]),
    ...DIFFERENT.flatMap(([, before, after]) => [before, after]),
    ...BY_TEXT.flatMap(([, text]) => [text, `${text} `]),
    ...SAFE.flatMap(([, text]) => [text, spaced(text)]),
    ...READS.map(([, text]) => text),
    ...WIDE.map(([, text]) => text),
    ...CLOCK.map(([text]) => text),
  ]
  facts = await templateFacts([...new Set(texts)], MACROS, VARS)
})
const digest = (text: string) => templateOf(facts.get(text)!).digest
const isNormalized = (text: string) => {
  const { pieces } = facts.get(text)!
  return pieces !== null && tokenize(pieces) !== null
}

describe('what changes nothing', () => {
  test.each(EQUAL)('%s', (_, changed) => {
    expect(isNormalized(changed)).toBe(true)
    expect(digest(changed)).toBe(digest(MODEL))
  })
})

describe('config changes nothing', () => {
  test.each(SAME_CONFIG)('%s', (_, before, after) => {
    expect(digest(after)).toBe(digest(before))
  })
})

describe('what changes something', () => {
  test.each(DIFFERENT)('%s', (_, before, after) => {
    expect(digest(after)).not.toBe(digest(before))
  })
})

describe('a template is compared by its text with', () => {
  test.each(BY_TEXT)('%s', (_, text) => {
    expect(isNormalized(text)).toBe(false)
    expect(digest(text)).not.toBe(digest(`${text} `))
  })
})

describe('white space and comments do not count around', () => {
  test.each(SAFE)('%s', (_, text) => {
    expect(spaced(text)).not.toBe(text)
    expect(digest(spaced(text))).toBe(digest(text))
  })
})

describe('a template reads', () => {
  test.each(READS)('%s', (_, text, reads) => {
    expect(facts.get(text)!.reads).toMatchObject(reads)
  })
})

describe('what can not be traced to a name', () => {
  test.each(WIDE)('%s', (_, text, wide) => {
    expect(facts.get(text)!.reads.wide.map(({ what }) => what)).toEqual(wide)
  })

  test('is reported with its line', async () => {
    const text = 'select 1\n\n, {{ context[target.name]() }}'
    const { wide } = (await templateFacts([text])).get(text)!.reads
    expect(wide).toEqual([{ what: 'everything', because: 'context[…]', line: 3 }])
  })
})

describe('the clock', () => {
  test.each(CLOCK)('in %s', (text, clock) => {
    expect(facts.get(text)!.reads.clock).toBe(clock)
  })
})
