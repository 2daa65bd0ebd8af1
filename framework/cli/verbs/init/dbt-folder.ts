import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileStats } from '../../../lib/file-stats.ts'

/** A dbt project that a folder holds already. */
export interface DbtFolder {
  /** The folder of dbt_project.yml, relative to the project root: `.`, or a folder in it. */
  readonly dir: string
  /** The name in dbt_project.yml; null if it has none. */
  readonly name: string | null
}

const FILE = 'dbt_project.yml'

/** The dbt project in a folder, or in the only one of its folders that has one; null if there is none. */
export function dbtFolderIn(root: string): DbtFolder | null {
  if (existsSync(join(root, FILE))) return { dir: '.', name: nameIn(join(root, FILE)) }
  const inside = foldersIn(root).filter((folder) => existsSync(join(root, folder, FILE)))
  const [dir] = inside
  return dir === undefined || inside.length > 1
    ? null
    : { dir, name: nameIn(join(root, dir, FILE)) }
}

function foldersIn(root: string): readonly string[] {
  if (!fileStats(root)?.isDirectory()) return []
  const entries = readdirSync(root, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

function nameIn(file: string): string | null {
  const found = /^name\s*:\s*(['"]?)([\w-]+)\1\s*(?:#.*)?$/m.exec(readFileSync(file, 'utf8'))
  return found?.[2] ?? null
}
