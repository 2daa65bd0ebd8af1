import type { Json } from '../../lib/json.ts'
import type { DbtFacts } from '../../model/dbt-facts.ts'
import { fqnMatcher } from './fqn.ts'
import {
  type Candidate,
  equalsOrMatches,
  type Method,
  matchesAny,
  matchesParts,
  optional,
} from './method.ts'

/** Sources have no `fqn:`. */
const fqn: Method = {
  selects: ['assets', 'checks', 'readers'],
  selectsCheck: (dbt, { text }) => dbt.fqn.at(-1) === text || dbt.fqn.join('.') === text,
  compile: ({ text }) => {
    const matches = text === null ? () => false : fqnMatcher(text)
    return (node) => {
      const dbt = node.dbt()
      if (dbt === null || dbt.resourceType === 'source') return false
      return matches(dbt.fqn, dbt.version !== null && dbt.version !== 'none')
    }
  },
}

/** dbt calls its own project `this`. */
const packageMethod: Method = {
  selects: ['assets', 'checks', 'readers'],
  selectsCheck: () => false,
  compile: ({ text }) => {
    if (text === 'this') return (node) => node.dbt()?.ofThisProject === true
    if (text === null) return (node) => node.dbt() === null
    const matches = equalsOrMatches(text)
    return (node) => optional(node.dbt()?.package).some(matches)
  },
}

/** The values at a path of dbt's config of a node and, for other kinds, of the asset's keys in YAML. */
function configOf(node: Candidate, path: readonly string[]): readonly (string | boolean)[] {
  const { asset } = node
  return [
    ...valuesAt(path, node.dbt()?.config),
    ...valuesAt(path, asset?.kind === 'dbt' ? {} : asset?.spec),
  ]
}

function valuesAt(path: readonly string[], root: Json | undefined): readonly (string | boolean)[] {
  let value = root
  for (const key of path) {
    if (!isObject(value)) return []
    value = value[key]
  }
  const values: readonly Json[] = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return values
    .filter((item) => typeof item !== 'object')
    .map((item) => (typeof item === 'number' ? String(item) : item))
}

function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Case-sensitive, except for booleans and, as in dbt, a test's severity. */
const config: Method = {
  selects: ['assets', 'checks'],
  compile: ({ text }, path) => {
    if (text === null) return (node) => configOf(node, path).length === 0
    const caseless = path.join('.') === 'severity'
    const matches = equalsOrMatches(caseless ? text.toLowerCase() : text)
    const boolean = text.toLowerCase()
    return (node) =>
      configOf(node, path).some((item) =>
        typeof item === 'boolean'
          ? String(item) === boolean
          : matches(caseless ? item.toLowerCase() : item),
      )
  },
}

const source = matchesParts(
  (node) => {
    const dbt = node.dbt()
    return dbt?.source ? [[dbt.package, dbt.source.name, dbt.source.table]] : []
  },
  [
    { form: 'source', at: 1 },
    { form: 'source.table', at: 1 },
    { form: 'package.source.table', at: 0 },
  ],
  ['assets'],
)

/** `exposure:name` or `exposure:package.name`, and the same of other things that have a package and a name. */
function named(is: (dbt: DbtFacts) => boolean, selects: Method['selects']): Method {
  return matchesParts(
    (node) => {
      const dbt = node.dbt()
      return dbt !== null && is(dbt) ? [[dbt.package, dbt.test?.name ?? dbt.fqn.at(-1)!]] : []
    },
    [
      { form: 'name', at: 1 },
      { form: 'package.name', at: 0 },
    ],
    selects,
  )
}

function isModel(node: Candidate): boolean {
  return node.dbt()?.resourceType === 'model'
}

const reader = (resourceType: string) =>
  named((dbt) => dbt.resourceType === resourceType, ['readers'])

/** What dbt calls its nodes. Source: `NodeType` in dbt-core, without what never is in its graph. */
const RESOURCE_TYPES = [
  ...['model', 'seed', 'snapshot', 'source', 'test', 'unit_test', 'analysis', 'operation'],
  ...['exposure', 'metric', 'semantic_model', 'saved_query', 'function'],
]

/** dbt's older names of test types. Source: `TestTypeSelectorMethod` in dbt-core. */
const TEST_TYPES: Readonly<Record<string, readonly string[]>> = {
  generic: ['generic', 'schema', 'data'],
  singular: ['singular', 'data'],
  unit: ['unit'],
}

/** dbt's methods that compare manifest facts. Source: `graph/selector_methods.py` in dbt-core 1.11. */
export const DBT_METHODS: Readonly<Record<string, Method>> = {
  fqn,
  package: packageMethod,
  config,
  resource_type: matchesAny((node) => optional(node.dbt()?.resourceType), {
    selects: ['assets', 'checks', 'readers'],
    words: RESOURCE_TYPES,
  }),
  access: matchesAny((node) => (isModel(node) ? optional(node.dbt()?.access) : []), {
    words: ['public', 'protected', 'private'],
  }),
  version: matchesAny((node) => optional(node.dbt()?.version), {
    words: ['latest', 'prerelease', 'old', 'none'],
  }),
  source,
  exposure: reader('exposure'),
  metric: reader('metric'),
  semantic_model: reader('semantic_model'),
  saved_query: reader('saved_query'),
  test_name: matchesAny(
    (node) => {
      const test = node.dbt()?.test
      return test?.type === 'singular' ? [] : optional(test?.name)
    },
    { selects: ['checks'] },
  ),
  test_type: matchesAny((node) => TEST_TYPES[node.dbt()?.test?.type ?? ''] ?? [], {
    selects: ['checks'],
    words: [...new Set(Object.values(TEST_TYPES).flat())],
  }),
  unit_test: named((dbt) => dbt.test?.type === 'unit', ['checks']),
}
