import type { Json } from '../../lib/json.ts'
import type { DbtReader } from '../../model/dbt-facts.ts'
import { matchesFqn } from './fqn.ts'
import { type Method, matchesAny, optional, type ReadTexts } from './method.ts'

const fqn: Method = {
  selects: 'assets',
  compile: ({ text }) => {
    return (node) => {
      const dbt = node.dbt()
      if (dbt === null || text === null) return false
      return matchesFqn(text, dbt.fqn, dbt.version !== null && dbt.version !== 'none')
    }
  },
}

/** dbt's config of a node; for other kinds, the keys of the asset in YAML. */
const readConfig: ReadTexts = (node, path) => {
  let value: Json | undefined = node.dbt()?.config ?? node.asset?.spec
  for (const key of path) {
    if (!isObject(value)) return []
    value = value[key]
  }
  const values: readonly Json[] = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return values.filter((item) => typeof item !== 'object').map(String)
}

function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Case-sensitive, except for booleans and, as in dbt, a test's severity. */
const config: Method = {
  ...matchesAny(readConfig),
  selects: 'both',
  compile: (value, path) => {
    const { text } = value
    const caseless = path.join('.') === 'severity' || text === null || /^(true|false)$/i.test(text)
    if (!caseless) return matchesAny(readConfig).compile(value, path)
    const lowered = { ...value, text: text?.toLowerCase() ?? null }
    const read: ReadTexts = (node) => readConfig(node, path).map((item) => item.toLowerCase())
    return matchesAny(read).compile(lowered, path)
  },
}

/** `source:name`, `source:name.table`, `source:package.name.table`. */
const source = matchesAny((node) => {
  const dbt = node.dbt()
  if (!dbt?.source) return []
  const { name, table } = dbt.source
  return [name, `${name}.${table}`, `${dbt.package}.${name}.${table}`]
})

/**
 * `exposure:name` or `exposure:package.name`. An exposure is not a node, so this selects its direct
 * inputs. As in dbt, `+exposure:name` selects all its ancestors.
 */
const readBy = (reader: DbtReader) =>
  matchesAny((node) =>
    (node.dbt()?.readBy[reader] ?? []).flatMap((qualified) => [
      qualified,
      qualified.slice(qualified.indexOf('.') + 1),
    ]),
  )

/** dbt's methods that compare manifest facts. Source: docs.getdbt.com, node selection, methods. */
export const DBT_METHODS: Readonly<Record<string, Method>> = {
  fqn,
  package: matchesAny((node) => optional(node.dbt()?.package)),
  config,
  resource_type: matchesAny((node) => optional(node.dbt()?.resourceType), { selects: 'both' }),
  access: matchesAny((node) => optional(node.dbt()?.access)),
  version: matchesAny((node) => optional(node.dbt()?.version), {
    words: ['latest', 'prerelease', 'old', 'none'],
  }),
  source,
  exposure: readBy('exposure'),
  metric: readBy('metric'),
  semantic_model: readBy('semantic_model'),
  saved_query: readBy('saved_query'),
  test_name: matchesAny((node) => optional(node.dbt()?.test?.name), { selects: 'checks' }),
  test_type: matchesAny((node) => optional(node.dbt()?.test?.type), {
    selects: 'checks',
    words: ['generic', 'singular', 'unit'],
  }),
  unit_test: matchesAny((node) => (node.dbt()?.test?.type === 'unit' ? [node.name] : []), {
    selects: 'checks',
  }),
}
