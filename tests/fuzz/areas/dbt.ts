import { catalogOf } from '../../../framework/kinds/dbt/manifest/catalog.ts'
import { selectionFacts } from '../../../framework/kinds/dbt/manifest/selection-facts.ts'
import type { ManifestFacts } from '../../../framework/kinds/dbt/manifest/worker-manifest.ts'
import { plainSql } from '../../../framework/kinds/dbt/plain-sql.ts'
import { nodeFailed, projectFailed, testFailed } from '../../../framework/kinds/dbt/problems.ts'
import type { NodeResult } from '../../../framework/kinds/dbt/worker/worker.ts'
import { parseWorkerMessage } from '../../../framework/kinds/dbt/worker/worker-message.ts'
import type { Json } from '../../../framework/lib/json.ts'
import { problemsText } from '../../../framework/report/problem.ts'
import { plainStyle } from '../../rig/problem-text.ts'
import type { Area } from '../area.ts'
import { mixWords, mutateJson, mutateText, mutateTexts } from '../mutate.ts'

const SQL = [
  ...[
    'select ',
    'a',
    ' from ',
    "'x'",
    '"y"',
    "'",
    '"',
    '{{ ref("a") }}',
    "{{ source('s', 't') }}",
    '{{ config(a=1) }}',
  ],
  ...[
    '{% if is_incremental() %}',
    '{% endif %}',
    '{% set x = 1 %}',
    '{#',
    '#}',
    '/*',
    '*/',
    '--',
    '\n',
    '//',
    '$$',
    '/*+',
  ],
  ...[
    "read_csv('a.csv')",
    "read_parquet(['a', 'b'])",
    "read_csv('a',",
    'where ',
    '1e+5',
    '.5',
    '(',
    ')',
    ';',
    '::',
    '`b`',
  ],
]
const reads = {
  ...{
    vars: ['v'],
    env: ['E'],
    config: ['c'],
    model: ['m'],
    target: ['t'],
    flags: ['f'],
    macros: ['p.m'],
  },
  ...{
    dispatched: [['d', null]],
    strings: ['s'],
    words: ['w'],
    clock: false,
    data: false,
    relations: 'plain',
  },
  wide: [{ what: 'vars', because: 'b', line: 1 }],
}
const template = {
  exact: 'e',
  pieces: ['select ', { is: 'output', code: 'x', level: 1 }, " from a where b = 'c'"],
  reads,
}
const selection = {
  fqn: ['p', 'a'],
  patch: 'm.yml',
  tags: ['t'],
  group: null,
  access: 'public',
  latest_version: null,
}
const code = {
  config: { materialized: 'table' },
  template,
  strings: [template],
  macros: ['macro.p.m'],
  strategies: ['s'],
}
const about = {
  description: 'd',
  tags: ['t'],
  group: null,
  owners: ['o'],
  settings: { freshness: { max_age: '1d' } },
}
const common = {
  name: 'a',
  package: 'p',
  file: 'models/a.sql',
  parents: ['source.p.s.t'],
  selection,
  references: 'r',
  entry: {},
}
const node = {
  ...{
    ...common,
    ...code,
    id: 'model.p.a',
    resource: 'model',
    database: null,
    schema: 's',
    alias: 'a',
    about,
  },
  ...{
    relation_name: '"d"."s"."a"',
    language: 'sql',
    version: null,
    latest: true,
    columns: [{ name: 'c', data_type: 'int' }],
  },
  ...{ naming: "select * from read_csv('a.csv')", location: null, signature: null, words: null },
}
const FACTS: Json = {
  ...{
    dbt: '1.10.0',
    adapter: 'duckdb',
    elsewhere: null,
    project: 'p',
    packages: { p: { root: '.', vars: { v: 1 } } },
  },
  ...{
    paths: ['models'],
    packages_folder: 'dbt_packages',
    env_vars: ['E'],
    profile_env_vars: [],
    template_env_vars: ['E'],
  },
  ...{
    env_words: null,
    materializations: { table: 'macro.dbt.m' },
    dispatch: [{ macro_namespace: 'd', search_order: ['p'] }],
  },
  ...{
    settings: { profile: 'x' },
    target: { name: 'y' },
    flags: { f: '1' },
    graph: null,
    selected: null,
    unit_tests: [],
  },
  nodes: [node, { ...node, id: 'model.p.b', name: 'b', parents: ['model.p.a'] }],
  tests: [
    {
      ...common,
      ...code,
      id: 'test.p.t',
      name: 't',
      arguments: { name: 'unique', args: { column: 'c' } },
    },
  ],
  hooks: [{ ...code, file: 'dbt_project.yml', package: 'p', index: 0, references: 'r', entry: {} }],
  sources: [
    {
      ...{
        id: 'source.p.s.t',
        name: 's.t',
        package: 'p',
        file: 'm.yml',
        source: 's',
        table: 't',
        config: {},
        selection,
      },
      ...{
        database: null,
        schema: 's',
        identifier: 't',
        relation_name: 's.t',
        location: 'a/*.csv',
        about,
      },
      freshness: { error: true, terms: { count: 1 } },
    },
  ],
  readers: [{ ...common, id: 'exposure.p.e', resource: 'exposure' }],
  macros: [
    {
      id: 'macro.p.m',
      name: 'm',
      package: 'p',
      file: 'macros/m.sql',
      macros: [],
      built_in: false,
      template,
      naming: null,
    },
  ],
  disabled: [{ name: 'z', file: 'models/z.sql' }],
}

/** What the worker says of a project, with hostile texts in it, and the code of its models. */
export const manifests: Area = {
  name: 'manifests',
  input: (random) => {
    const sql = random.chance(0.5) ? mixWords(random, SQL) : mutateText(random, SQL, SQL)
    return JSON.stringify(mutateTexts(random, FACTS, [...SQL, sql, 'model.p.a', 'a.b', '"a"."b"']))
  },
  read: (input) => {
    const facts = JSON.parse(input) as ManifestFacts
    const context = {
      root: '/',
      projectDir: 'dbt',
      env: { E: 'x' },
      contentOf: () => 'h',
      pathOf: (_: string, file: string) => file,
    }
    catalogOf(facts, context)
    selectionFacts(facts, 'dbt')
    for (const one of facts.nodes) plainSql(one.naming ?? '')
  },
}

const RESULT: Json = {
  ...{
    event: 'finish',
    node: 'model.p.a',
    status: 'error',
    failures: 3,
    compiled: 'select 1\nfrom x',
    blocked_by: null,
  },
  message:
    'Database Error in model a (models/a.sql)\n  LINE 2: from x\n       ^\n  line 3\n  at postgres://u:p@h/d',
  ...{ statement_path: 't', compiled_path: 'c', unread: ['a.b'] },
}
const MESSAGES: readonly Json[] = [
  RESULT,
  { event: 'ready' },
  { event: 'start', node: 'model.p.a' },
  { event: 'write', key: 'k', by: null, relations: ['a.b'] },
  { event: 'hook_failed', message: 'm' },
  { reply: 1, value: { a: [1] } },
  {
    reply: 2,
    error: { message: 'Compilation Error (models/a.sql)\n line 3', type: 'X', file: null },
  },
]

/** A line of the worker: cut off, with keys of other types or without them. */
export const messages: Area = {
  name: 'worker-messages',
  input: (random) => {
    const line = JSON.stringify(mutateJson(random, random.pick(MESSAGES)!))
    return random.chance(0.7) ? line : mutateText(random, [line], ['"', '}', ':null'])
  },
  read: (input) => {
    const message = parseWorkerMessage(input)
    if (message?.event === 'finish') problemsOfResult(message as unknown as NodeResult)
  },
}

/** A failed node or test with any text of dbt, and the problem that it becomes. */
export const runResults: Area = {
  name: 'run-results',
  input: (random) =>
    JSON.stringify(
      mutateTexts(random, RESULT, [...SQL, '\n', 'LINE 1: ', '^', ' line 2', 'http://a:b@c ']),
    ),
  read: (input) => {
    const message = parseWorkerMessage(input)
    if (message?.event === 'finish') problemsOfResult(message as unknown as NodeResult)
  },
}

function problemsOfResult(result: NodeResult): void {
  const source = { name: 'a', file: 'models/a.sql', text: 'select 1\nfrom x\n' }
  const failure = { message: result.message ?? '', type: 'X' }
  const problems = [
    nodeFailed(result, source, result.compiled ?? null, ['secret']),
    testFailed(result, source, ['a'], result.compiled_path ?? null, ['secret']),
    projectFailed(failure, 'dbt', ['secret']),
  ]
  problemsText(problems, { style: plainStyle, level: 'error', source: () => source.text })
}
