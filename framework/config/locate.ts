import type { Location, Pointer } from '../model/location.ts'
import type { Problem } from '../model/problem.ts'
import { readSource, textOf } from './files/yaml-file.ts'
import type { YamlDocument } from './yaml/document.ts'

/** A problem whose pointers are lines and columns of the files as they are now. */
export async function locate(problem: Problem, root: string): Promise<Problem> {
  const [located] = await locateAll([problem], root)
  return located ?? problem
}

/** As `locate`, for many problems. */
export async function locateAll(
  problems: readonly Problem[],
  root: string,
): Promise<readonly Problem[]> {
  if (!problems.some(hasPointer)) return problems
  const location = await locator(root)
  return problems.map((problem) => ({
    ...problem,
    ...(problem.at === undefined ? {} : { at: location(problem.at) }),
    ...(problem.related === undefined
      ? {}
      : { related: problem.related.map((one) => ({ ...one, at: location(one.at) })) }),
  }))
}

/** The location of each pointer. */
export async function locatePointers(
  pointers: readonly Pointer[],
  root: string,
): Promise<readonly Location[]> {
  if (pointers.length === 0) return []
  return pointers.map(await locator(root))
}

/** Reads and parses each file once. In a file that is missing or broken, the location is its start. */
async function locator(root: string): Promise<(at: Location | Pointer) => Location> {
  const { parseYaml } = await import('./yaml/document.ts')
  const { placeOf } = await import('./yaml/place.ts')
  const documents = new Map<string, YamlDocument | null>()

  const open = (file: string): YamlDocument | null => {
    const source = readSource(root, file)
    const text = source.ok ? textOf(source.value) : source
    const document = text.ok ? parseYaml(file, text.value) : text
    return document.ok ? document.value : null
  }
  return (at) => {
    if (!('path' in at)) return at
    if (!documents.has(at.file)) documents.set(at.file, open(at.file))
    const document = documents.get(at.file)
    return document ? placeOf(document, at) : { file: at.file, line: 1, column: 1 }
  }
}

function hasPointer({ at, related = [] }: Problem): boolean {
  return [at, ...related.map((one) => one.at)].some((one) => one !== undefined && 'path' in one)
}
