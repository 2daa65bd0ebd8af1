import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { InProcessProject } from '../rig/in-process.ts'
import { runAt } from '../rig/snowflake/account.ts'
import { newDatabase, startLookalike } from '../rig/snowflake/server.ts'
import { bothTargets } from '../rig/snowflake/two-targets.ts'

// These tests use a small database, and the whole original sample if `ASSETS_SHARED` names its folder.
const shared = process.env.ASSETS_SHARED
const account = await startLookalike()
afterAll(() => account?.close())

describe.skipIf(account === null)('the DVD-rental project on the look-alike', () => {
  const database = newDatabase()
  let local: InProcessProject
  let prod: InProcessProject
  beforeAll(async () => {
    ;({ local, prod } = await bothTargets('months', account!.url, database))
    await local.show('materialize')
  }, 600_000)
  afterAll(() => {
    local.remove()
    prod.remove()
  })
  const statements = async (from = 0) =>
    (await account!.received(database)).slice(from).map(({ sql }) => sql)

  it('builds every model, and every report equals the one of the local target, byte for byte', async () => {
    const said = await prod.show('materialize')
    expect(said).not.toMatch(/failed|blocked|exit/)
    const expected = extracts(local, 'local')
    expect(Object.keys(expected)).toHaveLength(11)
    expect(extracts(prod, 'prod')).toEqual(expected)
  }, 600_000)

  it('tags the query history with run and asset', async () => {
    const tags = new Set((await account!.received(database)).map(({ tag }) => tag))
    expect(tags).toContain('assets/1')
    expect(tags).toContain('assets/1/extract_revenue_trend')
  })

  it('writes no secret to any file', () => {
    const holding = readdirSync(prod.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => readFileSync(file).includes('hunter22'))
    expect(holding).toEqual([])
  })

  it('finds everything fresh with three statements per schema and without a virtual warehouse', async () => {
    const before = (await statements()).length
    expect(await prod.show('status')).toContain('61 fresh')
    const asked = await statements(before)
    for (const schema of ['RAW', 'ANALYTICS']) {
      expect(asked.filter((sql) => sql.includes(`"${schema}"`)).length).toBeLessThanOrEqual(3)
    }
    expect(asked.filter((sql) => !/^show |^select cast\(system\$/.test(sql))).toEqual([])
  }, 60_000)

  it('rebuilds only the readers of a new row', async () => {
    await runAt(
      account!.url,
      database,
      "insert into raw.language select * replace (99 as language_id, 'Klingon' as name) from raw.language limit 1",
    )
    const said = await prod.show('materialize')
    const built = [...said.matchAll(/ (?:built|unchanged) +(\w+)/g)].map(([, name]) => name)
    // The view shows the new row, and the language of the film belongs to another asset.
    expect(built).toEqual(['dim_film'])
  }, 300_000)
})

describe.skipIf(account === null || shared === undefined)('the original sample', () => {
  it('writes the same reports on both targets', async () => {
    const source = join(shared!, 'data/dvdrental/csv')
    const { local, prod } = await bothTargets(source, account!.url, newDatabase())
    await local.show('materialize')
    await prod.show('materialize')
    const expected = extracts(local, 'local')
    expect(Object.keys(expected)).toHaveLength(11)
    expect(extracts(prod, 'prod')).toEqual(expected)
    local.remove()
    prod.remove()
  }, 900_000)
})

function extracts(desk: InProcessProject, target: string): Readonly<Record<string, string>> {
  const folder = join(desk.root, 'extracts', target)
  return Object.fromEntries(
    readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
  )
}
