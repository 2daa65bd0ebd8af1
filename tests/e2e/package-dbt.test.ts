import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Content, contentOf } from '../rig/dbt/content.ts'
import { generateProject } from '../rig/dbt/generated-project.ts'
import { PackedPackage } from '../rig/packed.ts'
import { sharedPython } from '../rig/python.ts'

// dbt projects of people who install the package: generated, outside the repository, built by `dbt build` for
// comparison. Their Python is a `.venv` beside the project.

const made = await PackedPackage.make()
const python = await sharedPython()
afterAll(() => made.remove())

describe.skipIf(made.isUnreachable).each([{ seed: 2, models: 16 }])(
  "a dbt project of $models models and the package (needs npm's cache or a registry)",
  ({ seed, models }) => {
    const top = mkdtempSync(join(tmpdir(), 'assets-generated-'))
    const root = join(top, 'shop')
    const project = generateProject(seed, models)
    const assets = (...args: readonly string[]) =>
      made.run(root, join(made.project, 'node_modules/.bin/assets'), ...args)
    const write = (files: Readonly<Record<string, string>>) => {
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, file)), { recursive: true })
        writeFileSync(join(root, file), text)
      }
    }
    /** Everything but the snapshot: that holds what was there before. */
    const content = async (file: string): Promise<Content> => {
      const { 'main.kept': _kept, ...rest } = await contentOf(file)
      return rest
    }
    /** What `dbt build` makes of the project as it is, from nothing. */
    async function builtByDbt(): Promise<Content> {
      const twin = join(top, 'twin')
      cpSync(root, twin, {
        recursive: true,
        filter: (path) => !/\.assets$|shop\.duckdb|\.venv$/.test(path),
      })
      try {
        execFileSync(join(python, 'bin/dbt'), ['build', '--quiet'], { cwd: twin })
        return await content(join(twin, 'shop.duckdb'))
      } finally {
        rmSync(twin, { recursive: true })
      }
    }
    const stale = async () => {
      const { stdout } = await assets('status', '--json')
      const { assets: found } = JSON.parse(stdout) as {
        assets: { name: string; verdict: string }[]
      }
      return found
        .filter(({ verdict }) => verdict !== 'fresh')
        .map(({ name }) => name)
        .sort()
    }

    beforeAll(() => {
      write(project.files)
      symlinkSync(python, join(root, '.venv'))
    })
    afterAll(() => rmSync(top, { recursive: true, force: true }))

    test('four lines are enough, and the warehouse holds what dbt builds', async () => {
      const init = await assets('init')
      expect([init.code, init.stdout]).toEqual([0, expect.stringContaining(project.counts)])
      const listed = (await assets('list')).stdout.trim().split('\n')
      expect(listed.sort()).toEqual(project.assets)
      const built = await assets('materialize')
      expect([built.code, built.stdout]).toEqual([0, expect.stringMatching(/\d+ built/)])
      expect(await stale()).toEqual([])
      expect(await content(join(root, 'shop.duckdb'))).toEqual(await builtByDbt())
    })

    test.each(project.changes)('$what changes: exactly what reads it is built', async (change) => {
      write(change.files)
      expect(await stale()).toEqual(change.builds)
      const built = await assets('materialize')
      expect([built.code, built.stdout]).toEqual([0, expect.any(String)])
      expect(await stale()).toEqual([])
      expect(await content(join(root, 'shop.duckdb'))).toEqual(await builtByDbt())
    })
  },
)
