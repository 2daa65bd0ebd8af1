import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { schema } from '../../../framework/config/index.ts'
import { declarations, load, projectFolder } from '../../rig/config.ts'
import { fits } from '../../rig/json-schema.ts'

const HEAD = 'version: 1\nproject: shop\n'
const target = (settings: string) => `${HEAD}targets: {local: ${settings}}\n`

const validProjects = [
  HEAD,
  `${HEAD}assets:\n`,
  `${HEAD}assets: {a: {kind: dbt}}\n`,
  `${HEAD}default_target: local\ntargets: {local: {}, prod: {}}\n`,
  `${HEAD}dbt: {project_dir: dbt}\nselectors: {marts: "group:marts"}\n`,
  `${HEAD}jobs: {nightly: {select: "*", exclude: x, schedule: "0 2 * * *"}}\n`,
  `${HEAD}dbt: {project_dir: dbt, target: dev, profile: shop}\ntargets: {local: {warehouse: {from: dbt}}}\n`,
  target('{warehouse: {type: duckdb, path: w}, confirm: true}'),
  target(`{warehouse: {type: duckdb, path: w, threads: "\${THREADS}"}}`),
  target(
    `{warehouse: {type: snowflake, account: a, auth: "\${AUTH:-token}", keep_alive: "\${K}"}}`,
  ),
  target(
    '{connections: {shop: {type: postgres, embedded: {init: [a.sql], settings: {scale: 1}}}}}',
  ),
  target(
    `{connections: {shop: {type: postgres, embedded: {init: ["\${S}"], settings: {x: "\${X}"}}}}}`,
  ),
  target('{state: {type: sqlite}}'),
  `${HEAD}selectors: {a: {tag: daily}, b: {union: [a, {method: tag, value: x}, {exclude: [b]}]}}\n`,
  `${HEAD}selectors: {a: {definition: {intersection: [x, {config.materialized: table}]}}}\n`,
  `${HEAD}selectors: {a: {description: x, definition: y}, b: {config.enabled: true}}\n`,
  `${HEAD}selectors: {a: {method: group, value: x, children: true, children_depth: 2, exclude: [y]}}\n`,
]

const invalidProjects = [
  'project: shop\n',
  'version: 1\n',
  'version: 2\nproject: shop\n',
  'version: "1"\nproject: shop\n',
  'version: 1\nproject: my shop\n',
  `${HEAD}include: assets/*.yaml\n`,
  `${HEAD}include: [""]\n`,
  `${HEAD}targts: {}\n`,
  `${HEAD}dbt: dbt\n`,
  `${HEAD}dbt: {project_dir: dbt, profiles: x}\n`,
  `${HEAD}jobs: {nightly: {}}\n`,
  `${HEAD}jobs: {nightly: {select: "*", schedule: daily}}\n`,
  `${HEAD}jobs: {"every night": {select: "*"}}\n`,
  `${HEAD}selectors: {marts: [a]}\n`,
  `${HEAD}selectors: {a: {union: []}}\n`,
  `${HEAD}selectors: {a: {union: x}}\n`,
  `${HEAD}selectors: {a: {union: [x], intersection: [y]}}\n`,
  `${HEAD}selectors: {a: {exclude: [x]}}\n`,
  `${HEAD}selectors: {a: {tag: x, path: y}}\n`,
  `${HEAD}selectors: {a: {}}\n`,
  `${HEAD}selectors: {a: {tag: [x]}}\n`,
  `${HEAD}selectors: {a: {method: tag}}\n`,
  `${HEAD}selectors: {a: {method: tag, value: x, parent: true}}\n`,
  `${HEAD}selectors: {a: {method: tag, value: x, parents_depth: 0}}\n`,
  `${HEAD}selectors: {a: {union: [{intersection: [{method: "tag:", value: x}]}]}}\n`,
  `${HEAD}selectors: {a: {description: x}}\n`,
  `${HEAD}targets: [local]\n`,
  target('{confirm: "yes"}'),
  target('{warehouse: duckdb}'),
  target('{warehouse: {path: w}}'),
  `${HEAD}dbt: {project_dir: dbt}\ntargets: {local: {warehouse: {from: airbyte}}}\n`,
  `${HEAD}dbt: {project_dir: dbt}\ntargets: {local: {warehouse: {from: dbt, path: w}}}\n`,
  `${HEAD}dbt: {project_dir: dbt, output: dev}\n`,
  target('{warehouse: {type: duckbd, path: w}}'),
  target('{warehouse: {type: duckdb}}'),
  target('{warehouse: {type: duckdb, path: w, thread: 1}}'),
  target('{warehouse: {type: duckdb, path: w, threads: "4"}}'),
  target('{warehouse: {type: duckdb, path: w, threads: 0}}'),
  target('{warehouse: {type: snowflake, account: a, auth: none}}'),
  target('{connections: {shop: {type: postgres, embedded: {init: []}}}}'),
  target('{connections: {shop: {type: postgres, embedded: {init: [a], settings: {scale: big}}}}}'),
  target('{state: {type: duckdb, path: x}}'),
]

const validAssets = [
  '',
  'assets:',
  'defaults: {group: raw}',
  'assets: {a: {kind: dbt}}',
  'defaults: {kind: dbt}\nassets: {a: , b: {model: x}, c: {kind: external, path: x}}',
  'defaults: {kind: airbyte, connection: shop}\nassets: {a: {stream: a}, b: {kind: dbt}}',
  'defaults: {connection: shop}\nassets: {a: {kind: airbyte, stream: a}, b: {kind: dbt}}',
  'defaults: {kind: external, retries: 3}\nassets: {a: {path: x}}',
  'assets: {a: {kind: command, run: make}, b: {kind: command, run: [make, b], env: [REGION]}}',
  'assets: {a: {kind: dbt, freshness: {max_age: 1h30m}, tags: [x], timeout: 90s, retries: 0}}',
  'assets: {a: {kind: dbt, freshness: {cron: "0 2 * * 1-5", timezone: UTC}, tags: {tier: gold}}}',
  'assets: {a.b_2: {kind: dbt, data_version: content, on_drift: adopt, on_code: keep_history}}',
  'assets: {a: {kind: dbt, volatile_columns: [x], code_version: "2", owners: [x], description: ""}}',
]

const invalidAssets = [
  '[]',
  'asset: {}',
  'version: 1\nassets: {}',
  'assets: [a]',
  'assets: {a: dbt}',
  'assets: {a: {kind: dtb}}',
  'assets: {9a: {kind: dbt}}',
  'assets: {a-b: {kind: dbt}}',
  'assets: {a: {kind: dbt, stream: x}}',
  'assets: {a: {kind: dbt, deps: b}}',
  'assets: {a: {kind: dbt, deps: [not a name]}}',
  'assets: {a: {kind: dbt, group: ""}}',
  'assets: {a: {kind: dbt, group: }}',
  'assets: {a: {kind: dbt, tags: {tier: 1}}}',
  'assets: {a: {kind: dbt, retries: 1.5}}',
  'assets: {a: {kind: dbt, retries: 101}}',
  'assets: {a: {kind: dbt, timeout: 60}}',
  'assets: {a: {kind: dbt, timeout: 0s}}',
  'assets: {a: {kind: dbt, code_version: 2}}',
  'assets: {a: {kind: dbt, freshness: 1h}}',
  'assets: {a: {kind: dbt, freshness: {}}}',
  'assets: {a: {kind: dbt, freshness: {cron: "0 2 * * *"}}}',
  'assets: {a: {kind: dbt, freshness: {max_age: 1h, timezone: UTC}}}',
  'assets: {a: {kind: external, path: x, freshness: {max_age: 1h}}}',
  'assets: {a: {kind: external, path: x, retries: 1}}',
  'assets: {a: {kind: airbyte, stream: a}}',
  'assets: {a: {kind: command, run: []}}',
  'assets: {a: {kind: command, run: x, env: ["not a name"]}}',
  'defaults: dbt',
  'defaults: {deps: [a]}',
  'defaults: {kind: dtb}',
  'defaults: {strem: x}',
  'defaults: {kind: airbyte, connection: }\nassets: {a: {stream: a}}',
  'defaults: {kind: airbyte}\nassets: {a: {stream: a}}',
  'defaults: {kind: airbyte, connection: shop}\nassets: {a: }',
  'defaults: {kind: dbt}\nassets: {a: {kind: airbyte, stream: a}}',
  'defaults: {kind: dbt}\nassets: {a: {stream: a}}',
  'defaults: {stream: a}\nassets: {a: {kind: airbyte}}',
]

const { project, assets } = await schema(declarations)

describe('the schema of assets.yaml agrees with the validator', () => {
  const judge = async (text: string) => {
    const loaded = await load(projectFolder({ 'assets.yaml': text }))
    return { validator: loaded.ok, schema: fits(parse(text), project) }
  }
  it.each(validProjects)('valid: %j', async (text) =>
    expect(await judge(text)).toEqual({ validator: true, schema: true }),
  )
  it.each(invalidProjects)('invalid: %j', async (text) =>
    expect(await judge(text)).toEqual({ validator: false, schema: false }),
  )
})

describe('the schema of included files agrees with the validator', () => {
  const judge = async (text: string) => {
    const files = { 'assets.yaml': `${HEAD}include: [a.yaml]\n`, 'a.yaml': text }
    const loaded = await load(projectFolder(files))
    return { validator: loaded.ok, schema: fits(parse(text), assets) }
  }
  it.each(validAssets)('valid: %j', async (text) =>
    expect(await judge(text)).toEqual({ validator: true, schema: true }),
  )
  it.each(invalidAssets)('invalid: %j', async (text) =>
    expect(await judge(text)).toEqual({ validator: false, schema: false }),
  )
  it('also for assets in assets.yaml', () => {
    for (const text of validAssets) expect(fits(parse(`${HEAD}${text}`), project)).toBe(true)
    for (const text of invalidAssets.filter((one) => /^(assets|defaults):/.test(one)))
      expect(fits(parse(`${HEAD}${text}`), project)).toBe(false)
    // Only a node of dbt has no kind, and an included file can't tell whether the project has those.
    for (const text of ['assets: {a: }', 'assets: {a: {}}']) {
      expect(fits(parse(`${HEAD}${text}`), project)).toBe(false)
      expect(fits(parse(`${HEAD}dbt: {project_dir: .}\n${text}`), project)).toBe(true)
      const declared = `${HEAD}dbt: {project_dir: ., models: declared}\n${text}`
      expect(fits(parse(declared), project)).toBe(false)
    }
  })
})

it('is plain JSON with descriptions', () => {
  const text = JSON.stringify({ project, assets })
  expect(JSON.parse(text)).toEqual({ project, assets })
  expect(text).toContain('How the asset is built.')
})
