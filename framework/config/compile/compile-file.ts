import type { KindName } from '../../model/asset.ts'
import type { Problem } from '../../model/problem.ts'
import { recompileChangedAssets } from '../cache/recompile-changed-assets.ts'
import { hashSplit, isSplitAtAssets, splitByAsset } from '../cache/split-by-asset.ts'
import { textOf, type YamlFile } from '../files/yaml-file.ts'
import type { Declarations } from '../schema/adapter-schemas.ts'
import { describeValue } from '../schema/issue-text.ts'
import { KindSchemas } from '../schema/kind-schemas.ts'
import { type Subject, unknownKey } from '../schema/validate.ts'
import { joinLeftOut, type LeftOut, NOTHING_LEFT_OUT } from '../sound/left-out.ts'
import { parseYaml } from '../yaml/document.ts'
import { readValue } from '../yaml/value.ts'
import { compileAssets } from './compile-assets.ts'
import { compileProjectSection, kindOfUnnamed } from './compile-project-section.ts'
import type { CompiledFile, DeclaredAssets } from './compiled-file.ts'
import { isMapping } from './mapping.ts'

export type CompileResult =
  | { readonly state: 'valid'; readonly compiled: CompiledFile }
  /** The YAML was parsed, and a value in it is wrong. */
  | {
      readonly state: 'invalid'
      readonly declared: DeclaredAssets
      /** The part without problems. */
      readonly sound: CompiledFile
      readonly leftOut: LeftOut
      readonly include: readonly string[]
      readonly unnamed: KindName | null
      readonly problems: readonly Problem[]
    }
  | UnparsedFile

/** A file whose declarations are unknown because it could not be read or parsed. */
export interface UnparsedFile {
  readonly state: 'unparsed'
  /** null if the file could not be read as text. */
  readonly text: string | null
  readonly problems: readonly Problem[]
}

/**
 * Compiles one file. `before`: the compiled file of an earlier text. Then only its changed
 * assets are compiled, if possible.
 */
export type FileCompiler = (
  source: YamlFile,
  role: Role,
  before: CompiledFile | null,
) => Promise<CompileResult>

/** `unnamed`: the kind of an asset without a `kind:`; null if each must have one. */
export type Role = 'project' | { readonly unnamed: KindName | null }

/** A compiler that keeps the schemas it makes from one file to the next. */
export function fileCompiler(declarations: Declarations): FileCompiler {
  const kinds = new KindSchemas(declarations.kinds)
  return async (source, role, before) => {
    const { file } = source
    const text = textOf(source)
    if (!text.ok) return { state: 'unparsed', text: null, problems: text.problems }
    const recompiled =
      before === null || role === 'project'
        ? null
        : await recompileChangedAssets(file, text.value, before, kinds, role.unnamed)
    if (recompiled !== null) return { state: 'valid', compiled: recompiled }
    const document = parseYaml(file, text.value)
    if (!document.ok) return unparsed(text.value, ...document.problems)
    const { value, problems } = readValue(document.value)
    if (value === null && role === 'project') return unparsed(text.value, emptyProject(file))
    if (value !== null && !isMapping(value)) {
      return unparsed(text.value, ...(problems.length > 0 ? problems : [notAMapping(file, value)]))
    }
    const body = value ?? {}
    const section =
      role === 'project'
        ? await compileProjectSection(file, body, declarations)
        : {
            project: null,
            leftOut: NOTHING_LEFT_OUT,
            include: [],
            problems: unknownTopLevelKeys(file, body),
          }
    const unnamed = role === 'project' ? kindOfUnnamed(body) : role.unnamed
    const assets = await compileAssets(file, body, kinds, unnamed)
    const all = [...problems, ...section.problems, ...assets.problems]
    if (all.length > 0) {
      const { include, project } = section
      const sound = { ...assets.compiled, project, split: null }
      const leftOut = joinLeftOut([section.leftOut, assets.leftOut])
      const { declared } = assets
      return { state: 'invalid', declared, sound, leftOut, include, unnamed, problems: all }
    }
    const split = role === 'project' ? null : splitByAsset(text.value)
    const isSplit = split !== null && isSplitAtAssets(split, document.value)
    const compiled = {
      ...assets.compiled,
      project: section.project,
      split: isSplit ? hashSplit(split) : null,
    }
    return { state: 'valid', compiled }
  }
}

function unparsed(text: string, ...problems: readonly Problem[]): UnparsedFile {
  return { state: 'unparsed', text, problems }
}

function emptyProject(file: string): Problem {
  return {
    code: 'empty-project',
    message: `${file} is empty`,
    at: { file, line: 1, column: 1 },
    hint: 'it needs "version: 1" and "project: name"; assets go below "assets:"',
  }
}

function notAMapping(file: string, value: unknown): Problem {
  return {
    code: 'wrong-type',
    message: `${file} must be a mapping, not ${describeValue(value, true)}`,
    at: { file, path: [] },
    hint: 'write "key: value" lines',
  }
}

function unknownTopLevelKeys(
  file: string,
  body: Readonly<Record<string, unknown>>,
): readonly Problem[] {
  const subject: Subject = { name: file, at: { file, path: [] }, mayShowValue: true }
  const known = ['defaults', 'assets']
  return Object.keys(body)
    .filter((key) => !known.includes(key))
    .map((key) => unknownKey(subject, [key], known))
}
