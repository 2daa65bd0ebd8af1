import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ask } from '../rig/dbt/content.ts'
import { assetsFile, BASE, type Files, projectFile } from '../rig/dbt/edits.ts'
import { DbtFolder } from '../rig/dbt/folder.ts'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { sharedPython } from '../rig/python.ts'

const YML = 'dbt/models/s.yml'
const BOTH = '+persist_docs: {relation: true, columns: true}'

/** The descriptions of a version of the project; one that is left out is not in the YAML. */
interface Descriptions {
  readonly t?: string
  readonly id?: string
  readonly odd?: string
  readonly v?: string
  readonly inc?: string
  readonly seed?: string
}

const WORDS: Descriptions = {
  t: 'a table',
  id: 'its $key$',
  odd: "an 'odd' one",
  v: 'a view',
  inc: 'many',
  seed: 'few',
}

const described = (text: string | undefined) =>
  text === undefined ? '' : `, description: ${JSON.stringify(text)}`

function properties({ t, id, odd, v, inc, seed }: Descriptions): string {
  const columns = [
    ...(id === undefined ? [] : [`{name: id${described(id)}}`]),
    ...(odd === undefined ? [] : [`{name: Odd Name, quote: true${described(odd)}}`]),
  ].join(', ')
  return `models:
  - {name: t${described(t)}, columns: [${columns}]}
  - {name: v${described(v)}, columns: [${columns}]}
  - {name: inc${described(inc)}, columns: [${columns}]}
seeds:
  - {name: s${described(seed)}, columns: [${id === undefined ? '' : `{name: id${described(id)}}`}]}
`
}

function project(words: Descriptions, persist = BOTH): Files {
  return {
    ...BASE,
    'a.yaml': assetsFile({ t: [], v: ['t'], inc: ['t'], s: [] }),
    'dbt/dbt_project.yml': projectFile('').replace(
      'models: {+materialized: table}\n',
      `models: {+materialized: table, ${persist}}\nseeds: {${persist}}\n`,
    ),
    'dbt/models/t.sql': 'select 1 as id, 2 as "Odd Name"',
    'dbt/models/v.sql': `{{ config(materialized='view') }}select * from {{ ref('t') }}`,
    'dbt/models/inc.sql': `{{ config(materialized='incremental') }}select * from {{ ref('t') }}`,
    'dbt/seeds/s.csv': 'id\n1\n',
    [YML]: properties(words),
  }
}

/** Every comment in the warehouse, NULL if there is none. */
const COMMENTS = `select to_json(list(c order by c)) from (
  select table_name || ': ' || coalesce(comment, 'NULL') as c from duckdb_tables() where not internal
  union all select view_name || ': ' || coalesce(comment, 'NULL') from duckdb_views() where not internal
  union all select table_name || '.' || column_name || ': ' || coalesce(comment, 'NULL')
  from duckdb_columns() where not internal)`

let server: ForkServer
let folder: DbtFolder
let other: DbtFolder
beforeAll(async () => {
  server = await startForkServer(await sharedPython())
})
beforeEach(() => {
  folder = new DbtFolder(server.environment)
  other = new DbtFolder(server.environment)
})
afterEach(() => {
  folder.remove()
  other.remove()
})
afterAll(() => server.stop())

async function commentsIn({ root }: DbtFolder): Promise<readonly string[]> {
  return JSON.parse(String(await ask(join(root, '.assets/w.duckdb'), COMMENTS))) as string[]
}

interface Ran {
  readonly code: number
  readonly built: readonly string[]
  readonly commented: readonly string[]
  readonly problems: readonly string[]
}

async function materialize(where: DbtFolder, ...args: readonly string[]): Promise<Ran> {
  const { code, stdout } = await where.run(['materialize', '--json', ...args])
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return {
    code,
    built: events.flatMap((e) => (e.event === 'step_finished' ? [`${e.asset} ${e.outcome}`] : [])),
    commented: events.flatMap((e) => (e.event === 'comments_set' ? e.assets : [])),
    problems: events.flatMap((e) =>
      e.event === 'problem' ? [`${e.problem.code} ${e.problem.asset}`] : [],
    ),
  }
}

const NOTHING: Ran = { code: 0, built: [], commented: [], problems: [] }

/** What a build of the same files from nothing writes. */
async function commentsFromNothing(files: Files): Promise<readonly string[]> {
  other.write(files)
  expect((await materialize(other)).code).toBe(0)
  return commentsIn(other)
}

describe('comments', () => {
  test('hold other words after a run that builds nothing, and the next run does nothing', async () => {
    folder.write(project(WORDS))
    expect(await materialize(folder)).toMatchObject({ code: 0, commented: ['inc', 's'] })
    expect(await materialize(folder)).toEqual(NOTHING)
    const after = { ...WORDS, t: 'another table', odd: 'odder', v: 'another view' }
    folder.write({ [YML]: properties(after) })

    const status = await folder.run(['status', '--json'])
    expect(JSON.parse(status.stdout).counts).toMatchObject({ fresh: 4, stale: 0 })
    const plan = JSON.parse((await folder.run(['plan', '--json'])).stdout)
    expect(plan).toMatchObject({ steps: [], comments: ['t', 'v', 'inc'] })
    expect((await folder.run(['plan', '--exit-code'])).code).toBe(0)
    const dry = (await folder.run(['materialize', 'v', '--dry-run'])).stdout
    expect(dry).toContain('comments of 2 assets will be set\n  t  v\n')

    expect(await materialize(folder)).toEqual({ ...NOTHING, commented: ['t', 'v', 'inc'] })
    const comments = await commentsIn(folder)
    expect(comments).toContain('t: another table')
    expect(comments).toContain('v.Odd Name: odder')
    expect(comments).toEqual(await commentsFromNothing(project(after)))
    expect(await materialize(folder)).toEqual(NOTHING)
  })

  test('are deleted with their words, also if the asset is built in the same run', async () => {
    folder.write(project(WORDS))
    await materialize(folder)
    const after = { id: '', v: 'a view' }
    const files = {
      ...project(after),
      'dbt/models/inc.sql': `{{ config(materialized='incremental') }}select id, "Odd Name" from {{ ref('t') }}`,
      'a.yaml': assetsFile({ t: [], v: ['t'], inc: ['t'], s: [] }).replace(
        'inc: {kind: dbt,',
        'inc: {kind: dbt, on_code: keep_history,',
      ),
    }
    folder.write(files)
    expect(await materialize(folder)).toEqual({
      ...NOTHING,
      built: ['inc built'],
      commented: ['t', 'v', 'inc', 's'],
    })
    expect(await commentsIn(folder)).toEqual(await commentsFromNothing(files))
    expect(await materialize(folder)).toEqual(NOTHING)
  })

  test('are left as they are where persist_docs is off', async () => {
    folder.write(project(WORDS, '+persist_docs: {relation: true}'))
    expect((await materialize(folder)).code).toBe(0)
    await ask(join(folder.root, '.assets/w.duckdb'), "comment on column t.id is 'by hand'")
    await materialize(folder)
    const columns = { ...WORDS, id: 'other', odd: 'other' }
    folder.write({ [YML]: properties(columns) })
    expect(await materialize(folder)).toEqual(NOTHING)
    folder.write({ [YML]: properties({ ...columns, t: 'other' }) })
    expect(await materialize(folder)).toEqual({ ...NOTHING, commented: ['t'] })
    expect(await commentsIn(folder)).toEqual(
      expect.arrayContaining(['t: other', 't.id: by hand', 'v.id: NULL']),
    )
    // Turned on for columns: their words are set without a build.
    folder.write(project(columns, BOTH))
    expect((await materialize(folder)).built).toEqual([])
    expect(await commentsIn(folder)).toEqual(await commentsFromNothing(project(columns)))
  })

  test('are left where the materialization of a model persists no words', async () => {
    const files = (words: string): Files => ({
      ...BASE,
      'a.yaml': assetsFile({ c: [] }),
      'dbt/dbt_project.yml': projectFile('').replace('table}', `plain, ${BOTH}}`),
      'dbt/macros/plain.sql': `{% materialization plain, default %}
{% set target = this.incorporate(type='table') %}
{% call statement('main') %}create or replace table {{ target }} as {{ sql }}{% endcall %}
{{ adapter.commit() }}{{ return({'relations': [target]}) }}
{% endmaterialization %}`,
      'dbt/models/c.sql': 'select 1 as id',
      [YML]: `models: [{name: c, description: ${words}}]\n`,
    })
    folder.write(files('old'))
    expect(await materialize(folder)).toEqual({ ...NOTHING, built: ['c built'] })
    folder.write(files('new'))
    expect(await materialize(folder)).toEqual(NOTHING)
    expect(await commentsIn(folder)).toEqual(['c.id: NULL', 'c: NULL'])
  })

  test('that dbt refuses are a problem of their asset, which stays fresh', async () => {
    folder.write(project(WORDS))
    await materialize(folder)
    const refused = '$dbt_comment_literal_block$'
    folder.write({ [YML]: properties({ ...WORDS, t: refused, v: 'new' }) })
    const failed: Ran = {
      code: 1,
      built: [],
      commented: ['v'],
      problems: ['dbt-comments t'],
    }
    expect(await materialize(folder)).toEqual(failed)
    const status = await folder.run(['status', '--json'])
    expect(JSON.parse(status.stdout).counts).toMatchObject({ fresh: 4, stale: 0 })
    expect(await materialize(folder)).toEqual({ ...failed, commented: [] })
    folder.write({ [YML]: properties({ ...WORDS, v: 'new' }) })
    expect(await materialize(folder)).toEqual({ ...NOTHING, commented: ['t'] })
    expect(await commentsIn(folder)).toContain('t: a table')
  })
})
