import { type Dirent, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { isGlob, nameGlob } from '../../lib/glob.ts'
import { type KnownFolders, linkFault } from '../../lib/real-place.ts'
import type { Pointer } from '../../model/location.ts'
import { pathProblem } from '../../model/path-problem.ts'
import { fail, ok, type Result } from '../../model/problem.ts'

/** A file that matches a pattern of `include:`; `at` points at the pattern. */
export interface IncludedFile {
  readonly file: string
  readonly at: Pointer
}

/**
 * The files that `include:` of the project file names, without duplicates and in the order of the
 * patterns. `isShared`: the links of the project may lead anywhere. Problems, at the pattern: `include-unreadable`;
 * `invalid-path` for a file that a link puts outside.
 */
export function* includedFiles(
  root: string,
  projectFile: string,
  patterns: readonly string[],
  isShared: boolean,
): Generator<Result<IncludedFile>> {
  const seen = new Set([projectFile])
  const known: KnownFolders = new Map()
  for (const [index, pattern] of patterns.entries()) {
    const at = { file: projectFile, path: ['include', index] }
    const files = filesOrReason(root, posix.normalize(pattern))
    if (typeof files === 'string') {
      const message = `${projectFile} includes ${JSON.stringify(pattern)}, which ${files}`
      const hint = 'paths are relative to the folder of assets.yaml'
      yield fail({ code: 'include-unreadable', message, at, hint })
      continue
    }
    for (const file of files) {
      if (seen.has(file)) continue
      seen.add(file)
      const fault = isShared ? null : linkFault(root, file, 'inside', known)
      if (fault === null) yield ok({ file, at })
      else yield fail(pathProblem(fault, `${projectFile} includes ${file}, which`, at))
    }
  }
}

/** The files that match a pattern; or the reason for none, to follow "which" in a message. */
function filesOrReason(root: string, pattern: string): readonly string[] | string {
  try {
    const files = filesMatching(root, pattern)
    return files.length > 0 ? files : 'matches no file'
  } catch (error) {
    return `can't be read: ${(error as Error).message}`
  }
}

/**
 * The files under `root` that match a pattern of `include:`, relative to `root` and sorted. Each part
 * of the pattern matches file names as in a shell: `**` matches any number of folders, and wildcards
 * don't match a leading dot. A pattern without wildcards is the path itself; the file may not exist.
 * Throws the file system's error if a folder can't be listed.
 */
function filesMatching(root: string, pattern: string): readonly string[] {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  const last = parts.pop() ?? ''
  const folders = parts.reduce((found, part) => foldersIn(root, found, part), [''])
  const files = isGlob(last)
    ? folders.flatMap((folder) => matching(root, folder, last, (entry) => !entry.isDirectory()))
    : folders.map((folder) => joinPath(folder, last))
  return [...new Set(files)].sort()
}

function foldersIn(root: string, folders: readonly string[], part: string): string[] {
  if (part === '**') return folders.flatMap((folder) => [folder, ...descendants(root, folder)])
  if (!isGlob(part)) return folders.map((folder) => joinPath(folder, part))
  return folders.flatMap((folder) => matching(root, folder, part, (entry) => !entry.isFile()))
}

/** Does not follow links to folders: a link to a parent would never end. */
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
    .map((entry) => joinPath(folder, entry.name))
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

const joinPath = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`)
