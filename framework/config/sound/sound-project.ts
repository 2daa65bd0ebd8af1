import type { Project } from '../../model/project.ts'
import { AssetTable, type FileRange } from '../../model/tables/asset-table.ts'
import { assetsOf, type CompiledFile } from '../compile/compiled-file.ts'
import { joinLeftOut, type LeftOut } from './left-out.ts'

/** The sound part of a file; null if it could not be parsed. */
export interface SoundPart {
  readonly compiled: CompiledFile | null
  readonly leftOut: LeftOut
}

/** What is sound of a project with mistakes, so that more mistakes are found in one go. */
export interface SoundProject {
  readonly project: Project
  readonly leftOut: LeftOut
}

/** `parts`: of `assets.yaml` and the files that it includes. null if `assets.yaml` could not be parsed. */
export function soundProject(parts: readonly SoundPart[]): SoundProject | null {
  const section = parts[0]?.compiled?.project
  if (section == null) return null
  const compiled = parts.flatMap((part) => part.compiled ?? [])
  const names = new Set<string>()
  const ranges: FileRange[] = []
  const assets = compiled.flatMap((one) => {
    // The first of two assets with one name counts.
    const own = assetsOf(one).filter(({ name }) => !names.has(name) && names.add(name))
    const from = ranges.at(-1)?.to ?? 0
    ranges.push({ file: one.file, hash: '', from, to: from + own.length })
    return own
  })
  return {
    project: {
      ...section.settings,
      // No build of the tool, so no cache takes it for the project.
      assets: AssetTable.of(assets, { build: '', files: ranges }),
      files: compiled.map(({ file }) => file),
    },
    leftOut: joinLeftOut(parts.map(({ leftOut }) => leftOut)),
  }
}
