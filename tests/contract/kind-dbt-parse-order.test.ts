import { readFileSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DbtProject } from '../rig/dbt-project.ts'
import { sharedPython } from '../rig/python.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const MODELS = Object.fromEntries(
  NAMES.map((name) => [
    `dbt/models/${name}.sql`,
    `select {{ f_${name}() }} as id, {{ one(var('v_${name}')) }} as n`,
  ]),
)
const MACROS = NAMES.map(
  (name) => `{% macro f_${name}() %}{{ env_var('T_${name}', '1') }}{% endmacro %}\n`,
)
const FILES = {
  ...MODELS,
  'dbt/models/all.sql': NAMES.map((name) => `select id from {{ ref('${name}') }}`).join(
    ' union all ',
  ),
  'dbt/models/sources.sql': NAMES.map((name) => `select id from {{ source('s', '${name}') }}`).join(
    ' union all ',
  ),
  'dbt/models/wide.sql': `select '{{ graph.nodes | length }}', {{ context['f_' ~ var('v_a')]() }}, '{{ model | tojson }}'`,
  'dbt/models/s.yml': `sources: [{name: s, schema: main, tables: [${NAMES.join(', ').replace(/\w/g, '{name: $&}')}]}]`,
  'dbt/macros/m.sql': `${MACROS.join('')}{% macro one(x) %}{{ x }}{% endmacro %}`,
  'dbt/dbt_project.yml': `name: shop
version: 1.0.0
profile: shop
models: {+materialized: table}
vars: {${NAMES.map((name) => `v_${name}: ${name}`).join(', ')}}
`,
}

/** dbt keeps names in sets of Python, whose order is another one in each process. */
test('equal projects have equal code versions, in whatever order dbt finds names', async () => {
  const project = new DbtProject(await sharedPython(), ['a: {kind: dbt}'], FILES)
  try {
    const versions: unknown[] = []
    for (let parse = 0; parse < 4; parse++) {
      rmSync(project.path('.assets'), { recursive: true, force: true })
      await project.show('check')
      const [, catalog = ''] = readFileSync(
        project.path('.assets/cache/dbt-local.json'),
        'utf8',
      ).split('\n')
      const { nodes } = JSON.parse(catalog) as { nodes: { id: string; codeVersion: string }[] }
      versions.push(Object.fromEntries(nodes.map(({ id, codeVersion }) => [id, codeVersion])))
    }
    expect(Object.keys(versions[0] as object)).toHaveLength(NAMES.length + 3)
    for (const other of versions) expect(other).toEqual(versions[0])
  } finally {
    project.remove()
  }
})
