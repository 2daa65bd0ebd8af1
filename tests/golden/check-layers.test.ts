import { expect, test } from 'vitest'
import { InProcessProject } from '../rig/in-process.ts'

/** A project with mistakes that are found at different times, and the codes of all of them, sorted as shown. */
interface Case {
  readonly files: Readonly<Record<string, string>>
  readonly codes: readonly string[]
}

const HEAD = 'version: 1\nproject: shop\n'
const VARIABLE = `$` + '{WAREHOUSE}'
const DUCKDB = 'targets: {local: {warehouse: {type: duckdb, path: w.duckdb}}}\n'

const CASES: Readonly<Record<string, Case>> = {
  'an unknown key hides neither a cycle through its asset nor a job': {
    files: {
      'assets.yaml': `${HEAD}assets:
  a: {kind: command, run: x, deps: [b], descriptionn: x}
  b: {kind: command, run: x, deps: [a]}
  c: {kind: command, run: x}
jobs: {nightly: {select: "+d"}}
`,
    },
    codes: ['cycle', 'unknown-key', 'unknown-asset'],
  },
  'what is left out may be depended on and selected': {
    files: {
      'assets.yaml': `${HEAD}assets:
  a: {kind: comand, run: x}
  b: {kind: command, deps: [a]}
  c: {kind: command, run: x, deps: [a, b, nowhere]}
policies:
  - {select: a, retries: 1}
jobs: {nightly: {select: "+b"}, weekly: {select: "c+ and"}}
`,
    },
    codes: ['unknown-kind', 'missing-key', 'unknown-dependency', 'selection-syntax'],
  },
  'a cycle through an asset that is left out': {
    files: {
      'assets.yaml': `${HEAD}assets:
  a: {kind: command, deps: [b]}
  b: {kind: command, run: x, deps: [a]}
  c: {kind: command, run: x, outputs: [x.csv]}
  d: {kind: command, run: x, outputs: [x.csv]}
`,
    },
    codes: ['missing-key', 'cycle', 'output-conflict'],
  },
  'a file that is no YAML may declare what the others read': {
    files: {
      'assets.yaml': `${HEAD}include: [one.yaml, two.yaml]\njobs: {nightly: {select: "b"}, weekly: {select: "bb"}}\n`,
      'one.yaml': 'assets:\n  b: {kind: command, run: x\n',
      'two.yaml': `assets:
  c: {kind: command, run: x, deps: [b], outputs: [x.csv]}
  d: {kind: command, run: x, deps: [bb], outputs: [x.csv]}
`,
    },
    codes: ['unknown-asset', 'yaml-syntax', 'output-conflict', 'unknown-dependency'],
  },
  'an include that is missing may declare anything': {
    files: {
      'assets.yaml': `${HEAD}include: [one.yaml]
assets:
  c: {kind: command, run: x, deps: [b], outputs: [x.csv]}
  d: {kind: command, run: x, deps: [c, e], outputs: [x.csv]}
  e: {kind: command, run: x, deps: [d]}
jobs: {nightly: {select: "b"}, weekly: {select: "b and"}}
`,
    },
    codes: ['file-missing', 'output-conflict', 'cycle', 'selection-syntax'],
  },
  'a mistyped include may declare anything': {
    files: {
      'assets.yaml': `${HEAD}includ: [one.yaml]
assets:
  c: {kind: command, run: x, deps: [b], outputs: [x.csv]}
  d: {kind: command, run: x, outputs: [x.csv]}
jobs: {nightly: {select: "b"}}
`,
      'one.yaml': 'assets: {b: {kind: command, run: x}}\n',
    },
    codes: ['unknown-key', 'output-conflict'],
  },
  'no warehouse, once, beside mistakes of assets': {
    files: {
      'assets.yaml': `${HEAD}assets:
  a: {kind: extract, query: select 1, to: a.csv}
  b: {kind: extract, query: select 1, to: b.csv}
  c: {kind: external, relation: main.c}
  d: {kind: command, run: x, outputs: [b.csv]}
`,
    },
    codes: ['no-warehouse', 'output-conflict'],
  },
  'a warehouse with a mistake is no missing warehouse': {
    files: {
      'assets.yaml': `${HEAD}targets: {local: {warehouse: {type: duckdbb, path: x}}}
assets:
  a: {kind: extract, query: select 1, to: a.csv}
  b: {kind: command, run: x, outputs: [a.csv]}
`,
    },
    codes: ['unknown-type', 'output-conflict'],
  },
  'a mistyped warehouse is no missing one': {
    files: {
      'assets.yaml': `${HEAD}targets: {local: {warehous: {type: duckdb, path: x}}}
assets:
  a: {kind: extract, query: select 1, to: a.csv, deps: [a]}
`,
    },
    codes: ['unknown-key', 'cycle'],
  },
  'mistyped targets': {
    files: {
      'assets.yaml': `${HEAD}target: {local: {warehouse: {type: duckdb, path: x}}}
assets:
  a: {kind: extract, query: select 1, to: a.csv, deps: [a]}
`,
    },
    codes: ['unknown-key', 'cycle'],
  },
  'a variable that is missing': {
    files: {
      'assets.yaml':
        `${HEAD}targets:
  local:
    warehouse: {type: duckdb, path: "${VARIABLE}"}
    connections: {shop: {type: postgres, url: "$` +
        `{SHOP}"}}
assets:
  raw: {kind: airbyte, connection: shop, stream: raw}
  more: {kind: airbyte, connection: stor, stream: more}
  a: {kind: extract, query: select 1, to: a.csv, deps: [raw], data_version: change_token}
  b: {kind: command, run: x, outputs: [a.csv]}
`,
    },
    codes: [
      'missing-variable',
      'missing-variable',
      'no-connection',
      'data-version-unfit',
      'output-conflict',
    ],
  },
  'a connection with a mistake is no missing connection': {
    files: {
      'assets.yaml': `${HEAD}targets:
  local:
    warehouse: {type: duckdb, path: x}
    connections: {shop: {type: postgres, embeded: {}}}
assets:
  raw: {kind: airbyte, connection: shop, stream: raw, sync: incremental_dedup}
  b: {kind: command, run: x, deps: [raww]}
`,
    },
    codes: ['unknown-key', 'missing-primary-key', 'unknown-dependency'],
  },
  'jobs, selectors, pools and policies with mistakes leave the others': {
    files: {
      'assets.yaml': `${HEAD}assets:
  a: {kind: command, run: x, pool: slow}
  b: {kind: command, run: x, pool: fast}
pools: {slow: 0, big: 1}
policies:
  - {select: a, retrys: 1}
  - {select: nowhere, retries: 1}
  - {select: "tag:x and", retries: 1}
selectors:
  broken: {unio: [a]}
  sound: nowhere
jobs:
  nightly: {selct: a}
  weekly: {select: "selector:broken a"}
  daily: {select: "selector:brokn"}
`,
    },
    codes: [
      'unknown-pool',
      'invalid-value',
      'unknown-key',
      'unknown-asset',
      'selection-syntax',
      'wrong-type',
      'unknown-asset',
      'unknown-key',
      'unknown-selector',
    ],
  },
  'a default target that does not exist, a duplicate asset and no name': {
    files: {
      'assets.yaml': `version: 1
default_target: prd
include: [one.yaml, two.yaml]
targets: {prod: {warehouse: {type: duckdb, path: w.duckdb}}}
`,
      'one.yaml': 'assets: {a: {kind: command, run: x, deps: [b]}}\n',
      'two.yaml':
        'assets: {a: {kind: command, run: y}, b: {kind: command, run: x, deps: [a], outputs: ["x"]}}\n',
    },
    codes: ['missing-key', 'unknown-target', 'cycle', 'duplicate-asset'],
  },
  'defaults with a mistake': {
    files: {
      'assets.yaml': `${HEAD}${DUCKDB}defaults: {kind: command, retries: many, runs: x}
assets:
  a: {run: x, deps: [b], outputs: [x.csv]}
  b: {run: x, deps: [a], outputs: [x.csv]}
`,
    },
    codes: ['wrong-type', 'unknown-key', 'cycle', 'output-conflict'],
  },
  'dbt assets in a project whose dbt section is wrong': {
    files: {
      'assets.yaml': `${HEAD}dbt: {project_dirr: dbt}
assets:
  a: {kind: dbt}
  b: {kind: command, run: x, deps: [a, model], outputs: [x.csv]}
  c: {kind: command, run: x, outputs: [x.csv]}
jobs: {nightly: {select: model}}
`,
    },
    codes: ['unknown-key', 'output-conflict'],
  },
  'dbt assets without a dbt project, and other mistakes': {
    files: {
      'assets.yaml': `${HEAD}assets:
  a: {kind: dbt}
  b: {kind: dbt, deps: [a]}
  c: {kind: extract, query: select 1, to: c.csv, deps: [d]}
  d: {kind: extract, query: select 1, to: d.csv, deps: [c]}
`,
    },
    codes: ['dbt-not-configured', 'no-warehouse', 'cycle'],
  },
}

test('check names every mistake once, and none that only follows', async () => {
  const texts: string[] = []
  const wrong: string[] = []
  for (const [title, { files, codes }] of Object.entries(CASES)) {
    const desk = new InProcessProject(files)
    const { problems } = (await desk.json('check --json', 2)) as {
      readonly problems: readonly { readonly code: string }[]
    }
    const found = problems.map(({ code }) => code)
    if (`${found}` !== `${codes}`) wrong.push(`${title}:\n  found ${found}\n  not   ${codes}`)
    texts.push(`# ${title}\n\n${await desk.show('check')}`)
    desk.remove()
  }
  expect(wrong.join('\n')).toBe('')
  await expect(`${texts.join('\n\n\n')}\n`).toMatchFileSnapshot('problems/check-layers.txt')
})
