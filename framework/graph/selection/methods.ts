import { closest } from '../../lib/did-you-mean.ts'
import { nameGlob, pathGlob } from '../../lib/glob.ts'
import { DBT_METHODS } from './dbt-methods.ts'
import { type Candidate, type Method, matchesAny, optional } from './method.ts'
import { resultWords, STATE_WORDS, sourceStatusWords, stateWords } from './state.ts'

const tag: Method = {
  selects: 'assets',
  needs: 'dbt',
  compile: ({ text, pair }) => {
    if (text === null) return (node) => tagsOf(node).length === 0
    const keyMatches = nameGlob(text)
    const valueMatches = pair === null ? () => true : nameGlob(pair)
    return (node) => tagsOf(node).some(([key, value]) => keyMatches(key) && valueMatches(value))
  },
}

function tagsOf(node: Candidate): readonly (readonly [string, string])[] {
  const fromDbt = (node.dbt()?.tags ?? []).map((text) => {
    const at = text.indexOf('=')
    return at === -1 ? ([text, ''] as const) : ([text.slice(0, at), text.slice(at + 1)] as const)
  })
  return [...Object.entries(node.asset?.tags ?? {}), ...fromDbt]
}

/** A file, or all files below a folder. */
const path: Method = {
  selects: 'assets',
  needs: 'dbt',
  compile: ({ text }) => {
    if (text === null) return (node) => filesOf(node).length === 0
    const matches = pathGlob(text.replace(/^\.\//, '').replace(/\/+$/, ''))
    return (node) => filesOf(node).some((file) => prefixes(file).some(matches))
  },
}

/** `a/b/c.sql`, `a/b` and `a`. */
function prefixes(file: string): readonly string[] {
  const parts = file.split('/')
  return parts.map((_, k) => parts.slice(0, parts.length - k).join('/'))
}

/** The file that declares a node and, for dbt's nodes, the files of its code. */
function filesOf(node: Candidate): readonly string[] {
  const dbt = node.dbt()
  const ofDbt = dbt === null ? [] : [dbt.file, dbt.path]
  return [...optional(node.asset?.file), ...ofDbt, ...optional(dbt?.patchPath)]
}

const file = matchesAny(
  (node) =>
    filesOf(node).flatMap((whole) => {
      const base = whole.slice(whole.lastIndexOf('/') + 1)
      return [base, base.replace(/\.[^.]*$/, '')]
    }),
  { needs: 'dbt' },
)

const tableName = matchesAny(({ definition }) => {
  const relation = definition?.relation
  return relation ? [relation, relation.slice(relation.lastIndexOf('.') + 1)] : []
})

const state = matchesAny((node) => stateWords(node.state()), { needs: 'state', words: STATE_WORDS })

const METHODS: Readonly<Record<string, Method>> = {
  tag,
  kind: matchesAny(({ asset }) => optional(asset?.kind)),
  group: matchesAny((node) => optional(node.asset?.group ?? node.dbt()?.group), { needs: 'dbt' }),
  owner: matchesAny(({ asset }) => asset?.owners ?? []),
  path,
  file,
  table_name: tableName,
  state,
  status: state,
  result: matchesAny((node) => resultWords(node.state()), { needs: 'state', selects: 'both' }),
  source_status: matchesAny((node) => sourceStatusWords(node.state()), {
    needs: 'state',
    words: ['fresher'],
  }),
  ...Object.fromEntries(
    Object.entries(DBT_METHODS).map(([name, method]) => [
      name,
      { ...method, needs: 'dbt' as const },
    ]),
  ),
}

/** Methods that name nodes or selectors instead of comparing. The evaluator implements them. */
const NAMING_METHODS = ['key', 'name', 'selector']

/** Dagster's methods about properties that do not exist here. */
const DAGSTER_ONLY = [
  'automation_type',
  'changed_in_branch',
  'code_location',
  'column',
  'column_tag',
  'is',
  'job',
  'not_materialized_in_hours',
  'partitions',
  'schedule',
  'sensor',
]

/** The method of that name; null for `key`, `name` and `selector`, which compare nothing. */
export function methodOf(name: string): Method | null {
  return Object.hasOwn(METHODS, name) ? METHODS[name]! : null
}

/** The error in a method's name and path; null for none. Only `config` has a path, and it needs one. */
export function methodError(
  name: string,
  path: readonly string[],
): { readonly message: string; readonly hint: string } | null {
  const known = [...NAMING_METHODS, ...Object.keys(METHODS)]
  if (DAGSTER_ONLY.includes(name)) {
    const message = `${name}: is a Dagster method that is not supported`
    return { message, hint: `the methods are ${known.join(', ')}` }
  }
  if (!known.includes(name)) {
    const suggestion = closest(name, known)
    const hint =
      suggestion === null ? `the methods are ${known.join(', ')}` : `did you mean ${suggestion}:?`
    return { message: `unknown selection method ${name}`, hint }
  }
  if (name === 'config' && path.length === 0) {
    return {
      message: 'config: needs the name of a setting',
      hint: 'for example, config.materialized:table',
    }
  }
  if (name !== 'config' && path.length > 0) {
    return { message: `${name}: does not take a path`, hint: `write ${name}:value` }
  }
  return null
}
