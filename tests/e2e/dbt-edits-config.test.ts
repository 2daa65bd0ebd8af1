import {
  assetsFile,
  type Edit,
  type Files,
  modelFiles,
  profile,
  projectFile,
  testEdits,
} from '../rig/dbt/edits.ts'
import type { Env } from '../rig/dbt/folder.ts'

const YML = 'dbt/models/s.yml'
const PROJECT = 'dbt/dbt_project.yml'
const PROFILES = 'dbt/profiles.yml'
const MACROS = 'dbt/macros/m.sql'

/** One model; `more` are other files. */
function model(sql: string, more: Files = {}): Files {
  return { ...modelFiles({ a: [[], sql] }), ...more }
}

/** A file with one value, before and after. */
function changed(file: string, text: (value: string) => string, from: string, to: string) {
  return { files: { [file]: text(from) }, change: { [file]: text(to) } }
}

/** An edit of the properties of one model. */
function property(
  name: string,
  sql: string,
  text: (value: string) => string,
  from: string,
  to: string,
  more: Files = {},
): Edit {
  const { files, change } = changed(YML, (value) => `models: [${text(value)}]\n`, from, to)
  return { name, files: model(sql, { ...more, ...files }), change }
}

const META = (value: string) => `{name: a, config: {meta: {cutoff: ${value}}}}`
const COLUMN = (value: string) => `{name: a, columns: [{name: p, ${value}}]}`
const TAGS = (value: string) => `{name: a, config: {tags: [${value}]}}`
const DESCRIBED = (value: string) => `{name: a, description: ${value}}`
const CAST_ALL = `{% macro cast_all() %}{% for c in model.columns.values() -%}
cast('1' as {{ c.data_type }}) as {{ c.name }}{{ ',' if not loop.last }}{% endfor %}{% endmacro %}`
const OTHER = { ...modelFiles({ o: [[], 'select 1 as id'], a: [[], ''] }) }
const GRAPH = (what: string) => `select {% if execute %}{{ ${what} }}{% else %}0{% endif %} as n`

testEdits('what SQL reads of the manifest', [
  property(
    'meta by config.get',
    "select {{ config.get('meta').get('cutoff') }} as n",
    META,
    '10',
    '20',
  ),
  property(
    'meta by config.require',
    "select {{ config.require('meta')['cutoff'] }} as n",
    META,
    '10',
    '20',
  ),
  property('meta by model.meta', 'select {{ model.meta.cutoff }} as n', META, '10', '20'),
  property(
    'meta by model.config',
    "select {{ model['config']['meta']['cutoff'] }} as n",
    META,
    '10',
    '20',
  ),
  property('meta in a macro', 'select {{ cutoff(model) }} as n', META, '10', '20', {
    [MACROS]: '{% macro cutoff(node) %}{{ node.meta.cutoff }}{% endmacro %}',
  }),
  {
    name: 'meta of an ephemeral',
    files: {
      ...modelFiles({
        a: [[], "{{ config(materialized='ephemeral') }}select {{ model.meta.cutoff }} as n"],
        b: [['a'], "select * from {{ ref('a') }}"],
      }),
      [YML]: `models: [${META('10')}]\n`,
    },
    change: { [YML]: `models: [${META('20')}]\n` },
  },
  {
    name: 'meta in a Python model',
    files: {
      'a.yaml': assetsFile({ a: [] }),
      'dbt/models/a.py': `def model(dbt, session):
    dbt.config(materialized="table")
    cutoff = dbt.config.meta_get("cutoff")
    return session.sql(f"select {cutoff} as n")
`,
      [YML]: `models: [${META('10')}]\n`,
    },
    change: { [YML]: `models: [${META('20')}]\n` },
  },
  {
    name: 'meta in a singular test',
    files: model('select 5 as id', {
      'dbt/tests/few.sql':
        "{{ config(severity='warn', meta={'most': 5}) }}select * from {{ ref('a') }} where id > {{ model.meta.most }}",
    }),
    change: {
      'dbt/tests/few.sql':
        "{{ config(severity='warn', meta={'most': 4}) }}select * from {{ ref('a') }} where id > {{ model.meta.most }}",
    },
  },
  property(
    'tags by model.config.tags',
    "select {% for t in model.config.tags %}'{{ t }}' as t{{ loop.index }},{% endfor %} 1 as id",
    TAGS,
    'x',
    'x, y',
  ),
  property('tags by model.tags', "select '{{ model.tags | join }}' as s", TAGS, 'x', 'y'),
  property(
    'tags by config.get',
    "select {{ config.get('tags') | length }} as n",
    TAGS,
    'x',
    'x, y',
  ),
  {
    name: 'tags of the project file',
    files: model("select '{{ model.tags | join }}' as s", {
      [PROJECT]: projectFile('').replace('table}', 'table, +tags: [x]}'),
    }),
    change: { [PROJECT]: projectFile('').replace('table}', 'table, +tags: [y]}') },
  },
  property(
    'types of columns in a macro',
    'select {{ cast_all() }}',
    COLUMN,
    'data_type: integer',
    'data_type: varchar',
    { [MACROS]: CAST_ALL },
  ),
  property(
    'the description of a column',
    "select '{{ model.columns.p.description }}' as s",
    COLUMN,
    'description: one',
    'description: two',
  ),
  property(
    'the meta of a column',
    "select '{{ model.columns.p.config.meta.unit }}' as s",
    COLUMN,
    'config: {meta: {unit: cm}}',
    'config: {meta: {unit: mm}}',
  ),
  property('the description', "select '{{ model.description }}' as s", DESCRIBED, 'one', 'two'),
  {
    name: 'a description that a doc block holds',
    files: model("select '{{ model.description }}' as s", {
      [YML]: `models: [{name: a, description: "{{ doc('words') }}"}]\n`,
      'dbt/models/d.md': '{% docs words %}one{% enddocs %}',
    }),
    change: { 'dbt/models/d.md': '{% docs words %}two{% enddocs %}' },
  },
  {
    name: 'the path of the file',
    files: model("select '{{ model.original_file_path }}' as s"),
    change: {
      'dbt/models/a.sql': null,
      'dbt/models/sub/a.sql': "select '{{ model.original_file_path }}' as s",
    },
  },
  {
    name: 'the fqn',
    files: model("select '{{ model.fqn | join('.') }}' as s"),
    change: {
      'dbt/models/a.sql': null,
      'dbt/models/sub/a.sql': "select '{{ model.fqn | join('.') }}' as s",
    },
  },
  {
    name: 'tags of other nodes by graph.nodes',
    files: {
      ...OTHER,
      'dbt/models/a.sql': GRAPH(
        "graph.nodes.values() | selectattr('tags', 'equalto', ['x']) | list | length",
      ),
      [YML]: 'models: [{name: o, config: {tags: [x]}}]\n',
    },
    change: { [YML]: 'models: [{name: o, config: {tags: [y]}}]\n' },
  },
  {
    name: 'columns of another node by graph.nodes',
    files: {
      ...OTHER,
      'dbt/models/a.sql': GRAPH("graph.nodes['model.t.o'].columns | length"),
      [YML]: 'models: [{name: o, columns: [{name: id}]}]\n',
    },
    change: { [YML]: 'models: [{name: o, columns: [{name: id}, {name: jd}]}]\n' },
  },
  {
    name: 'the number of nodes in the graph',
    files: { ...OTHER, 'dbt/models/a.sql': GRAPH('graph.nodes | length') },
    change: {
      'dbt/models/p.sql': 'select 2 as id',
      'a.yaml': assetsFile({ o: [], a: [], p: [] }),
    },
  },
  {
    name: 'sources by graph.sources',
    files: model(GRAPH('graph.sources.values() | list | length'), {
      'dbt/models/src.yml': 'sources: [{name: x, tables: [{name: t}]}]\n',
    }),
    change: { 'dbt/models/src.yml': 'sources: [{name: x, tables: [{name: t}, {name: u}]}]\n' },
  },
  {
    name: 'exposures by graph.exposures',
    files: model(GRAPH('graph.exposures | length')),
    change: {
      'dbt/models/e.yml':
        'exposures: [{name: e, type: dashboard, owner: {email: a@example.com}}]\n',
    },
  },
  {
    ...property('nothing: meta that no SQL reads', 'select 1 as n', META, '10', '20'),
    holds: 'fresh',
  },
  {
    ...property(
      'nothing: a description that no SQL reads',
      'select 1 as n',
      DESCRIBED,
      'one',
      'two',
    ),
    holds: 'fresh',
  },
  {
    name: 'nothing: the description of a column of an enforced contract',
    ...contract('the id', 'integer', 'another text', 'integer'),
    holds: 'fresh',
  },
  {
    name: 'the type of a column of an enforced contract',
    ...contract('the id', 'integer', 'the id', 'bigint'),
  },
  {
    name: 'words that persist_docs writes',
    ...changed(
      YML,
      (words) =>
        `models: [{name: a, description: ${words}, config: {persist_docs: {relation: true}}}]\n`,
      'one',
      'two',
    ),
    files: model('select 1 as id', {
      [YML]: 'models: [{name: a, description: one, config: {persist_docs: {relation: true}}}]\n',
    }),
    holds: {
      asset: 'a',
      query: "select comment = 'two' from duckdb_tables() where table_name = 'a'",
    },
  },
])

/** A contract with one column, and its description and type before and after. */
function contract(words: string, type: string, wordsAfter: string, typeAfter: string) {
  const yml = (description: string, dataType: string) => `models:
  - name: a
    config: {contract: {enforced: true}, on_schema_change: append_new_columns}
    columns: [{name: id, data_type: ${dataType}, description: ${description}}]
`
  const sql = (dataType: string) => `{{ config(materialized='incremental') }}
select 1::${dataType} as id {% if is_incremental() %} where false {% endif %}`
  return {
    files: model(sql(type), { [YML]: yml(words, type) }),
    change:
      type === typeAfter
        ? { [YML]: yml(wordsAfter, typeAfter) }
        : { [YML]: yml(wordsAfter, typeAfter), 'dbt/models/a.sql': sql(typeAfter) },
  }
}

/** An environment variable that changes. */
function variable(name: string, files: Files, env: Env, envAfter: Env): Edit {
  return { name, files, env, envAfter }
}

const EU = { REGION: 'eu' }
const US = { REGION: 'us' }

testEdits('environment variables', [
  variable(
    'read when executing',
    model("select {% if execute %}'{{ env_var('REGION', 'eu') }}'{% else %}''{% endif %} as r"),
    EU,
    US,
  ),
  variable(
    'read when executing, set for the first time',
    model("select {% if execute %}'{{ env_var('REGION', 'eu') }}'{% else %}''{% endif %} as r"),
    {},
    US,
  ),
  variable(
    'read by a macro when executing',
    model('select {{ region() }} as r', {
      [MACROS]:
        "{% macro region() %}{% if execute %}'{{ env_var('REGION') }}'{% endif %}{% endmacro %}",
    }),
    EU,
    US,
  ),
  variable(
    'read when executing, in an ephemeral',
    modelFiles({
      e: [
        [],
        "{{ config(materialized='ephemeral') }}select {% if execute %}'{{ env_var('REGION') }}'{% endif %} as r",
      ],
      a: [['e'], "select * from {{ ref('e') }}"],
    }),
    EU,
    US,
  ),
  variable('with a computed name', model("select '{{ env_var('REG' ~ 'ION') }}' as r"), EU, US),
  variable(
    'with a computed name, when executing',
    model("{% set n = 'REGION' %}select {% if execute %}'{{ env_var(n) }}'{% endif %} as r"),
    EU,
    US,
  ),
  variable(
    'whose name a variable of the project holds',
    model("select '{{ env_var(var('which')) }}' as r", {
      [PROJECT]: projectFile('vars: {which: REGION}'),
    }),
    EU,
    US,
  ),
  variable(
    'handed over as a value',
    model("{% set read = env_var %}select '{{ read('REGION') }}' as r"),
    EU,
    US,
  ),
  variable(
    'named …_TOKEN',
    model("select '{{ env_var('PAGE_TOKEN') }}' as r"),
    { PAGE_TOKEN: 'one' },
    { PAGE_TOKEN: 'two' },
  ),
  variable(
    'named …SECRET…',
    model("select '{{ env_var('SECRET_SAUCE') }}' as r"),
    { SECRET_SAUCE: 'one' },
    { SECRET_SAUCE: 'two' },
  ),
  variable(
    'in meta that SQL reads',
    model("select '{{ model.meta.region }}' as r", {
      [YML]: `models: [{name: a, config: {meta: {region: "{{ env_var('REGION') }}"}}}]\n`,
    }),
    EU,
    US,
  ),
  variable(
    'in a variable of the project file',
    model("select '{{ var('region') }}' as r", {
      [PROJECT]: projectFile(`vars: {region: "{{ env_var('REGION') }}"}`),
    }),
    EU,
    US,
  ),
  variable(
    'in a hook, when executing',
    model(
      `{{ config(post_hook="{% if execute %}update {{ this }} set r = '{{ env_var('REGION') }}'{% endif %}") }}select '' as r`,
    ),
    EU,
    US,
  ),
  variable(
    'in a generic test',
    model("select 'eu' as r", {
      [MACROS]: `{% test here(model, column_name) %}select * from {{ model }}
where {{ column_name }} {% if execute %} != '{{ env_var('REGION') }}'{% endif %}{% endtest %}`,
      [YML]:
        'models: [{name: a, columns: [{name: r, data_tests: [{here: {config: {severity: warn}}}]}]}]\n',
    }),
    EU,
    US,
  ),
  {
    ...variable(
      'nothing: a secret of the profile',
      model('select 1 as id', {
        [PROFILES]: profile(
          `config_options: {custom_user_agent: "{{ env_var('DBT_ENV_SECRET_AGENT') }}"}`,
        ),
      }),
      { DBT_ENV_SECRET_AGENT: 'one' },
      { DBT_ENV_SECRET_AGENT: 'two' },
    ),
    holds: 'fresh',
  },
  {
    ...variable('nothing: a variable that no SQL names', model('select 1 as id'), EU, US),
    holds: 'fresh',
  },
])

const PACKAGE = {
  'dbt/packages.yml': 'packages:\n  - local: dbt_packages/p\n',
  'dbt/dbt_packages/p/dbt_project.yml':
    'name: p\nversion: 1.0.0\nconfig-version: 2\nvars: {v: 1}\nmodels: {+materialized: table}\n',
  'dbt/dbt_packages/p/macros/m.sql': "{% macro v() %}{{ var('v') }}{% endmacro %}",
  'dbt/dbt_packages/p/models/q.sql': 'select {{ v() }} as n',
  'a.yaml': assetsFile({ a: [], q: [] }),
}
const VAR = { ...model("select {{ var('v', 0) }} as n", PACKAGE), 'a.yaml': PACKAGE['a.yaml'] }

/** Other text of the project file. */
function settings(name: string, files: Files, from: string, to: string): Edit {
  return {
    name,
    files: { ...files, [PROJECT]: projectFile(from) },
    change: { [PROJECT]: projectFile(to) },
  }
}

testEdits('variables and the profile', [
  settings('a variable of the project', VAR, 'vars: {v: 5}', 'vars: {v: 6}'),
  settings('a variable that was not set', VAR, '', 'vars: {v: 6}'),
  settings('a variable in the scope of a package', VAR, 'vars: {p: {v: 5}}', 'vars: {p: {v: 6}}'),
  settings('a scope of a package is added', VAR, 'vars: {v: 5}', 'vars: {v: 5, p: {v: 6}}'),
  settings('a scope of the project is added', VAR, 'vars: {v: 5}', 'vars: {v: 5, t: {v: 6}}'),
  {
    name: 'a variable of the package itself',
    files: VAR,
    change: {
      'dbt/dbt_packages/p/dbt_project.yml': PACKAGE['dbt/dbt_packages/p/dbt_project.yml'].replace(
        'v: 1',
        'v: 2',
      ),
    },
  },
  settings(
    'a variable that is asked for by a computed name',
    model("select {{ var('v' ~ 'w') }} as n"),
    'vars: {vw: 5}',
    'vars: {vw: 6}',
  ),
  settings(
    'var() handed over as a value',
    model("{% set get = var %}select {{ get('v') }} as n"),
    'vars: {v: 5}',
    'vars: {v: 6}',
  ),
  settings(
    'a variable that enables a model',
    {
      ...modelFiles({
        a: [[], "select {{ 1 if execute and 'model.t.o' in graph.nodes else 0 }} as n"],
      }),
      'dbt/models/o.sql': "{{ config(enabled=var('active')) }}select 1 as id",
    },
    'vars: {active: false}',
    'vars: {active: true}',
  ),
  {
    name: 'a flag of builds from the environment',
    files: model("select '{{ flags.STORE_FAILURES }}' as n"),
    envAfter: { DBT_STORE_FAILURES: 'true' },
  },
  {
    name: 'the number of threads that SQL reads',
    files: model('select {{ target.threads }} as n', { [PROFILES]: profile('threads: 2') }),
    change: { [PROFILES]: profile('threads: 3') },
  },
  {
    name: 'the schema that SQL reads',
    files: model("{{ config(schema=none) }}select '{{ target.schema }}' as s", {
      [MACROS]: '{% macro generate_schema_name(c, node) %}main{% endmacro %}',
      [PROFILES]: profile('schema: one'),
    }),
    change: { [PROFILES]: profile('schema: two') },
  },
  {
    name: 'the schema that SQL reads, from the environment',
    files: model("select '{{ target.schema }}' as s", {
      [MACROS]: '{% macro generate_schema_name(c, node) %}main{% endmacro %}',
      [PROFILES]: profile(`schema: "{{ env_var('REGION') }}"`),
    }),
    env: EU,
    envAfter: US,
  },
])

const TWO = modelFiles({
  a: [[], 'select 1 as id'],
  b: [['a'], "select * from {{ ref('a') }}"],
  v: [['a'], "{{ config(materialized='view') }}select * from {{ ref('a') }}"],
})

testEdits('relations that move', [
  {
    name: 'generate_schema_name is added',
    files: TWO,
    change: { [MACROS]: '{% macro generate_schema_name(c, node) -%} analytics {%- endmacro %}' },
  },
  {
    name: 'generate_schema_name is edited',
    files: { ...TWO, [MACROS]: '{% macro generate_schema_name(c, node) -%} one {%- endmacro %}' },
    change: { [MACROS]: '{% macro generate_schema_name(c, node) -%} two {%- endmacro %}' },
  },
  {
    name: 'generate_schema_name reads the environment',
    files: {
      ...TWO,
      [MACROS]: "{% macro generate_schema_name(c, node) -%}{{ env_var('REGION') }}{%- endmacro %}",
    },
    env: EU,
    envAfter: US,
  },
  {
    name: 'generate_alias_name is added',
    files: TWO,
    change: {
      [MACROS]:
        '{% macro generate_alias_name(c=none, node=none) -%} {{ node.name }}_x {%- endmacro %}',
    },
  },
  {
    name: 'the schema of the profile',
    files: { ...TWO, [PROFILES]: profile('schema: one') },
    change: { [PROFILES]: profile('schema: two') },
  },
  {
    name: 'the schema of the profile, from the environment',
    files: { ...TWO, [PROFILES]: profile(`schema: "{{ env_var('REGION', 'main') }}"`) },
    env: EU,
    envAfter: US,
  },
  {
    name: 'the schema of the project file',
    files: TWO,
    change: { [PROJECT]: projectFile('').replace('table}', 'table, +schema: x}') },
  },
  { name: 'an alias', files: TWO, change: { [YML]: 'models: [{name: a, config: {alias: z}}]\n' } },
  {
    name: 'an alias of a view',
    files: TWO,
    change: { [YML]: 'models: [{name: v, config: {alias: z}}]\n' },
  },
  {
    name: 'the latest version under a bare name',
    files: {
      'dbt/models/m_v1.sql': 'select 1 as id',
      'dbt/models/m_v2.sql': 'select 2 as id',
      'dbt/models/r.sql': "select * from {{ ref('m') }}",
      'a.yaml': `assets:
  one: {kind: dbt, model: m.v1}
  two: {kind: dbt, model: m.v2}
  r: {kind: dbt, deps: [one]}
`,
      [YML]: 'models: [{name: m, latest_version: 1, versions: [{v: 1}, {v: 2}]}]\n',
    },
    change: {
      'a.yaml': `assets:
  one: {kind: dbt, model: m.v1}
  two: {kind: dbt, model: m.v2}
  r: {kind: dbt, deps: [two]}
`,
      [YML]: 'models: [{name: m, latest_version: 2, versions: [{v: 1}, {v: 2}]}]\n',
    },
  },
  {
    name: 'the latest version of an asset with the bare name',
    files: {
      'dbt/models/m_v1.sql': 'select 1 as id',
      'dbt/models/m_v2.sql': 'select 1 as id',
      'dbt/models/r.sql': "select * from {{ ref('m') }}",
      'a.yaml': 'assets:\n  m: {kind: dbt}\n  r: {kind: dbt, deps: [m]}\n',
      [YML]: 'models: [{name: m, latest_version: 1, versions: [{v: 1}, {v: 2}]}]\n',
    },
    change: { [YML]: 'models: [{name: m, latest_version: 2, versions: [{v: 1}, {v: 2}]}]\n' },
  },
  {
    name: 'a model becomes a view',
    files: TWO,
    change: { [YML]: 'models: [{name: a, config: {materialized: view}}]\n' },
  },
  {
    name: 'a model becomes an ephemeral',
    files: TWO,
    change: { [YML]: 'models: [{name: a, config: {materialized: ephemeral}}]\n' },
  },
])
