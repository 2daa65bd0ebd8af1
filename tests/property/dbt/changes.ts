import type { Random } from '../random.ts'
import {
  both,
  type Change,
  changed,
  isEmpty,
  type ProjectState,
  type SoakProject,
} from './state.ts'
import { SEED_EDITS, TEMPLATE_EDITS, TEXT_EDITS, YAML_EDITS } from './text-edits.ts'

/** Makes a change of a state. Null: nothing there that it could change. */
type Maker = (state: ProjectState, random: Random, project: SoakProject) => Change | null

/** Attempts to find an edit that changes something. */
const ATTEMPTS = 50
const ASSETS = 'a.yaml'

/** One random change, sometimes two at once. `past`: states that the project was in before. */
export function randomChange(
  state: ProjectState,
  random: Random,
  project: SoakProject,
  past: readonly ProjectState[],
): Change {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = anyChange(state, random, project, past)
    if (first === null || isEmpty(first)) continue
    if (!random.chance(0.1)) return first
    const second = anyChange(changed(state, first), random, project, past)
    return second === null ? first : both(state, first, second)
  }
  throw new Error(`${project.name}: no edit changes anything`)
}

function anyChange(
  state: ProjectState,
  random: Random,
  project: SoakProject,
  past: readonly ProjectState[],
): Change | null {
  if (past.length > 0 && random.chance(0.1)) return undone(state, random, past)
  const maker = random.chance(0.7) ? edited : (random.pick(MAKERS) ?? edited)
  return maker(state, random, project)
}

/** A file or all variables as they once were. */
function undone(state: ProjectState, random: Random, past: readonly ProjectState[]): Change | null {
  const then = random.pick(past)!
  const files = Object.keys(then.files).filter((name) => state.files[name] !== then.files[name])
  const file = random.pick(files)
  if (file === undefined || file === ASSETS) return null
  return { label: 'undone', files: { [file]: then.files[file]! }, env: {} }
}

/** An edit of the text of one file. */
const edited: Maker = (state, random) => {
  const file = random.pick(Object.keys(state.files).filter(isEditable))!
  const text = state.files[file]!
  const kind = editsOf(file)
  const [label, edit] = random.pick(kind)!
  const after = edit(text, random, wordsOf(state, file))
  return after === null || after === text ? null : only(`${label} (${kindOf(file)})`, file, after)
}

function isEditable(file: string): boolean {
  return file.startsWith('dbt/') && !/requirements\.txt$|packages\.yml$/.test(file)
}

function kindOf(file: string): string {
  const [, folder = ''] = /^dbt\/(?:dbt_packages\/\w+\/)?(\w+)(?:\/|\.)/.exec(file) ?? []
  return `${folder}${/\.\w+$/.exec(file)?.[0] ?? ''}`
}

function editsOf(file: string) {
  if (file.endsWith('.csv')) return SEED_EDITS
  if (file.endsWith('.yml')) return YAML_EDITS
  return file.endsWith('.md') ? TEXT_EDITS : TEMPLATE_EDITS
}

/** Names that may stand in for each other: those of macros, and the words of the file. */
function wordsOf(state: ProjectState, file: string): readonly string[] {
  return [
    ...macrosOf(state).map(({ name }) => name),
    ...(state.files[file]!.match(/\b[a-z]\w*/g) ?? []),
  ]
}

interface MacroText {
  readonly file: string
  readonly name: string
  readonly text: string
}

const MACRO = /\{%-? *macro +(\w+)[\s\S]*?endmacro *-?%\}\n?/g

function macrosOf(state: ProjectState): readonly MacroText[] {
  return Object.entries(state.files).flatMap(([file, text]) =>
    file.includes('/macros/')
      ? [...text.matchAll(MACRO)].map(([all, name]) => ({ file, name: name!, text: all }))
      : [],
  )
}

function only(label: string, file: string, text: string | null): Change {
  return { label, files: { [file]: text }, env: {} }
}

/** A variable of the environment takes another value, or none. */
const variable: Maker = (state, random, project) => {
  const name = random.pick(Object.keys(project.values))
  if (name === undefined) return null
  const value = random.chance(0.15) ? null : random.pick(project.values[name]!)!
  return state.env[name] === (value ?? undefined)
    ? null
    : { label: 'environment', files: {}, env: { [name]: value } }
}

const addedMacro: Maker = (state, random) => {
  const number = random.below(100)
  const file = `dbt/macros/extra${number}.sql`
  if (file in state.files) return only('removed macro file', file, null)
  return only('added macro', file, `{% macro extra${number}() %}${number}{% endmacro %}\n`)
}

/** A macro of the project, with another number, takes precedence over one that is there. */
const overridden: Maker = (state, random) => {
  const found = random.pick(macrosOf(state))
  if (found === undefined) return null
  const { name, text } = found
  const prefix = random.pick(['', 'default__', 'duckdb__'])!
  const other = `${prefix}${name.replace(/^\w+?__/, '')}`
  const file = `dbt/macros/over_${other}.sql`
  if (file in state.files) return only('removed override', file, null)
  const body = text.replace(`macro ${name}`, `macro ${other}`)
  const after = body.replace(/(?<![\w'])\d+(?!\w)/, (digits) => String(Number(digits) + 1))
  return only('added override', file, after)
}

/** A macro of dbt that a project may replace. */
const BUILT_IN = {
  generate_alias_name:
    '{% macro generate_alias_name(custom_alias_name=none, node=none) -%}{{ custom_alias_name or node.name }}{% if node.version %}_v{{ node.version }}{% endif %}_x{%- endmacro %}\n',
  generate_schema_name:
    '{% macro generate_schema_name(custom_schema_name, node) -%}{{ custom_schema_name or target.schema }}_y{%- endmacro %}\n',
  default__string_literal:
    "{% macro default__string_literal(value) -%}'{{ value }}!'{%- endmacro %}\n",
  get_where_subquery: '{% macro get_where_subquery(relation) -%}{{ relation }}{%- endmacro %}\n',
}

const replacedBuiltIn: Maker = (state, random) => {
  const [name, text] = random.pick(Object.entries(BUILT_IN))!
  const file = `dbt/macros/built_in_${name}.sql`
  if (file in state.files) return only('removed built-in', file, null)
  if (macrosOf(state).some((macro) => macro.name === name)) return null
  return only('replaced built-in', file, text)
}

const removedMacro: Maker = (state, random) => {
  const found = random.pick(macrosOf(state))
  if (found === undefined) return null
  return only(
    'removed macro',
    found.file,
    state.files[found.file]!.replace(found.text, () => ''),
  )
}

/** Two macros trade their bodies. */
const tradedMacros: Maker = (state, random) => {
  const macros = macrosOf(state)
  const [first, second] = [random.pick(macros), random.pick(macros)]
  if (first === undefined || second === undefined || first.name === second.name) return null
  if (first.file !== second.file) return null
  const text = state.files[first.file]!.replaceAll(
    new RegExp(`(?<=macro +)(?:${first.name}|${second.name})\\b`, 'g'),
    (name) => (name === first.name ? second.name : first.name),
  )
  return only('traded macros', first.file, text)
}

/** A macro, or a column, has another name wherever it is named. */
const renamed: Maker = (state, random) => {
  const found = random.pick(macrosOf(state))
  if (found === undefined || found.name.includes('__') || found.name.startsWith('generate_'))
    return null
  const pattern = new RegExp(`(?<![\\w])((?:default|duckdb)__)?${found.name}(?!\\w)`, 'g')
  const files: Record<string, string> = {}
  for (const [file, text] of Object.entries(state.files)) {
    if (!file.startsWith('dbt/')) continue
    const after = text.replaceAll(pattern, (_, prefix = '') => `${prefix}${found.name}x`)
    if (after !== text) files[file] = after
  }
  return { label: 'renamed macro', files, env: {} }
}

/** A model moves to another folder. */
const moved: Maker = (state, random) => {
  const file = random.pick(
    Object.keys(state.files).filter((name) => /^dbt\/models\/.*\.sql$/.test(name)),
  )
  if (file === undefined) return null
  const other = file.includes('/sub/')
    ? file.replace('/sub/', '/')
    : file.replace('dbt/models/', 'dbt/models/sub/')
  return { label: 'moved model', files: { [file]: null, [other]: state.files[file]! }, env: {} }
}

/** A model that nothing reads comes or goes. */
const addedModel: Maker = (state, random) => {
  const name = `extra${random.below(3)}`
  const file = `dbt/models/${name}.sql`
  const line = `  ${name}: {kind: dbt}\n`
  const assets = state.files[ASSETS]!
  return file in state.files
    ? {
        label: 'removed model',
        files: { [file]: null, [ASSETS]: assets.replace(line, '') },
        env: {},
      }
    : {
        label: 'added model',
        files: { [file]: 'select 1 as id\n', [ASSETS]: assets + line },
        env: {},
      }
}

/** White space at the end of a file. */
const endOfFile: Maker = (state, random) => {
  const file = random.pick(Object.keys(state.files).filter(isEditable))!
  const text = state.files[file]!
  return only('end of file', file, text.endsWith('\n') ? text.trimEnd() : `${text}\n\n`)
}

/** `meta`, tags or a description of the whole project. */
const projectConfig: Maker = (state, random) => {
  const file = 'dbt/dbt_project.yml'
  const line = random.pick([
    `models: {+meta: {extra: ${random.below(9)}}}\n`,
    `models: {+tags: [extra${random.below(3)}]}\n`,
    `vars: {extra: ${random.below(9)}}\n`,
  ])!
  const text = state.files[file]!
  const [key = ''] = line.split(' ')
  if (!text.includes(`\n${key} {`)) return only('project config', file, text + line)
  const inner = line.slice(key.length + 2, -2)
  const name = inner.split(':')[0]!
  if (text.includes(name)) return null
  return only('project config', file, text.replace(`\n${key} {`, `\n${key} {${inner}, `))
}

const MAKERS: readonly Maker[] = [
  variable,
  variable,
  variable,
  addedMacro,
  overridden,
  overridden,
  replacedBuiltIn,
  removedMacro,
  tradedMacros,
  renamed,
  moved,
  addedModel,
  endOfFile,
  projectConfig,
]
