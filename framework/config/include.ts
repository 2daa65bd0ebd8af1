import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isGlob, nameGlob } from '../lib/glob.ts'

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
