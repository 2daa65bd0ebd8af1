import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { REPOSITORY } from '../rig/cli.ts'
import { assetsFile } from '../rig/dbt/edits.ts'
import { InProcessProject } from '../rig/in-process.ts'
import { pythonWith } from '../rig/python.ts'
import { newDatabase, startLookalike } from '../rig/snowflake/server.ts'

const account = await startLookalike()
afterAll(() => account?.close())

const YML = 'dbt/models/s.yml'
const words = (table: string, view: string) =>
  `models:
  - {name: t, description: ${table}, columns: [{name: id, description: ${table} key}]}
  - {name: v, description: ${view}, columns: [{name: id, description: ${view} key}]}
`

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
  'a.yaml': assetsFile({ t: [], v: ['t'] }),
  'dbt/dbt_project.yml': `name: t
version: 1.0.0
config-version: 2
profile: dvd_rental
models: {+materialized: table, +persist_docs: {relation: true, columns: true}}
`,
  'dbt/models/t.sql': 'select 1 as id',
  'dbt/models/v.sql': `{{ config(materialized='view') }}select * from {{ ref('t') }}`,
  [YML]: words('old', 'old'),
}

describe.skipIf(account === null)('comments on the look-alike', () => {
  test('are set by statements that build nothing and are no drift', async () => {
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
    try {
      expect(await project.show('materialize')).toContain('2 built')
      project.write(YML, words('new', 'newer'))
      const before = (await account!.received(database)).length
      expect(await project.show('materialize')).toContain('comments of 2 assets set')
      const statements = (await account!.received(database)).slice(before).map(({ sql }) => sql)
      const changes = statements
        .map((sql) =>
          sql
            .replace(/\/\*.*\*\//s, '')
            .replaceAll(/\s+/g, ' ')
            .trim(),
        )
        .filter((sql) => /^(comment|alter (table|view)|create|insert|drop|update)\b/i.test(sql))
      expect(changes).toEqual([
        `comment on table "${database}"."ANALYTICS"."T" IS $$new$$ ;`,
        `alter table "${database}"."ANALYTICS"."T" alter "ID" COMMENT $$new key$$ ;`,
        `comment on view "${database}"."ANALYTICS"."V" IS $$newer$$ ;`,
        `alter view "${database}"."ANALYTICS"."V" alter "ID" COMMENT $$newer key$$ ;`,
      ])
      const said = await project.show('materialize')
      expect(said).toContain('nothing to do')
      expect(said).not.toContain('comments')
    } finally {
      project.remove()
    }
  }, 300_000)
})
