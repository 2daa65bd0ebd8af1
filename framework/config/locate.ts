import type { Location, Pointer } from '../model/location.ts'
import type { Problem } from '../model/problem.ts'
import { readSource, textOf } from './files/yaml-file.ts'
import type { YamlDocument } from './yaml/document.ts'

/** A problem with every pointer in it turned into a line and a column of the file as it is now. */
export async function locate(problem: Problem, root: string): Promise<Problem> {
  const [located] = await locateAll([problem], root)
  return located ?? problem
}

/** As `locate`; each file is read and parsed once. A file that is gone or broken gives its top. */
export async function locateAll(
  problems: readonly Problem[],
  root: string,
): Promise<readonly Problem[]> {
  if (!problems.some(pointsSomewhere)) return problems
  const { parseYaml } = await import('./yaml/document.ts')
  const { placeOf } = await import('./yaml/place.ts')
  const documents = new Map<string, YamlDocument | null>()

  const open = (file: string): YamlDocument | null => {
    const source = readSource(root, file)
    const text = source.ok ? textOf(source.value) : source
    const document = text.ok ? parseYaml(file, text.value) : text
    return document.ok ? document.value : null
  }
  const place = (at: Location | Pointer): Location => {
    if (!('path' in at)) return at
    if (!documents.has(at.file)) documents.set(at.file, open(at.file))
    const document = documents.get(at.file)
    return document ? placeOf(document, at) : { file: at.file, line: 1, column: 1 }
  }
  return problems.map((problem) => ({
    ...problem,
    ...(problem.at === undefined ? {} : { at: place(problem.at) }),
    ...(problem.related === undefined
      ? {}
      : { related: problem.related.map((one) => ({ ...one, at: place(one.at) })) }),
  }))
}

function pointsSomewhere({ at, related = [] }: Problem): boolean {
  return [at, ...related.map((one) => one.at)].some((one) => one !== undefined && 'path' in one)
}
