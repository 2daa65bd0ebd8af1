import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { declarationsOf } from '../../framework/cli/workspace.ts'
import { loadProject, schema } from '../../framework/config/index.ts'
import { registries } from '../../framework/registries.ts'
import { REPOSITORY } from '../rig/cli.ts'
import { projectFolder } from '../rig/config.ts'
import { fits } from '../rig/json-schema.ts'

type Value = null | boolean | number | string | readonly Value[] | Tree
type Tree = { readonly [key: string]: Value }

const declarations = declarationsOf(registries)
const schemas = await schema(declarations)

const PROJECT: Tree = {
  version: 1,
  project: 'shop',
  default_target: 'local',
  include: ['b.yaml'],
  dbt: { project_dir: 'dbt' },
  targets: {
    local: {
      confirm: false,
      warehouse: { type: 'duckdb', path: 'w.duckdb', threads: 2, memory_limit: '1GB' },
      state: { type: 'sqlite', path: 's.sqlite' },
      connections: {
        shop: { type: 'postgres', embedded: { init: ['a.sql'], settings: { scale: 1 } } },
        other: { type: 'postgres', url: '$' + '{URL}', schema: 'x', sessions: 3 },
      },
    },
    prod: { warehouse: { type: 'duckdb', path: '$' + '{WAREHOUSE:-w}' } },
  },
  jobs: { nightly: { select: '*', exclude: 'a', target: 'prod', schedule: '0 2 * * *' } },
  selectors: {
    daily: 'tag:daily',
    marts: { union: [{ group: 'marts' }, { exclude: ['a', { tag: 'x' }] }] },
    raw: { method: 'kind', value: 'airbyte', children: true, children_depth: 1, exclude: ['b'] },
    both: { definition: { intersection: ['a', { 'config.enabled': true }] }, description: 'x' },
  },
  assets: { in_here: { kind: 'dbt', model: 'x' } },
}

const ASSETS: readonly Tree[] = [
  {
    defaults: { kind: 'airbyte', connection: 'shop', group: 'raw', retries: 1 },
    assets: {
      raw_a: { stream: 'a', sync: 'incremental_dedup', primary_key: ['id'], cursor: 'at' },
      raw_b: { stream: 'b', columns: ['x'], freshness: { max_age: '1h' }, timeout: '2h' },
      other: { kind: 'dbt', deps: [], tags: ['x'] },
    },
  },
  {
    assets: {
      a: { kind: 'dbt', owners: ['x'], tags: { tier: 'gold' }, data_version: 'content' },
      b: { kind: 'external', path: 'x.csv', description: 'x' },
      c: { kind: 'extract', to: 'x.csv', query: 'select 1', order_by: ['x'], format: 'csv' },
      d: { kind: 'command', run: ['make'], outputs: ['x'], env: ['REGION'], on_drift: 'adopt' },
      e: { kind: 'command', run: 'make', freshness: { cron: '0 2 * * *', timezone: 'UTC' } },
    },
  },
  { defaults: { kind: 'dbt', volatile_columns: ['x'] }, assets: { a: null, b: { model: 'y' } } },
]

const own = readdirSync(join(REPOSITORY, 'assets')).filter((file) => file.endsWith('.yaml'))
const OWN = own.map((file) => parse(readFileSync(join(REPOSITORY, 'assets', file), 'utf8')) as Tree)

/** Keys that are valid somewhere, and some that are not. */
const KEYS = [
  ...new Set(JSON.stringify([PROJECT, ASSETS]).match(/"[a-z_]+":/g)),
  '"pool":',
  '"checks":',
  '"colour":',
  '"9x":',
].map((text) => text.slice(1, -2))

const VALUES: readonly Value[] = [
  null,
  true,
  false,
  0,
  1,
  1.5,
  -1,
  1000,
  '',
  'x',
  'x y',
  '1h',
  '0s',
  'dbt',
  'external',
  'airbyte',
  'content',
  'duckdb',
  '0 2 * * *',
  '$' + '{X}',
  [],
  ['x'],
  [1],
  [null],
  ['x', 'y'],
  {},
  { x: 1 },
  { x: 'y' },
  { max_age: '1h' },
  { kind: 'dbt' },
  { kind: 'command', run: 'x' },
  { type: 'duckdb' },
]

type Change =
  | { readonly does: 'drop' }
  | { readonly does: 'rename'; readonly to: string }
  | { readonly does: 'set'; readonly to: Value }
  | { readonly does: 'add'; readonly key: string; readonly to: Value }

const value = fc.constantFrom(...VALUES)
const key = fc.constantFrom(...KEYS)
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.constant<Change>({ does: 'drop' }),
  key.map((to): Change => ({ does: 'rename', to })),
  value.map((to): Change => ({ does: 'set', to })),
  fc.tuple(key, value).map(([added, to]): Change => ({ does: 'add', key: added, to })),
)
const changes = fc.array(fc.tuple(change, fc.nat()), { minLength: 1, maxLength: 3 })

type Path = readonly string[]

function pathsIn(tree: Value, path: Path = []): readonly Path[] {
  if (typeof tree !== 'object' || tree === null) return []
  return Object.entries(tree).flatMap(([part, inner]) => {
    const here = [...path, part]
    return [here, ...pathsIn(inner as Value, here)]
  })
}

/** The tree with one change at one of its paths. */
function changed(tree: Tree, made: Change, place: number): Tree {
  const paths = pathsIn(tree)
  const path = paths[place % paths.length]
  return path === undefined ? tree : (changedAt(tree, path, made) as Tree)
}

function changedAt(tree: Value, [part, ...rest]: Path, made: Change): Value {
  if (part === undefined || typeof tree !== 'object' || tree === null) return tree
  const entries = Object.entries(tree).flatMap(([name, inner]): Entries => {
    if (name !== part) return [[name, inner as Value]]
    if (rest.length > 0) return [[name, changedAt(inner as Value, rest, made)]]
    return changedEntry(name, inner as Value, made)
  })
  return Array.isArray(tree) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries)
}

type Entries = readonly (readonly [string, Value])[]

function changedEntry(name: string, inner: Value, made: Change): Entries {
  switch (made.does) {
    case 'drop':
      return []
    case 'rename':
      return [[made.to, inner]]
    case 'set':
      return [[name, made.to]]
    case 'add':
      return [
        [name, inner],
        [made.key, made.to],
      ]
  }
}

/** Problems that a schema can't detect: most are references by name. */
const BEYOND = new Set([
  'unknown-dependency',
  'duplicate-asset',
  'duplicate-dependency',
  'unknown-target',
  'missing-default-target',
  'invalid-path',
  'include-unreadable',
  'file-missing',
  'cycle',
])

const { defaults } = (schemas.assets as Tree).properties as { defaults: { properties: Tree } }

/** A key of `defaults` that belongs to a kind that the file does not use. A schema can't detect it. */
function isOfAnotherKind(problem: string): boolean {
  const [, key] = /, defaults: unknown key "(\w+)"$/.exec(problem) ?? []
  return key !== undefined && Object.hasOwn(defaults.properties, key)
}

async function validatorProblems(
  files: Readonly<Record<string, Tree>>,
): Promise<readonly string[]> {
  const texts = Object.entries(files).map(([file, tree]) => [file, JSON.stringify(tree)])
  const root = projectFolder({ 'b.yaml': '', ...Object.fromEntries(texts) })
  const loaded = await loadProject({ root, cache: null, build: 'test', declarations })
  const problems = loaded.ok ? [] : loaded.problems
  return problems
    .filter(({ code, message }) => !BEYOND.has(code) && !/ a time zone such as /.test(message))
    .map(({ code, message }) => `${code}: ${message}`)
}

async function agree(
  seeds: readonly Tree[],
  which: 'project' | 'assets',
  files: (tree: Tree) => Readonly<Record<string, Tree>>,
): Promise<void> {
  const seen = { valid: 0, invalid: 0 }
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...seeds), changes, async (seed, made) => {
      const tree = made.reduce((was, [one, place]) => changed(was, one, place), seed)
      const problems = await validatorProblems(files(tree))
      if (problems.some(isOfAnotherKind)) return
      const fitting = fits(tree, schemas[which])
      seen[fitting ? 'valid' : 'invalid'] += 1
      expect({ fitting, problems }).toEqual({
        fitting: problems.length === 0,
        problems: fitting ? [] : problems,
      })
    }),
    { seed: 4, numRuns: Number(process.env.ASSETS_RUNS ?? 1500) },
  )
  // Without enough valid and invalid files the property would prove nothing.
  expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(100)
}

test('assets.yaml: schema and validator accept and reject the same', () =>
  agree([PROJECT], 'project', (tree) => ({ 'assets.yaml': tree })))

test('included files: schema and validator accept and reject the same', () =>
  agree([...ASSETS, ...OWN], 'assets', (tree) => ({
    'assets.yaml': { version: 1, project: 'shop', include: ['a.yaml'], dbt: { project_dir: '.' } },
    'a.yaml': tree,
  })))

test('every key has a description', () => {
  const undescribed: string[] = []
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [name, inner] of Object.entries(node)) {
      const here = `${path}/${name}`
      if (name === 'properties') {
        for (const [property, rule] of Object.entries(inner as Readonly<Record<string, Tree>>)) {
          const meanings = Array.isArray(rule.anyOf) ? (rule.anyOf as readonly Tree[]) : [rule]
          const isDescribed = (one: Tree) => one.description !== undefined
          if (!isDescribed(rule) && !meanings.every(isDescribed))
            undescribed.push(`${here}/${property}`)
        }
      }
      if (name !== 'if') walk(inner, here)
    }
  }
  const { properties, definitions } = schemas.project as Tree
  walk({ properties, definitions }, '')
  expect(undescribed).toEqual([])
})
