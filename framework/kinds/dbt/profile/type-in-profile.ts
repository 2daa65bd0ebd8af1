import { readFileSync } from 'node:fs'
import type { Site } from '../../../ports/site.ts'
import { profilesFile } from './profiles-file.ts'

/**
 * The type of the output that a target uses, as far as the text of profiles.yml shows it without dbt: it
 * decides which adapter dbt needs. null if it doesn't. `folder`: that of the dbt project, absolute.
 */
export function typeInProfile(
  folder: string,
  site: Pick<Site, 'env' | 'project' | 'target'>,
): string | null {
  const text = textOf(profilesFile(folder, site.env))
  const { target, profile } = site.project.dbt ?? { target: null, profile: null }
  const stated = profile ?? nameIn(textOf(`${folder}/dbt_project.yml`), 'profile')
  const own = stated === null ? text : blockOf(text, stated)
  const outputs = blockOf(own, 'outputs')
  const names = [target ?? site.target.name, nameIn(own, 'target')]
  for (const name of names) {
    const type = name === null ? null : nameIn(blockOf(outputs, name), 'type')
    if (type !== null) return type
  }
  const types = new Set(
    [...outputs.matchAll(/^\s*type:[ \t]*['"]?(\w+)/gm)].map(([, type]) => type!),
  )
  return types.size === 1 ? [...types][0]! : null
}

/** The plain value of a key on its own line, wherever in a text; null if there is none. */
function nameIn(text: string, key: string): string | null {
  return (
    new RegExp(`^\\s*${key}:[ \\t]*['"]?([\\w-]+)['"]?[ \\t]*(?:#.*)?$`, 'm').exec(text)?.[1] ??
    null
  )
}

/** The lines below a key that are indented more than it; of a flow mapping, its line. Empty if there is no such key. */
function blockOf(text: string, key: string): string {
  const lines = text.split('\n')
  const start = lines.findIndex((line) =>
    /^\s*(?:'([^']+)'|"([^"]+)"|([\w-]+)):/.exec(line)?.slice(1).includes(key),
  )
  if (start < 0) return ''
  const indent = indentOf(lines[start]!)
  const rest = lines.slice(start + 1)
  const end = rest.findIndex(
    (line) => line.trim() !== '' && !line.trim().startsWith('#') && indentOf(line) <= indent,
  )
  const inline = lines[start]!.split('{')[1] ?? ''
  return [...inline.split(/[,}]/), ...rest.slice(0, end < 0 ? rest.length : end)].join('\n')
}

const indentOf = (line: string): number => line.length - line.trimStart().length

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
