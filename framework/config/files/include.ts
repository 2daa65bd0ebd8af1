import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isGlob, nameGlob } from '../../lib/glob.ts'
import type { Pointer } from '../../model/location.ts'
import { fail, ok, type Result } from '../../model/problem.ts'

/** A file that a pattern of `include:` names; `at` is the pattern. */
export interface Included {
  readonly file: string
  readonly at: Pointer
}

/**
 * The files that `include:` of the project file names, each once and in the order of the patterns.
 * Problems, at the pattern: `include-unreadable`.
 */
export function* included(
  root: string,
  projectFile: string,
  patterns: readonly string[],
): Generator<Result<Included>> {
  const seen = new Set([projectFile])
  for (const [index, pattern] of patterns.entries()) {
    const at = { file: projectFile, path: ['include', index] }
    const files = filesOrFault(root, pattern)
    if (typeof files === 'string') {
      const message = `${projectFile} includes ${JSON.stringify(pattern)}, which ${files}`
      const hint = 'paths count from the folder of the project file'
      yield fail({ code: 'include-unreadable', message, at, hint })
      continue
    }
    for (const file of files) {
      if (seen.has(file)) continue
      seen.add(file)
      yield ok({ file, at })
    }
  }
}

/** The files that a pattern names, or a sentence part about why there are none. */
function filesOrFault(root: string, pattern: string): readonly string[] | string {
  try {
    const files = includedFiles(root, pattern)
    return files.length > 0 ? files : 'matches no file'
  } catch (error) {
    return `can't be read: ${(error as Error).message}`
  }
}

/**
 * The files under `root` that a pattern of `include:` names, relative to it and sorted. A part of
 * the pattern is matched as a shell matches file names, `**` stands for any folders between, and a
 * name that starts with a dot matches only a part that does. A pattern without wildcards is taken
 * as it stands, whether the file exists or not. Throws the file system's error when a folder can't
 * be listed.
 */
export function includedFiles(root: string, pattern: string): readonly string[] {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  const last = parts.pop() ?? ''
  const folders = parts.reduce((found, part) => foldersIn(root, found, part), [''])
  const files = isGlob(last)
    ? folders.flatMap((folder) => matching(root, folder, last, (entry) => !entry.isDirectory()))
    : folders.map((folder) => under(folder, last))
  return [...new Set(files)].sort()
}

function foldersIn(root: string, folders: readonly string[], part: string): string[] {
  if (part === '**') return folders.flatMap((folder) => [folder, ...descendants(root, folder)])
  if (!isGlob(part)) return folders.map((folder) => under(folder, part))
  return folders.flatMap((folder) => matching(root, folder, part, (entry) => !entry.isFile()))
}

/** Links to folders are not followed, so that a link to a parent can't go round for ever. */
function descendants(root: string, folder: string): string[] {
  const children = matching(root, folder, '*', (entry) => entry.isDirectory())
  return children.flatMap((child) => [child, ...descendants(root, child)])
}

function matching(
  root: string,
  folder: string,
  part: string,
  wanted: (entry: Dirent) => boolean,
): string[] {
  const matches = nameGlob(part)
  const hidden = part.startsWith('.')
  return list(join(root, folder))
    .filter((entry) => (hidden || !entry.name.startsWith('.')) && matches(entry.name))
    .filter(wanted)
    .map((entry) => under(folder, entry.name))
}

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}

const under = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`)
