import { normalize } from 'node:path/posix'
import { closest } from '../../lib/did-you-mean.ts'
import { pathGlob } from '../../lib/glob.ts'
import { trimEndOf } from '../../lib/trim-end.ts'
import type { DbtFacts } from '../../model/dbt-facts.ts'
import { relationParts } from '../../model/relation-name.ts'
import { DBT_METHODS } from './dbt-methods.ts'
import { type Candidate, equalsOrMatches, type Method, matchesAny, optional } from './method.ts'
import { RESULT_WORDS, resultWords, STATE_WORDS, sourceStatusWords, stateWords } from './state.ts'

const tag: Method = {
  selects: ['assets', 'checks', 'readers'],
  needs: 'dbt',
  texts: (node) => tagsOf(node).map(({ whole }) => whole),
  compile: ({ text, pair }) => {
    if (text === null) return (node) => tagsOf(node).length === 0
    const keyMatches = equalsOrMatches(text)
    const valueMatches = pair === null ? () => true : equalsOrMatches(pair)
    return (node) =>
      tagsOf(node).some(
        ({ whole, key, value }) =>
          (pair === null && keyMatches(whole)) || (keyMatches(key) && valueMatches(value)),
      )
  },
}

interface Tag {
  /** `tier=gold`, or `nightly` if it has no value. */
  readonly whole: string
  readonly key: string
  readonly value: string
}

/** The tags in YAML and in dbt. dbt knows no values: there, `tier=gold` is just a name. */
function tagsOf(node: Candidate): readonly Tag[] {
  const own = Object.entries(node.asset?.tags ?? {}).map(([key, value]) => ({
    whole: value === '' ? key : `${key}=${value}`,
    key,
    value,
  }))
  const fromDbt = (node.dbt()?.tags ?? []).map((whole) => {
    const at = whole.indexOf('=')
    return at === -1
      ? { whole, key: whole, value: '' }
      : { whole, key: whole.slice(0, at), value: whole.slice(at + 1) }
  })
  return [...own, ...fromDbt]
}

/** A check that shares its file with others, a YAML file of dbt, is not selected by that. */
const hasOwnFile: Method['selectsCheck'] = ({ test }) => test?.type === 'singular'

/** A file, or all files below a folder. */
const path: Method = {
  selects: ['assets', 'checks', 'readers'],
  selectsCheck: hasOwnFile,
  needs: 'dbt',
  compile: ({ text }) => {
    if (text === null) return (node) => pathsOf(node).length === 0
    const wanted = trimEndOf(normalize(text), /\//)
    if (wanted === '.') return (node) => pathsOf(node).length > 0
    const matches = pathGlob(wanted)
    return (node) => pathsOf(node).some(matches)
  },
  texts: filesOf,
}

/** The files that declare a node, relative to the project root. */
function filesOf(node: Candidate): readonly string[] {
  const dbt = node.dbt()
  const own = optional(node.asset?.file)
  return dbt === null ? own : [...own, dbt.file, ...patchOf(dbt)]
}

/** The YAML file of dbt that describes a node, relative to the project root. */
function patchOf({ file, path, patchPath }: DbtFacts): readonly string[] {
  const folder = file.slice(0, file.length - path.length)
  return optional(patchPath).map((patch) => folder + patch)
}

/**
 * The files that declare a node, with their folders: the asset's YAML file and, in dbt, the file of the node,
 * relative to the project root and to dbt's project. The YAML file that describes a node counts, its folders
 * do not. Source: `PathSelectorMethod` in dbt-core.
 */
function pathsOf(node: Candidate): readonly string[] {
  const own = optional(node.asset?.file).flatMap(prefixes)
  const dbt = node.dbt()
  if (dbt === null) return own
  const { file, path, patchPath, pathsInProject } = dbt
  const inProject = pathsInProject ?? [...prefixes(path), ...optional(patchPath)]
  return [...own, ...prefixes(file), ...patchOf(dbt), ...inProject]
}

/** `a/b/c.sql`, `a/b` and `a`. */
function prefixes(file: string): readonly string[] {
  const parts = file.split('/')
  return parts.map((_, k) => parts.slice(0, parts.length - k).join('/'))
}

/** By its name, with or without its extension. As in dbt, a YAML file that describes it does not count. */
const file = matchesAny(
  (node) => fileNames(node).flatMap((name) => [name, name.replace(/\.[^.]*$/, '')]),
  {
    needs: 'dbt',
    selects: ['assets', 'checks', 'readers'],
    selectsCheck: hasOwnFile,
    texts: (node) => fileNames(node),
  },
)

const fileNames = (node: Candidate): readonly string[] =>
  [...optional(node.asset?.file), ...optional(node.dbt()?.path)].map((whole) =>
    whole.slice(whole.lastIndexOf('/') + 1),
  )

const tableName = matchesAny(
  ({ definition }) => {
    const relation = definition?.relation
    return relation ? [relation, relationParts(relation).name] : []
  },
  { texts: ({ definition }) => optional(definition?.relation) },
)

const state = matchesAny((node) => stateWords(node.state()), { needs: 'state', words: STATE_WORDS })

const METHODS: Readonly<Record<string, Method>> = {
  tag,
  kind: matchesAny(({ asset }) => optional(asset?.kind)),
  group: matchesAny((node) => [...optional(node.asset?.group), ...optional(node.dbt()?.group)], {
    needs: 'dbt',
    selects: ['assets', 'checks', 'readers'],
  }),
  owner: matchesAny(({ asset }) => asset?.owners ?? []),
  path,
  file,
  table_name: tableName,
  state,
  status: state,
  result: matchesAny((node) => resultWords(node.state()), {
    needs: 'state',
    selects: ['assets', 'checks'],
    words: RESULT_WORDS,
  }),
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
  if (path.includes('')) {
    return { message: 'config: has an empty part', hint: 'for example, config.meta.owner:ann' }
  }
  return null
}
