import { describe, expect, it } from 'vitest'
import { type Files, problemsIn, projectFolder, renderProblems } from '../rig/config.ts'

const HEAD = 'version: 1\nproject: shop\ninclude: [assets/*.yaml]\n'
const TARGET = 'targets:\n  local:\n    warehouse: {type: duckdb, path: w.duckdb}\n'

/** A valid project file with more lines. */
const project = (...lines: string[]) => `${HEAD}${lines.map((line) => `${line}\n`).join('')}`
/** A valid project with one asset file. */
const assets = (...lines: string[]): Files => ({
  'assets.yaml': HEAD,
  'assets/a.yaml': lines.map((line) => `${line}\n`).join(''),
})
const EMPTY = { 'assets/a.yaml': '' }

const cases: Readonly<Record<string, Files>> = {
  // The project file
  'no assets.yaml': {},
  'assets.yml instead': { 'assets.yml': HEAD },
  'an empty project file': { 'assets.yaml': '# nothing yet\n' },
  'a project file that is a string': { 'assets.yaml': 'hello\n' },
  'another version': { 'assets.yaml': 'version: 2\nproject: shop\n' },
  'no version and no name': { 'assets.yaml': 'assets: {}\n' },
  'unknown keys': { 'assets.yaml': project('includes: []', 'target: local'), ...EMPTY },
  'names with spaces': {
    'assets.yaml': project('targets: {my target: {}}', 'jobs: {"every night": {select: "*"}}'),
    ...EMPTY,
  },
  'a warehouse from a dbt project that does not exist': {
    'assets.yaml': project('targets: {local: {warehouse: {from: dbt}}}'),
    ...EMPTY,
  },
  'a warehouse from something else': {
    'assets.yaml': project(
      'dbt: {project_dir: dbt}',
      'targets: {local: {warehouse: {from: airbyte, path: w}}}',
    ),
    ...EMPTY,
  },
  'an include that matches nothing': { 'assets.yaml': HEAD },
  'an include that is missing': {
    'assets.yaml':
      'version: 1\nproject: shop\ninclude: [more.yaml]\nassets:\n  a: {kind: dbt, deps: [b]}\n',
  },
  'an include that is a folder': {
    'assets.yaml': 'version: 1\nproject: shop\ninclude: [assets]\n',
    ...EMPTY,
  },
  'an include outside the project': {
    'assets.yaml': 'version: 1\nproject: shop\ninclude: ["../other/*.yaml", /etc/x.yaml]\n',
  },
  'includes that no file can be': {
    'assets.yaml': 'version: 1\nproject: shop\ninclude: ["a\\\\b.yaml", "a\\0.yaml", ~/c.yaml]\n',
  },
  'an include that is not a list': {
    'assets.yaml': 'version: 1\nproject: shop\ninclude: a.yaml\n',
  },
  'a key of the project file in an included file': assets('targets: {}', 'default: {kind: dbt}'),

  'a pool without a slot': {
    'assets.yaml': project('pools: {tableau: 2, slow: 0}'),
    'assets/a.yaml': '',
  },
  'unknown pools': {
    'assets.yaml': project('pools: {tableau: 2}'),
    'assets/a.yaml':
      'defaults: {kind: dbt, pool: tablau}\nassets:\n  a:\n  b: {pool: warehouse}\n  c: {pool: tableau}\n',
  },
  'a pool in a project without pools': assets('assets: {a: {kind: dbt, pool: slow}}'),

  // Targets
  'unknown adapters': {
    'assets.yaml': project(
      'targets:',
      '  local:',
      '    warehouse: {type: duckdbb, path: w.duckdb}',
      '    connections: {shop: {type: mysql}}',
      '    state: {path: state.sqlite}',
      '    confirm: yes',
    ),
    ...EMPTY,
  },
  'wrong settings of adapters': {
    'assets.yaml': project(
      'targets:',
      '  local:',
      '    warehouse: {type: duckdb, pth: w.duckdb, threads: 0}',
      '    connections:',
      '      shop: {type: postgres, embedded: {init: [], setings: {scale: 1}}}',
      '      other: postgres',
      '  prod:',
      '    warehouse: {type: snowflake, account: 12, auth: pasword, password: 1234, port: "4x"}',
      'default_target: local',
    ),
    ...EMPTY,
  },
  'invalid variables': {
    'assets.yaml': project(
      'targets:',
      '  local:',
      `    warehouse: {type: duckdb, path: "\${1PATH}"}`,
      '    connections:',
      `      a: {type: postgres, url: "\${URL"}`,
      `      b: {type: postgres, url: "\${URL:-\${OTHER}"}`,
    ),
    ...EMPTY,
  },
  'unknown targets': {
    'assets.yaml': project(
      TARGET.trimEnd(),
      '  prod: {}',
      'default_target: prd',
      'jobs: {nightly: {select: "*", target: prodd}}',
    ),
    ...EMPTY,
  },
  'several targets without a default': {
    'assets.yaml': project('targets: {dev: {}, prod: {}}'),
    ...EMPTY,
  },
  'a duplicate target': { 'assets.yaml': project(TARGET.trimEnd(), '  local: {}'), ...EMPTY },
  'invalid jobs and selectors': {
    'assets.yaml': project(
      'jobs:',
      '  nightly: {selct: "*", schedule: "0 25 * * *"}',
      '  weekly: {select: "*", schedule: "@weekly"}',
      '  never: {select: "*", schedule: "0 0 31 2 *"}',
      'selectors: {marts: [a, b], empty: ""}',
    ),
    ...EMPTY,
  },
  'selectors in YAML': {
    'assets.yaml': project(
      'selectors:',
      '  a: {unoin: [x]}',
      '  b: {union: [x], intersection: [y]}',
      '  c: {method: tag, parents: yes}',
      '  d: {method: tag, value: x, parent: true}',
      '  e: {tag: x, path: y}',
      '  f: {union: [x, {exclude: y}]}',
      '  g: {intersection: [{method: tag, value: x, children_depth: all}]}',
      '  h: {definition: {tag: [a, b]}, default: true}',
      '  i: {}',
    ),
    ...EMPTY,
  },

  // Assets
  'unknown keys with suggestions': assets(
    'assets:',
    '  raw_film: {kind: airbyte, conection: shop, streem: film, sinc: full_refresh, colour: red}',
  ),
  'wrong types': assets(
    'assets:',
    '  a: {kind: dbt, deps: b, description: [x], group: 1, owners: finance, tags: 5}',
    '  b: {kind: command, run: true, retries: two, volatile_columns: x}',
    '  c: {kind: dbt, deps: [1, {d: e}], code_version: 1.10, tags: {tier: 1}}',
    '  d: {kind: dbt, group: , model: ""}',
  ),
  'wrong values': assets(
    'assets:',
    '  a: {kind: airbyte, connection: c, stream: s, sync: incremental-dedup}',
    '  b: {kind: dbt, data_version: contents, on_drift: ignore, on_code: keep, retries: 1.5}',
    '  c: {kind: command, run: [], env: [not a name], timeout: 1 hour, retries: 1000}',
  ),
  'missing keys': assets(
    'assets:',
    '  a: {kind: airbyte}',
    '  b: {deps: [a]}',
    '  c:',
    '  d: {kind: command}',
  ),
  'unknown kinds': assets('assets:', '  a: {kind: dtb}', '  b: {kind: spark}', '  c: {kind: 1}'),
  'invalid asset names': assets(
    'defaults: {kind: dbt}',
    'assets:',
    '  9lives: {}',
    '  my-model: {}',
    '  a..b: {}',
    '  "": {}',
    '  a.b.c2: {}',
  ),
  'assets as a list': assets('assets:', '  - name: a', '    kind: dbt'),
  'assets that are strings': assets('defaults: [dbt]', 'assets:', '  a: dbt', '  b: [x]'),
  'problems in defaults are reported once': assets(
    'defaults: {kind: airbyte, conection: shop, group: [raw], deps: [x], retries: -1}',
    'assets:',
    '  a: {stream: a}',
    '  b: {stream: b}',
    '  c: {stream: c, retries: -2}',
  ),
  'an unknown kind in defaults is reported once': assets(
    'defaults: {kind: aribyte}',
    'assets:',
    '  a: {stream: a}',
    '  b: {stream: b}',
  ),
  'keys without effect on externals': assets(
    'defaults: {freshness: {max_age: 1h}}',
    'assets:',
    '  a: {kind: external, path: a.csv}',
    '  b: {kind: external, path: b.csv, freshness: {max_age: 1h}, retries: 3}',
  ),
  freshness: assets(
    'defaults: {kind: dbt}',
    'assets:',
    '  a: {freshness: {max_age: soon}}',
    '  b: {freshness: {max_age: 0s}}',
    '  c: {freshness: {cron: "0 2 * * *"}}',
    '  d: {freshness: {cron: "0 2 * *", timezone: Mars/Olympus}}',
    '  e: {freshness: {max_age: 1h, cron: "0 2 * * *", timezone: UTC}}',
    '  f: {freshness: {}}',
    '  g: {freshness: 1h}',
    '  h: {freshness: {maxage: 1h}}',
    '  i: {freshness: {cron: "5-2 * * * *", timezone: UTC}}',
  ),

  // Between assets
  'unknown dependencies': assets(
    'defaults: {kind: dbt}',
    'assets:',
    '  fact_payment: {deps: [stg_paymnt, stg_rental]}',
    '  stg_payment: {deps: [raw_payment, fact_payment, fact_payment]}',
  ),
  'duplicate assets': {
    ...assets('defaults: {kind: dbt}', 'assets:', '  a: {}', '  b: {}', '  a: {model: x}'),
    'assets/b.yaml': 'assets:\n  b: {kind: external}\n',
  },
  'a file with a syntax error may declare only names that it contains': {
    ...assets('defaults: {kind: dbt}', 'assets:', '  a: {deps: [in_broken, in_none]}'),
    'assets/b.yaml': 'assets:\n  in_broken: {kind: dbt\n',
  },

  // YAML
  'an unclosed quote': assets('assets:', '  a: {kind: "dbt}', '  b: {kind: dbt}'),
  'an unclosed bracket': assets('assets:', '  a: {kind: dbt, deps: [b, c}', '  b: {kind: dbt}'),
  'a second colon': assets('assets:', '  a:', '    kind: dbt', '    description: note: important'),
  'braces without quotes': assets(
    'assets:',
    '  a: {kind: command, run: [make], outputs: [out/{target}/a.txt]}',
  ),
  'braces without quotes, in a mapping': assets(
    'assets:',
    '  a: {kind: extract, to: out/{target}.csv}',
  ),
  'a key without a colon': assets('assets:', '  a', '  b: {kind: dbt}'),
  'no space after the colon': assets('assets:', '  a:{kind: dbt}'),
  'a missing comma': assets('assets:', '  a: {kind: dbt deps: [b]}'),
  'a wrong indent': assets('assets:', '  a: {kind: dbt}', ' b: {kind: dbt}'),
  'tab indents': assets('assets:', '\ta: {kind: dbt}', '\tb: {kind: dbt}'),
  'tabs in a flow mapping': assets('assets: {', '\ta: {kind: dbt}', '}'),
  'characters that need quotes': assets(
    'assets:',
    '  a: {kind: dbt, group: @x}',
    '  b: {kind: `dbt`}',
  ),
  'a bare star': assets('assets:', '  a: {kind: dbt, group: *}'),
  'an invalid escape': assets('assets:', '  a: {kind: dbt, description: "C:\\dir"}'),
  tags: assets('assets:', '  a: {kind: dbt, description: !include text.md}', '  b: !!set {x}'),
  'two documents': assets('assets: {}', '---', 'assets: {}'),
  'keys that are not strings': assets(
    'assets:',
    '  {{ name }}: {kind: dbt}',
    '  ? [a, b]',
    '  : {kind: dbt}',
  ),
  'duplicate keys': assets('assets:', '  a:', '    kind: dbt', '    group: x', '    group: y'),
  'an alias without an anchor': assets('assets:', '  a: {kind: dbt, owners: *owners}'),
  'a merge of a list': assets('x: &x [1]', 'assets:', '  a: {<<: *x, kind: dbt}'),
  'a bomb of aliases': assets(
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...[...'bcdefghi'].map((name, i) => {
      const inner = 'abcdefgh'[i]
      return `${name}: &${name} [${Array(10).fill(`*${inner}`).join(', ')}]`
    }),
  ),
  'a bomb of merges': assets(
    'a: &a {k: x}',
    ...[...'bcdefghijklm'].map((name, i) => {
      const inner = 'abcdefghijkl'[i]
      return `${name}: &${name} {<<: [${Array(10).fill(`*${inner}`).join(', ')}]}`
    }),
  ),
  'brackets nested too deep': assets(`assets: ${'['.repeat(5000)}`),
  'lists nested too deep': assets(`assets:\n  ${'- '.repeat(5000)}`),

  // Bytes
  'Latin-1': {
    'assets.yaml': HEAD,
    'assets/a.yaml': Buffer.from('assets:\n  a: {kind: dbt, description: caf\xe9}\n', 'latin1'),
  },
  'UTF-16': { 'assets.yaml': HEAD, 'assets/a.yaml': Buffer.from('\ufeffassets: {}\n', 'utf16le') },
  'a file of 17 MB': {
    ...assets('assets:', '  a: {kind: dbt, deps: [b]}'),
    'assets/b.yaml': Buffer.alloc(17_000_000, '#'),
  },
}

describe('the text of problems', () => {
  it('of project files', async () => {
    const texts: string[] = []
    for (const [title, files] of Object.entries(cases)) {
      const root = projectFolder(files)
      const problems = await problemsIn(root)
      const codes = [...new Set(problems.map(({ code }) => code))].join(', ')
      texts.push(`# ${title} [${codes}]\n\n${renderProblems(problems, root)}\n`)
    }
    await expect(texts.join('\n\n')).toMatchFileSnapshot('config-problems.txt')
  })
})
