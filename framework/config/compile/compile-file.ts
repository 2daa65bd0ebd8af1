import type { Problem } from '../../model/problem.ts'
import { compileEdited } from '../cache/recompile-changed-assets.ts'
import { cutAtAssets, hashesOf, isTrue } from '../cache/split-by-asset.ts'
import { type Source, textOf } from '../files/yaml-file.ts'
import type { Declarations } from '../schema/adapter-schemas.ts'
import { describe } from '../schema/issue-text.ts'
import { kindSchemas } from '../schema/kind-schemas.ts'
import { type Subject, unknownKey } from '../schema/validate.ts'
import { parseYaml } from '../yaml/document.ts'
import { readValue } from '../yaml/value.ts'
import { compileAssets } from './compile-assets.ts'
import { compileHead } from './compile-project-section.ts'
import type { Declared, Fragment } from './compiled-file.ts'
import { isMapping } from './mapping.ts'

/** What became of one YAML file. */
export type Compiled =
  | { readonly state: 'valid'; readonly fragment: Fragment }
  /** It can be read, and something in it is wrong. */
  | {
      readonly state: 'invalid'
      readonly declared: Declared
      readonly include: readonly string[]
      readonly problems: readonly Problem[]
    }
  | Opaque

/** Nobody knows what it declares; `text` is null when there is not even that. */
export interface Opaque {
  readonly state: 'opaque'
  readonly text: string | null
  readonly problems: readonly Problem[]
}

/** `before`: what the file was compiled to when it had another text, where that is known. */
export type Compiler = (
  source: Source,
  role: 'project' | 'assets',
  before: Fragment | null,
) => Promise<Compiled>

/** Compiles one file after another; what is made of the declarations is kept between them. */
export function compiler(declarations: Declarations): Compiler {
  const schemaOf = kindSchemas(declarations.kinds)
  return async (source, role, before) => {
    const { file } = source
    const text = textOf(source)
    if (!text.ok) return { state: 'opaque', text: null, problems: text.problems }
    const edited =
      before === null || role === 'project'
        ? null
        : await compileEdited(file, text.value, before, schemaOf)
    if (edited !== null) return { state: 'valid', fragment: edited }
    const document = parseYaml(file, text.value)
    if (!document.ok) return { state: 'opaque', text: text.value, problems: document.problems }
    const { value, problems } = readValue(document.value)
    if (value === null && role === 'project') return opaque(text.value, emptyProject(file))
    if (value !== null && !isMapping(value)) {
      return opaque(text.value, ...(problems.length > 0 ? problems : [noMapping(file, value)]))
    }
    const body = value ?? {}
    const head =
      role === 'project'
        ? await compileHead(file, body, declarations)
        : { head: null, include: [], problems: foreignKeys(file, body) }
    const assets = await compileAssets(file, body, schemaOf)
    const all = [...problems, ...head.problems, ...assets.problems]
    if (assets.columns === null || all.length > 0) {
      const { declared } = assets
      return { state: 'invalid', declared, include: head.include, problems: all }
    }
    const cut = role === 'project' ? null : cutAtAssets(text.value)
    const hashes = cut !== null && isTrue(cut, document.value) ? hashesOf(cut) : null
    return { state: 'valid', fragment: { ...assets.columns, head: head.head, cut: hashes } }
  }
}

function opaque(text: string, ...problems: readonly Problem[]): Opaque {
  return { state: 'opaque', text, problems }
}

function emptyProject(file: string): Problem {
  return {
    code: 'empty-project',
    message: `${file} is empty`,
    at: { file, line: 1, column: 1 },
    hint: 'it needs "version: 1" and "project: name"; assets go below "assets:"',
  }
}

function noMapping(file: string, value: unknown): Problem {
  return {
    code: 'wrong-type',
    message: `${file} must be a mapping, not ${describe(value, true)}`,
    at: { file, path: [] },
    hint: 'write "key: value" lines',
  }
}

function foreignKeys(file: string, body: Readonly<Record<string, unknown>>): readonly Problem[] {
  const subject: Subject = { name: file, at: { file, path: [] }, show: true }
  const known = ['defaults', 'assets']
  return Object.keys(body)
    .filter((key) => !known.includes(key))
    .map((key) => unknownKey(subject, [key], known))
}
