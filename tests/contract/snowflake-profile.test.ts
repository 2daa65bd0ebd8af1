import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { DbtFolder } from '../rig/dbt/folder.ts'
import { pythonWith } from '../rig/python.ts'
import { runAt } from '../rig/snowflake/account.ts'
import { newDatabase, startLookalike } from '../rig/snowflake/server.ts'

// A target whose Snowflake database is that of dbt's profile: nothing in assets.yaml says where it is.

const account = await startLookalike()
afterAll(() => account?.close())

const FILES = {
  'assets.yaml': `version: 1
project: shop
dbt: {project_dir: dbt}
assets:
  orders: {kind: dbt}
  sums: {kind: dbt, deps: [orders]}
`,
  'dbt/dbt_project.yml': `name: shop
version: 1.0.0
profile: shop
models: {+materialized: table}
`,
  'dbt/profiles.yml': `shop:
  target: dev
  outputs:
    dev:
      type: snowflake
      account: lookalike
      user: "{{ env_var('SHOP_USER') }}"
      password: "{{ env_var('SHOP_PASSWORD') }}"
      database: "{{ env_var('SHOP_DATABASE') }}"
      schema: analytics
      host: 127.0.0.1
      port: "{{ env_var('SHOP_PORT') | as_number }}"
      protocol: http
      threads: 2
`,
  'dbt/models/orders.sql': 'select 1 as id, 5 as amount\n',
  'dbt/models/sums.sql': 'select sum(amount) as total from {{ ref("orders") }}\n',
}

describe.skipIf(account === null)("a target with the database of dbt's profile", () => {
  let folder: DbtFolder
  afterEach(() => folder.remove())

  async function project(database: string, user: string) {
    const made = await pythonWith('dbt/requirements-snowflake.txt')
    if (!made.ok) throw new Error(made.problems[0]?.message)
    folder = new DbtFolder(made.value)
    folder.write(FILES)
    const env = {
      SHOP_USER: user,
      SHOP_PASSWORD: 'hunter22-pa55',
      SHOP_DATABASE: database,
      SHOP_PORT: String(account!.port),
    }
    return async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await folder.run(args, env)
      return { code, said: stdout + stderr }
    }
  }

  it('is built and read with the credentials that dbt resolves, and no file has the password', async () => {
    const database = newDatabase()
    const run = await project(database, 'ann_of_profile')
    const built = await run('materialize')
    expect([built.code, built.said]).toEqual([0, expect.any(String)])
    expect(built.said).toContain(`Snowflake lookalike / ${database}`)
    expect(await runAt(account!.url, database, 'select total from analytics.sums')).toEqual([['5']])
    const status = await run('status', '--exit-code')
    expect([status.code, status.said]).toEqual([0, expect.any(String)])
    expect((await run('doctor')).said).toContain(database)

    const asked = await account!.received(database)
    expect(new Set(asked.map(({ node }) => node))).toEqual(new Set([true, false]))
    const users = (await account!.logins()).map(({ LOGIN_NAME: name }) => name)
    expect(users.filter((name) => name !== 'somebody')).not.toEqual([])
    expect(new Set(users.filter((name) => name !== 'somebody'))).toEqual(
      new Set(['ann_of_profile']),
    )
    const holding = readdirSync(folder.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => readFileSync(file).includes('hunter22'))
    expect(holding).toEqual([])
  }, 300_000)

  it('shows no password if dbt quotes it', async () => {
    const run = await project(newDatabase(), 'ann_of_profile')
    folder.write({
      'dbt/profiles.yml': FILES['dbt/profiles.yml']
        .replace(`"{{ env_var('SHOP_PASSWORD') }}"`, 'hunter22-pa55')
        .replace('threads: 2', 'retry_all: hunter22-pa55'),
    })
    const { code, said } = await run('check')
    expect(code).toBe(2)
    expect(said).toContain("dbt can't use output dev of dbt profile shop")
    expect(said).not.toContain('hunter22')
  }, 300_000)
})
