import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sharedPython } from '../rig/python.ts'
import { DBT, pythonFolder, writeProgram } from '../rig/python-folder.ts'
import { SHOP_ASSETS, Shop } from '../rig/shop.ts'

// An environment whose packages have the versions that its folders name, whatever dbt really runs.

let shop: Shop
let environment: string

beforeEach(async () => {
  shop = new Shop('')
  environment = pythonFolder(join(shop.root, 'env'))
  const script = `[ -e '${shop.root}/on-start' ] && . '${shop.root}/on-start'`
  const real = join(await sharedPython(), 'bin/python')
  writeProgram(
    join(environment, 'bin/python'),
    `#!/bin/sh\necho >> '${shop.root}/starts'\n${script}\nexec '${real}' "$@"\n`,
  )
})
afterEach(() => shop.close())

/** What a command needs to define the assets; and how often Python was started until then. */
async function defined(): Promise<string> {
  const command = shop.command(SHOP_ASSETS, { env: { ASSETS_PYTHON_ENV: environment } })
  const { needed, problems } = await command.define()
  expect(problems).toEqual([])
  const starts = join(shop.root, 'starts')
  return `${needed}, ${existsSync(starts) ? readFileSync(starts, 'utf8').length : 0}`
}

const packages = () => join(environment, 'lib/python3.11/site-packages')
const upgrade = (from: string, to: string) =>
  renameSync(join(packages(), `${from}.dist-info`), join(packages(), `${to}.dist-info`))

test('definitions are made again when a package of the environment has another version', async () => {
  expect(await defined()).toBe('parse, 1')
  expect(await defined()).toBe('nothing, 1')
  upgrade('dbt_duckdb-1.11.1', 'dbt_duckdb-1.11.2')
  expect(await defined()).toBe('parse, 2')
  expect(await defined()).toBe('nothing, 2')
})

test('definitions are not kept if the packages changed while dbt made them', async () => {
  expect(DBT).toContain('duckdb-1.5.6')
  const [from, to] = ['duckdb-1.5.6', 'duckdb-1.5.7'].map((name) =>
    join(packages(), `${name}.dist-info`),
  )
  appendFileSync(join(shop.root, 'on-start'), `mv '${from}' '${to}'; rm '${shop.root}/on-start'\n`)
  expect(await defined()).toBe('parse, 1')
  expect(await defined()).toBe('parse, 2')
  expect(await defined()).toBe('nothing, 2')
})
