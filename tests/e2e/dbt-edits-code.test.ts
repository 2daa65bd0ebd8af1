import {
  assetsFile,
  type Edit,
  type Files,
  modelFiles,
  profile,
  projectFile,
  testEdits,
} from '../rig/dbt/edits.ts'

const MODEL = 'dbt/models/a.sql'
const MACROS = 'dbt/macros/m.sql'

/** One model; `more` are other files. */
function model(sql: string, more: Files = {}): Files {
  return { ...modelFiles({ a: [[], sql] }), ...more }
}

/** An edit of the text of one model. */
function edited(name: string, sql: string, from: string, to: string, more: Files = {}): Edit {
  return { name, files: model(sql, more), change: { [MODEL]: replaced(sql, from, to) } }
}

/** An edit of the text of a macro that one model can reach. */
function macro(name: string, sql: string, macros: string, from: string, to: string): Edit {
  return {
    name,
    files: model(sql, { [MACROS]: macros }),
    change: { [MACROS]: replaced(macros, from, to) },
  }
}

function replaced(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`${from} does not occur once in ${text}`)
  return text.replace(from, () => to)
}

const FIFTY = 'select i from range(50) t(i)'
const WORDS = '{% macro words() %}a  b{% endmacro %}'
const LITERAL = "{% macro literal() %}'{{ caller() }}'{% endmacro %}"
const QUOTE = `{% macro quote() %}'{% endmacro %}`
const ONE = '{% macro one() %}1{% endmacro %}'

testEdits('white space and comments', [
  edited(
    'a comment that Jinja opens, and does not',
    `${FIFTY}\n{% if var('sample', true) == false %}--{% endif %} where i < 10\n`,
    '10',
    '20',
  ),
  edited(
    'a block comment that Jinja opens, and does not',
    `${FIFTY} {% if false %}/*{% endif %} where i < 10 {% if false %}*/{% endif %}`,
    '10',
    '20',
  ),
  edited(
    'a comment that an expression ends',
    `${FIFTY} -- the limit is below {{ "\\n" }} where i < 10`,
    '10',
    '20',
  ),
  edited(
    'a comment that an expression may open',
    `${FIFTY} {{ "--" if false else "" }} where i < 10 -- and nothing else`,
    '10',
    '20',
  ),
  edited(
    'a block comment that ends inside Jinja',
    `${FIFTY} /* {{ "*/" }} where i < 10 {{ "/*" }} */`,
    '10',
    '20',
  ),
  edited(
    'a comment whose only line Jinja repeats on another line',
    "select 1 as id {% for n in [1, 2] %}-- {{ '\\n' }}, {{ n }} + 5 as c{{ n }}\n{% endfor %}",
    '+ 5',
    '+ 6',
  ),
  edited(
    'white space between quotes that a variable holds',
    `{% set q = "'" %}select {{ q }}a  b{{ q }} as s`,
    'a  b',
    'a b',
  ),
  edited(
    'a comment between quotes that a macro returns',
    'select {{ quote() }}a -- b\n{{ quote() }} as s',
    '-- b',
    '-- c',
    { [MACROS]: QUOTE },
  ),
  edited(
    'white space in a filter block',
    'select {% filter length | string %}a b{% endfilter %} as n',
    'a b',
    'a  b',
  ),
  edited(
    'a comment in a filter block',
    'select {% filter length | string %}a /* b */{% endfilter %} as n',
    '/* b */',
    '/* bcd */',
  ),
  edited(
    'white space in a call block',
    'select {% call literal() %}a  b{% endcall %} as s',
    'a  b',
    'a b',
    { [MACROS]: LITERAL },
  ),
  edited(
    'a comment in a call block',
    'select {% call literal() %}a -- b\n{% endcall %} as s',
    '-- b',
    '-- c',
    { [MACROS]: LITERAL },
  ),
  edited(
    'white space in a set block',
    "{% set s %}a  b{% endset %}select '{{ s }}' as s",
    'a  b',
    'a b',
  ),
  edited(
    'a comment in a set block',
    "{% set s %}a -- one\n{% endset %}select '{{ s }}' as s",
    'one',
    'two',
  ),
  edited(
    'the white space that a delimiter strips inside a literal',
    "select 'a {{- ' b' }}' as s",
    '{{-',
    '{{',
  ),
  edited(
    'white space between two blocks that a literal spans',
    "select '{% if true %}a{% endif %}  {% if true %}b{% endif %}' as s",
    '%}  {%',
    '%} {%',
  ),
  edited('white space in dollar quotes', 'select $$a  b$$ as s', 'a  b', 'a b'),
  edited(
    'white space in the raw code that SQL reads',
    'select {{ model.raw_code | length }} as n',
    'select ',
    'select  ',
  ),
  edited(
    'a comment in the raw code that SQL reads',
    'select {{ model.raw_code | length }} as n -- one',
    'one',
    'three',
  ),
  macro(
    'white space of a macro whose output a variable carries into a literal',
    "{% set w = words() %}select '{{ w }}' as s",
    WORDS,
    'a  b',
    'a b',
  ),
  macro(
    'white space of a macro whose output is joined to quotes',
    `select {{ "'" ~ words() ~ "'" }} as s`,
    WORDS,
    'a  b',
    'a b',
  ),
  macro(
    'a comment of a macro whose output a filter measures',
    'select {{ words() | length }} as n',
    '{% macro words() %}a /* b */{% endmacro %}',
    '/* b */',
    '/* bcd */',
  ),
  macro(
    'white space of a macro that another macro puts into a literal',
    'select {{ quoted_words() }} as s',
    `${WORDS}{% macro quoted_words() %}'{{ words() }}'{% endmacro %}`,
    'a  b',
    'a b',
  ),
  {
    ...edited(
      'nothing: white space and comments of SQL',
      `${FIFTY} where i < 10`,
      ' where',
      '\n-- few\n  where',
    ),
    holds: 'fresh',
  },
  {
    ...macro(
      'nothing: a Jinja comment beside a macro',
      'select {{ one() }} as n',
      `{# one #}\n${ONE}`,
      '{# one #}',
      '{# first #}',
    ),
    holds: 'fresh',
  },
])

const DISPATCHING = `{% macro n() %}{{ return(adapter.dispatch('n', 'p')()) }}{% endmacro %}
{% macro default__n() %}5{% endmacro %}`
const PACKAGE = {
  'dbt/packages.yml': 'packages:\n  - local: dbt_packages/p\n',
  'dbt/dbt_packages/p/dbt_project.yml': 'name: p\nversion: 1.0.0\nconfig-version: 2\n',
  'dbt/dbt_packages/p/macros/m.sql': DISPATCHING,
}
const order = (names: string) =>
  projectFile(`dispatch:\n  - {macro_namespace: p, search_order: [${names}]}`)
const OVERRIDE = '{% macro default__n() %}500{% endmacro %}'
const TEST = `{% test under(model, column_name, most) %}
select * from {{ model }} where {{ column_name }} > {{ most }} + 0
{% endtest %}`
const TEST_YML = `models:
  - name: a
    columns: [{name: id, data_tests: [{under: {arguments: {most: 5}, config: {severity: warn}}}]}]
`
const MATERIALIZATION = `{% materialization mine, default %}
  {% set target = this.incorporate(type='table') %}
  {% call statement('main') %}
    create or replace table {{ target }} as select *, {{ mark() }} as mark, 1 as n from ({{ sql }})
  {% endcall %}
  {% do adapter.commit() %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}
{% macro mark() %}7{% endmacro %}`

testEdits('macros', [
  {
    name: 'the search order of dispatch',
    files: model('select {{ p.n() }} as n', {
      ...PACKAGE,
      [MACROS]: OVERRIDE,
      'dbt/dbt_project.yml': order('p, t'),
    }),
    change: { 'dbt/dbt_project.yml': order('t, p') },
  },
  {
    name: 'the name of the project, which a search order names',
    files: model('select {{ p.n() }} as n', {
      ...PACKAGE,
      [MACROS]: OVERRIDE,
      'dbt/dbt_project.yml': order('t, p'),
    }),
    change: { 'dbt/dbt_project.yml': order('t, p').replace('name: t', 'name: other') },
  },
  {
    name: 'a search order that names another package is added',
    files: model('select {{ p.n() }} as n', { ...PACKAGE, [MACROS]: OVERRIDE }),
    change: { 'dbt/dbt_project.yml': order('t, p') },
  },
  {
    name: 'an override of a macro of a package is added',
    files: model('select {{ p.n() }} as n', { ...PACKAGE, 'dbt/dbt_project.yml': order('t, p') }),
    change: { [MACROS]: OVERRIDE },
  },
  {
    name: 'an override for the adapter is added beside the default',
    files: model('select {{ n() }} as n', {
      [MACROS]: `{% macro n() %}{{ return(adapter.dispatch('n')()) }}{% endmacro %}${OVERRIDE}`,
    }),
    change: { 'dbt/macros/d.sql': '{% macro duckdb__n() %}6{% endmacro %}' },
  },
  {
    name: 'an override of a macro of dbt is added',
    files: model("select {{ dbt.string_literal('a') }} as s"),
    change: { [MACROS]: "{% macro default__string_literal(v) %}'{{ v }}{{ v }}'{% endmacro %}" },
  },
  {
    name: 'the macro of a package is edited',
    files: model('select {{ p.n() }} as n', PACKAGE),
    change: { 'dbt/dbt_packages/p/macros/m.sql': DISPATCHING.replace('5', '6') },
  },
  {
    name: 'a macro of the project takes the name of one in a package',
    files: model("select {{ adapter.dispatch('n', 'p')() }} as n", {
      ...PACKAGE,
      'dbt/dbt_project.yml': order('t, p'),
    }),
    change: { [MACROS]: '{% macro n() %}1{% endmacro %}\n{% macro duckdb__n() %}8{% endmacro %}' },
  },
  macro(
    'dispatch of a computed name',
    "select {{ adapter.dispatch('o' ~ 'ne')() }} as n",
    '{% macro default__one() %}1{% endmacro %}',
    '1',
    '2',
  ),
  macro(
    'a macro handed over in a list',
    'select {% set ms = [one] %}{{ call_it(ms) }} as n',
    `${ONE}\n{% macro call_it(ms) %}{{ ms[0]() }}{% endmacro %}`,
    '}1{',
    '}2{',
  ),
  macro(
    'a macro handed over as an argument',
    'select {{ call_it(one) }} as n',
    `${ONE}\n{% macro call_it(m) %}{{ m() }}{% endmacro %}`,
    '}1{',
    '}2{',
  ),
  macro(
    'a macro handed over by keyword',
    "select {{ call_it(**{'m': one}) }} as n",
    `${ONE}\n{% macro call_it(m) %}{{ m() }}{% endmacro %}`,
    '}1{',
    '}2{',
  ),
  macro(
    'a macro in a table of macros that another macro returns',
    "select {{ table()['first']() }} as n",
    `${ONE}\n{% macro table() %}{{ return({'first': one}) }}{% endmacro %}`,
    '}1{',
    '}2{',
  ),
  macro(
    'a macro as the default of a parameter',
    'select {{ plus() }} as n',
    `${ONE}\n{% macro plus(m=one) %}{{ m() }} + 1{% endmacro %}`,
    '}1{',
    '}2{',
  ),
  macro("a macro by context['…']", "select {{ context['o' ~ 'ne']() }} as n", ONE, '}1{', '}2{'),
  macro('a macro by context.get(…)', "select {{ context.get('one')() }} as n", ONE, '}1{', '}2{'),
  {
    name: 'a macro whose name is a variable of the project',
    files: model("select {{ context[var('which')]() }} as n", {
      [MACROS]: ONE,
      'dbt/dbt_project.yml': projectFile('vars: {which: one}'),
    }),
    change: { [MACROS]: '{% macro one() %}2{% endmacro %}' },
  },
  {
    name: 'a project replaces ref() by builtins.ref()',
    files: {
      ...modelFiles({
        a: [[], FIFTY],
        b: [['a'], "select count(*) as n from {{ ref('a') }}"],
      }),
      [MACROS]:
        '{% macro ref(n) %}(select * from {{ builtins.ref(n) }} where i < 10) x{% endmacro %}',
    },
    change: {
      [MACROS]:
        '{% macro ref(n) %}(select * from {{ builtins.ref(n) }} where i < 20) x{% endmacro %}',
    },
  },
  {
    name: 'a project begins to replace ref()',
    files: modelFiles({ a: [[], FIFTY], b: [['a'], "select count(*) as n from {{ ref('a') }}"] }),
    change: {
      [MACROS]:
        '{% macro ref(n) %}(select * from {{ builtins.ref(n) }} where i < 20) x{% endmacro %}',
    },
  },
  {
    name: 'the body of a generic test',
    files: model('select 5 as id', { [MACROS]: TEST, 'dbt/models/s.yml': TEST_YML }),
    change: { [MACROS]: TEST.replace('+ 0', '- 1') },
  },
  {
    name: 'the argument of a generic test',
    files: model('select 5 as id', { [MACROS]: TEST, 'dbt/models/s.yml': TEST_YML }),
    change: { 'dbt/models/s.yml': TEST_YML.replace('most: 5', 'most: 4') },
  },
  {
    name: 'a project replaces a generic test of dbt',
    files: model('select 5 as id', {
      'dbt/models/s.yml':
        'models:\n  - {name: a, columns: [{name: id, data_tests: [{unique: {config: {severity: warn}}}]}]}\n',
    }),
    change: {
      [MACROS]: '{% test unique(model, column_name) %}select * from {{ model }}{% endtest %}',
    },
  },
  {
    name: 'the body of a custom materialization',
    files: model("{{ config(materialized='mine') }}select 1 as id", { [MACROS]: MATERIALIZATION }),
    change: { [MACROS]: MATERIALIZATION.replace('1 as n', '2 as n') },
  },
  {
    name: 'a macro that a custom materialization calls',
    files: model("{{ config(materialized='mine') }}select 1 as id", { [MACROS]: MATERIALIZATION }),
    change: { [MACROS]: MATERIALIZATION.replace('}7{', '}8{') },
  },
  {
    name: 'a project replaces a materialization of dbt',
    files: model('select 1 as id'),
    change: { [MACROS]: MATERIALIZATION.replace('materialization mine', 'materialization table') },
  },
  {
    name: 'a project replaces the SQL of a table materialization',
    files: model('select 1 as id'),
    change: {
      [MACROS]: `{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql') %}
create table {{ relation }} as select *, 9 as extra from ({{ compiled_code }}){% if kwargs %}{% endif %}
{% endmacro %}`,
    },
  },
  // dbt's saved parse holds what the macros gave in these two.
  {
    name: 'generate_alias_name is removed from its file',
    files: model("{{ config(alias='x') }}select 1 as id", {
      [MACROS]:
        '{% macro generate_alias_name(custom_alias_name=none, node=none) %}{{ custom_alias_name }}_y{% endmacro %}',
    }),
    change: { [MACROS]: '\n' },
  },
  macro(
    'a macro in a SQL header',
    '{% call set_sql_header(config) %}create or replace temp macro one() as {{ one() }};{% endcall %}select one() as n',
    ONE,
    '1',
    '2',
  ),
  {
    name: 'a macro in a hook of a config',
    files: model('{{ config(post_hook="{{ mark() }}") }}select 1 as id', {
      [MACROS]: '{% macro mark() %}update {{ this }} set id = 5{% endmacro %}',
    }),
    change: { [MACROS]: '{% macro mark() %}update {{ this }} set id = 6{% endmacro %}' },
  },
  {
    name: 'a variable in a hook of the project file',
    files: model('select 1 as id', {
      'dbt/dbt_project.yml': projectFile('vars: {x: 5}').replace(
        '{+materialized: table}',
        `{+materialized: table, +post-hook: "update {{ this }} set id = {{ var('x') }}"}`,
      ),
    }),
    change: {
      'dbt/dbt_project.yml': projectFile('vars: {x: 6}').replace(
        '{+materialized: table}',
        `{+materialized: table, +post-hook: "update {{ this }} set id = {{ var('x') }}"}`,
      ),
    },
  },
  {
    name: 'a function of dbt',
    files: model("select {{ function('twice') }}(21) as n", {
      'dbt/functions/twice.sql': 'x * 2',
      'dbt/functions/s.yml':
        'functions:\n  - {name: twice, arguments: [{name: x, data_type: integer}], returns: {data_type: integer}}\n',
      [MACROS]: `{% macro duckdb__scalar_function_sql(r) %}
create or replace function {{ r.schema }}.{{ r.identifier }}(x) as {{ model.compiled_code }}
{% endmacro %}`,
      'dbt/profiles.yml': profile('threads: 1'),
      'a.yaml': assetsFile({ twice: [], a: ['twice'] }),
    }),
    change: { 'dbt/functions/twice.sql': 'x * 3' },
  },
])
