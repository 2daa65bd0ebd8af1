import { expect, test } from 'vitest'
import { DbtProject } from '../rig/dbt-project.ts'
import { sharedPython } from '../rig/python.ts'

/** The mistakes of a project with dbt, as `check` names them. */
interface Case {
  readonly assets: readonly string[]
  readonly files?: Readonly<Record<string, string>>
  /** Code and asset or file of each, in the order shown. */
  readonly found: readonly string[]
}

const MODELS = {
  'dbt/models/staged.sql': "select * from {{ source('raw', 'orders') }}\n",
  'dbt/models/total.sql': "select count(*) as n from {{ ref('staged') }}\n",
  'dbt/models/sources.yml': `sources:
  - {name: raw, schema: raw, tables: [{name: orders}]}
`,
}
const OPEN = (more = '') => `version: 1
project: shop
dbt: {project_dir: dbt}
include: [shop.yaml]
targets: {local: {warehouse: {type: duckdb, path: .assets/shop.duckdb}}}
${more}`
const RAW = 'raw_orders: {kind: external, relation: raw.orders}'
const BROKEN = { 'dbt/models/broken.sql': "select * from {{ ref('nowhere') }}\n" }

const CASES: Readonly<Record<string, Case>> = {
  'an unknown key of an asset does not hide what dbt reads': {
    assets: [
      RAW,
      'staged: {kind: dbt, descriptionn: x}',
      'total: {kind: dbt, deps: [staged, raw_orders], freshnes: {max_age: 1d}}',
      'gone: {kind: dbt}',
    ],
    found: [
      'deps-disagree staged',
      'unknown-key staged',
      'unknown-key total',
      'unknown-model gone',
    ],
  },
  'what is left out may be the source and the model that others read': {
    assets: [
      'raw_orders: {kind: external, relation: raw.orders, path: 1}',
      'staged: {kind: dbt, deps: [raw_orders]}',
      'total: {kind: dbt, modle: total}',
      'more: {kind: dbt, deps: [total]}',
    ],
    files: { 'dbt/models/more.sql': "select * from {{ ref('total') }}\n" },
    found: ['wrong-type raw_orders', 'unknown-key total'],
  },
  'deps of a wrong type are not compared': {
    assets: [RAW, 'staged: {kind: dbt, deps: raw_orders}', 'total: {kind: dbt}'],
    found: ['wrong-type staged', 'deps-disagree total'],
  },
  'a dbt project that does not parse hides no other mistake': {
    files: {
      ...BROKEN,
      'assets.yaml': OPEN(`jobs: {nightly: {select: "staged"}, weekly: {select: "tag:x and"}}
policies: [{select: total, retries: 1}, {select: "exposure:x", retries: 1}]
`),
    },
    assets: [
      'a: {kind: command, run: x, deps: [total, b], outputs: [x.csv]}',
      'b: {kind: command, run: x, deps: [a]}',
      'c: {kind: command, run: x, outputs: [x.csv]}',
    ],
    found: [
      'selection-syntax assets.yaml',
      'dbt-project dbt/models/broken.sql',
      'cycle a',
      'output-conflict c',
    ],
  },
  'neither is it hidden by them, whatever declares the models': {
    files: BROKEN,
    assets: [
      RAW,
      'staged: {kind: dbt, deps: [raw_orders]}',
      'a: {kind: comand, run: x}',
      'b: {kind: command, run: x, deps: [a, c]}',
      'c: {kind: command, run: x, deps: [b]}',
    ],
    found: ['dbt-project dbt/models/broken.sql', 'unknown-kind a', 'cycle b'],
  },
  'a broken target does not hide what dbt reads': {
    files: {
      'assets.yaml':
        `version: 1
project: shop
dbt: {project_dir: dbt}
include: [shop.yaml]
targets: {local: {warehouse: {type: duckdb, path: "$` +
        `{WAREHOUSE}"}}}
jobs: {nightly: {select: staged}, weekly: {select: stagedd}}
`,
    },
    assets: ['report: {kind: command, run: x, deps: [totl]}', 'gone: {kind: dbt}'],
    found: [
      'missing-variable assets.yaml',
      'unknown-asset assets.yaml',
      'unknown-dependency report',
      'unknown-model gone',
    ],
  },
  'a dbt folder that does not exist': {
    files: {
      'assets.yaml': OPEN('jobs: {nightly: {select: staged}}\n').replace(
        'project_dir: dbt',
        'project_dir: dtb',
      ),
    },
    assets: ['a: {kind: command, run: x, deps: [total, a]}', 'staged: {kind: dbt}'],
    found: ['dbt-project-missing assets.yaml', 'cycle a'],
  },
}

test.each(Object.entries(CASES))('%s', async (_, { assets, files = {}, found }) => {
  const project = new DbtProject(await sharedPython(), assets, { ...MODELS, ...files })
  try {
    const { problems } = (await project.json('check --json', 2)) as {
      readonly problems: readonly { code: string; asset?: string; file?: string }[]
    }
    expect(problems.map(({ code, asset, file }) => `${code} ${asset ?? file}`)).toEqual(found)
  } finally {
    project.remove()
  }
})
