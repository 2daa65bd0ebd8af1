import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Random } from '../property/random.ts'
import { CliProject } from '../rig/cli.ts'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { sharedPython } from '../rig/python.ts'

// The caches of dbt's project and of the last answer, damaged in every way (SEMANTICS 49e).

const PROJECT: Readonly<Record<string, string>> = {
  'dbt_project.yml': 'name: shop\nversion: 1.0.0\nprofile: shop\n',
  'profiles.yml': 'shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n',
  'assets.yaml': 'version: 1\nproject: shop\ndbt: {project_dir: .}\n',
  'seeds/orders.csv': 'id,amount\n1,10\n2,20\n',
  'models/sales.sql': "select sum(amount) as total from {{ ref('orders') }}",
  'models/shown.sql': "{{ config(materialized='view') }} select total from {{ ref('sales') }}",
}
const FLIPS = 6

let server: ForkServer
let project: CliProject
beforeAll(async () => {
  server = await startForkServer(await sharedPython())
  project = new CliProject({ ASSETS_PYTHON_ENV: server.environment })
  for (const [file, text] of Object.entries(PROJECT)) project.write(file, text)
  await project.run('materialize')
  // Files that changed a moment ago prove nothing, so no answer is kept about them.
  await wait(1_100)
})
afterAll(async () => {
  project.remove()
  await server.stop()
})

const cache = () => project.path('.assets/cache')
const CACHES = ['dbt-local.json', 'status-local-online.json', 'status-local-offline.json']

async function answers(): Promise<readonly string[]> {
  const said: string[] = []
  for (const args of [
    ['status'],
    ['status', '--offline'],
    ['list', 'resource_type:model', '--json'],
  ]) {
    const { stdout, stderr } = await project.start(args).ended
    // A read of dbt's project that takes more than a second is said.
    const told = (stdout + stderr).replaceAll(/^dbt: .* …\n/gm, '')
    said.push(told.replaceAll(/just now|\d+ \w+ ago/g, 'then'))
  }
  return said
}

test('a damaged cache of dbt or of an answer is made again, and changes no answer', async () => {
  await answers()
  const expected = await answers()
  expect(expected[0]).toContain('3 fresh')
  expect(readdirSync(cache())).toEqual(expect.arrayContaining(CACHES))
  const random = new Random(49)
  for (const file of CACHES) {
    const path = join(cache(), file)
    const flips = Array.from({ length: FLIPS }, () => (bytes: Buffer) => {
      const flipped = Buffer.from(bytes)
      flipped[random.below(bytes.length)]! ^= 1 << random.below(8)
      return flipped
    })
    const damages: readonly ((bytes: Buffer) => Buffer | null)[] = [
      () => Buffer.alloc(0),
      (bytes) => bytes.subarray(0, bytes.length / 2),
      (bytes) => Buffer.alloc(bytes.length),
      () => null,
      ...flips,
    ]
    for (const [n, damage] of damages.entries()) {
      const damaged = damage(readFileSync(path))
      rmSync(path)
      if (damaged === null) mkdirSync(join(path, 'in'), { recursive: true })
      else writeFileSync(path, damaged)
      expect(await answers(), `${file}, damage ${n}`).toEqual(expected)
      expect(readFileSync(path).length, `${file}, damage ${n}`).toBeGreaterThan(0)
    }
  }
})
