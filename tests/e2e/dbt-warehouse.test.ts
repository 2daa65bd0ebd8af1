import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BASE, modelFiles, profile, WAREHOUSE } from '../rig/dbt/edits.ts'
import { DbtFolder } from '../rig/dbt/folder.ts'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { sharedPython } from '../rig/python.ts'

const PROFILES = 'dbt/profiles.yml'
const PATH = /path: .*/

let server: ForkServer
beforeAll(async () => {
  server = await startForkServer(await sharedPython())
})
afterAll(() => server.stop())

/** Runs `use` in a project of one model, with these lines for the path in profiles.yml. */
async function withPath(path: string, use: (folder: DbtFolder) => Promise<void>): Promise<void> {
  const folder = new DbtFolder(server.environment)
  try {
    const profiles = profile('threads: 2').replace(PATH, path)
    folder.write({ ...BASE, ...modelFiles({ m: [[], 'select 1 as id'] }), [PROFILES]: profiles })
    await use(folder)
  } finally {
    folder.remove()
  }
}

test('a profile that leads to another file is refused before anything is built', async () => {
  await withPath('path: other.duckdb', async (folder) => {
    for (const command of ['check', 'status', 'materialize']) {
      const { code, stderr, stdout } = await folder.run([command])
      expect(code).toBe(2)
      expect(stderr + stdout).toContain(
        `dbt/profiles.yml:6:7  error  dbt would build in another warehouse: its profile has path other.duckdb, target local has`,
      )
    }
    expect(existsSync(join(folder.root, 'dbt/other.duckdb'))).toBe(false)
    folder.write({ [PROFILES]: profile('threads: 2') })
    expect((await folder.run(['materialize'])).code).toBe(0)
  })
})

test('a profile without a path is refused: dbt would build in memory', async () => {
  await withPath('threads: 1', async (folder) => {
    folder.write({ [PROFILES]: profile('').replace(PATH, 'threads: 1') })
    const { code, stderr } = await folder.run(['materialize'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('its profile has path :memory:')])
  })
})

test('a path in the profile that is the same file is not refused', async () => {
  await withPath(`path: ../.assets/../${WAREHOUSE}`, async (folder) => {
    const { code, stderr } = await folder.run(['materialize'])
    expect([code, stderr]).toEqual([0, expect.any(String)])
  })
})

test('a token that follows the path is not shown', async () => {
  await withPath(`path: "md:shop?motherduck_token=abc123"`, async (folder) => {
    const { code, stderr } = await folder.run(['check'])
    expect(code).toBe(2)
    expect(stderr).not.toContain('abc123')
  })
})
