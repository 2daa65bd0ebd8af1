import { expect, test } from 'vitest'
import { declarationsOf } from '../../../framework/cli/workspace.ts'
import { schema } from '../../../framework/config/index.ts'
import { PATH_RULES, type PathRule } from '../../../framework/lib/project-path.ts'
import { pathField } from '../../../framework/ports/fields.ts'
import { registries } from '../../../framework/registries.ts'

/** Every key of the YAML that holds a path, with its rule. A new one belongs here, and into the README. */
const KEYS: Readonly<Record<string, PathRule>> = {
  include: 'inside',
  to: 'written',
  outputs: 'written',
  code: 'anywhere',
  init: 'anywhere',
  path: 'anywhere',
  private_key_path: 'anywhere',
  project_dir: 'anywhere',
  python: 'anywhere',
  requirements: 'anywhere',
}

/** The rules that the schema of a key, or of its items, states. */
function statedBy(node: unknown): readonly PathRule[] {
  const text = JSON.stringify(node)
  const rules = Object.keys(PATH_RULES) as readonly PathRule[]
  return rules.filter((rule) => text.includes(PATH_RULES[rule]))
}

test('the JSON Schema says of every path which rule it has', async () => {
  const { project } = await schema(declarationsOf(registries))
  const found = new Map<string, Set<string>>()
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const [name, inner] of Object.entries(node)) {
      if (name === 'properties') {
        for (const [key, rule] of Object.entries(inner as object)) {
          const isNested = typeof rule === 'object' && rule !== null && 'properties' in rule
          const stated = isNested ? [] : statedBy(rule)
          if (stated.length > 0) found.set(key, new Set([...(found.get(key) ?? []), ...stated]))
        }
      }
      walk(inner)
    }
  }
  walk(project)
  // What has path keys below it is not one itself.
  const own = [...found].filter(
    ([key]) => !['targets', 'warehouse', 'connections', 'state'].includes(key),
  )
  expect(Object.fromEntries(own.map(([key, rules]) => [key, [...rules].join()]))).toEqual(KEYS)
})

test('a key takes a URL, or the home folder, only if it says so', () => {
  const takes = (path: string, also?: 'url' | 'home') =>
    pathField('anywhere', '', also).safeParse(path).success
  expect(takes('s3://bucket/a.csv', 'url')).toBe(true)
  expect(takes('s3://bucket/a\0.csv', 'url')).toBe(false)
  expect(takes('s3://bucket/a.csv')).toBe(false)
  expect(takes('~/venv', 'home')).toBe(true)
  expect(takes('~/venv')).toBe(false)
})
