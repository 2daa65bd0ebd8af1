import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { plainText } from '../../framework/warehouses/snowflake/compare-views.ts'
import { REPOSITORY } from '../rig/cli.ts'
import { assetsFile } from '../rig/dbt/edits.ts'
import { InProcessProject } from '../rig/in-process.ts'
import { pythonWith } from '../rig/python.ts'
import { newDatabase, startLookalike } from '../rig/snowflake/server.ts'

const account = await startLookalike()
afterAll(() => account?.close())

const VIEW = 'dbt/models/v.sql'
const FILES = {
  'assets.yaml': `version: 1
project: t
dbt: {project_dir: dbt, models: declared}
default_target: prod
include: [a.yaml]
targets:
  prod:
    warehouse: {type: snowflake, account: lookalike, user: robot, password: "\${SNOWFLAKE_PASSWORD}", database: "\${SNOWFLAKE_DATABASE}", access_url: "\${SNOWFLAKE_URL}"}
`,
  'a.yaml': assetsFile({ t: [], v: ['t'], u: ['v'] }),
  'dbt/dbt_project.yml': `name: t
version: 1.0.0
config-version: 2
profile: dvd_rental
models: {+materialized: table}
`,
  'dbt/models/t.sql': 'select 1 as id, 2 as amount',
  [VIEW]: `{{ config(materialized='view') }}select * from {{ ref('t') }}`,
  'dbt/models/u.sql': `select id from {{ ref('v') }}`,
}

describe.skipIf(account === null)('adopting on the look-alike', () => {
  /** A project whose tables exist, and whose state is lost. */
  async function filled() {
    const made = await pythonWith('dbt/requirements-snowflake.txt')
    if (!made.ok) throw new Error(made.problems[0]?.message)
    const database = newDatabase()
    const project = new InProcessProject(FILES, {
      ASSETS_PYTHON_ENV: made.value,
      SNOWFLAKE_PASSWORD: 'hunter22',
      SNOWFLAKE_DATABASE: database,
      SNOWFLAKE_URL: account!.url,
    })
    project.write('dbt/profiles.yml', readFileSync(join(REPOSITORY, 'dbt/profiles.yml'), 'utf8'))
    expect(await project.show('materialize')).toContain('3 built')
    for (const file of ['state.sqlite', 'state.sqlite-wal', 'state.sqlite-shm']) {
      rmSync(join(project.root, '.assets', file), { force: true })
    }
    const sent = async () => (await account!.received(database)).map(({ sql }) => sql)
    return { project, database, sent }
  }
  const changing = (statements: readonly string[]) =>
    statements.filter((sql) =>
      /^\s*(?:\/\*.*?\*\/)?\s*(?:create|drop|insert|alter table)/is.test(sql),
    )

  test('a view with the present text and columns is recorded, and no statement changes anything', async () => {
    const { project, sent } = await filled()
    try {
      expect(await project.show('plan')).toContain('3 of them are in the warehouse already')
      const before = (await sent()).length
      const shown = await project.show("materialize --adopt --vouch '*'")
      expect(shown).toContain('adopted 1 view (same definition) and 2 tables (vouched for)')
      expect(changing((await sent()).slice(before))).toEqual([])
      expect(await project.show('materialize')).toContain('nothing to do')
    } finally {
      project.remove()
    }
  })

  test('a view that would have other columns or another text is built, and what it changes below', async () => {
    const { project } = await filled()
    try {
      project.write(
        'dbt/models/v.sql',
        `{{ config(materialized='view') }}select 7 as id, 2 as amount from {{ ref('t') }}`,
      )
      const shown = await project.show("materialize --adopt --vouch '*'")
      expect(shown).toMatch(/will be built, although --vouch names it\n {2}v +its definition/)
      expect(shown).toContain('2 built · 1 adopted')
    } finally {
      project.remove()
    }
  })
})

test.each([
  [
    'create view v as (select 1);',
    'create view v as (select 1)\n/* {"app": "dbt", "node_id": "v"} */',
    true,
  ],
  ['create view v as (select 1)', '/* {"app": "dbt"} */\n  create view v as (select 1);', true],
  ['create view v as (select 1)', 'create view v as (select  1)', false],
  ['create view v as (select 1)', 'create view v as (select 1) /* mine */', false],
  [`create view v as select '/*', a -- {} */`, `create view v as select '/*', b -- {} */`, false],
])('the texts %j and %j are the same: %s', (one, other, isSame) => {
  expect(plainText(one) === plainText(other)).toBe(isSame)
})
