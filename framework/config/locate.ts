import type { Location, Pointer } from '../model/location.ts'
import type { Problem } from '../model/problem.ts'
import { readYamlFile, textOf } from './files/yaml-file.ts'
import type { YamlDocument } from './yaml/document.ts'

/** The problem with its pointers replaced by locations in the current text of the files. */
export async function locate(problem: Problem, root: string): Promise<Problem> {
  const [located] = await locateAll([problem], root)
  return located ?? problem
}

/** Like `locate`, for many problems. */
export async function locateAll(
  problems: readonly Problem[],
  root: string,
): Promise<readonly Problem[]> {
  if (!problems.some(hasPointer)) return problems
  const locationOf = await locationFinder(root)
  return problems.map((problem) => ({
    ...problem,
    ...(problem.at === undefined ? {} : { at: locationOf(problem.at) }),
    ...(problem.related === undefined
      ? {}
      : { related: problem.related.map((one) => ({ ...one, at: locationOf(one.at) })) }),
  }))
}

/** The location of each pointer. */
export async function locatePointers(
  pointers: readonly Pointer[],
  root: string,
): Promise<readonly Location[]> {
  if (pointers.length === 0) return []
  return pointers.map(await locationFinder(root))
}

/**
 * Finds the locations of pointers and parses each file once. In a file that is missing or has a syntax
 * error, the location is the start.
 */
async function locationFinder(root: string): Promise<(at: Location | Pointer) => Location> {
  const { parseYaml } = await import('./yaml/document.ts')
  const { pointerLocation } = await import('./yaml/pointer-location.ts')
  const documents = new Map<string, YamlDocument | null>()

  const parse = (file: string): YamlDocument | null => {
    const read = readYamlFile(root, file)
    if (read.state !== 'read') return null
    const text = textOf(read.value)
    const document = text.ok ? parseYaml(file, text.value) : text
    return document.ok ? document.value : null
  }
  return (at) => {
    if (!('path' in at)) return at
    if (!documents.has(at.file)) documents.set(at.file, parse(at.file))
    const document = documents.get(at.file)
    return document ? pointerLocation(document, at) : { file: at.file, line: 1, column: 1 }
  }
}

function hasPointer({ at, related = [] }: Problem): boolean {
  return [at, ...related.map((one) => one.at)].some((one) => one !== undefined && 'path' in one)
}
