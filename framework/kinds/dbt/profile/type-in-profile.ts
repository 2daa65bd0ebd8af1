import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isStated } from '../../../model/project.ts'
import type { Site } from '../../../ports/site.ts'
import { profilesFile } from './profiles-file.ts'

/**
 * The type of a target's warehouse, which decides the adapter that dbt needs: as stated, else as `typeInProfile` says.
 * null if neither does.
 */
export function warehouseTypeOf(
  site: Pick<Site, 'env' | 'project' | 'target' | 'root'>,
): string | null {
  const { warehouse } = site.target
  if (isStated(warehouse)) return warehouse.type
  const { dbt } = site.project
  return dbt === null ? null : typeInProfile(resolve(site.root, dbt.projectDir), site)
}

/**
 * The type of the output that a target uses, as far as the text of profiles.yml shows it without dbt: it
 * decides which adapter dbt needs. null if it doesn't. `folder`: that of the dbt project, absolute.
 */
export function typeInProfile(
  folder: string,
  site: Pick<Site, 'env' | 'project' | 'target'>,
): string | null {
  const { target, profile } = site.project.dbt ?? { target: null, profile: null }
  const text = inBlocks(textOf(profilesFile(folder, site.env)))
  const name = profile ?? plainValueOf(textOf(join(folder, 'dbt_project.yml')), 'profile')
  const own = name === null ? text : blockOf(text, name)
  const outputs = blockOf(own, 'outputs')
  for (const output of [target ?? site.target.name, plainValueOf(own, 'target')]) {
    const type = output === null ? null : plainValueOf(blockOf(outputs, output), 'type')
    if (type !== null) return type
  }
  const types = new Set([...outputs.matchAll(TYPE)].map(([, type]) => type!))
  return types.size === 1 ? [...types][0]! : null
}

/** No real profile is longer or deeper. dbt itself reads what this leaves out. */
const LONGEST = 1_000_000
const DEEPEST = 50

const TYPE = /^[^\S\n]*type:[ \t]*['"]?(\w+)/gm

/** The plain value of a key on a line of its own; null if there is none. */
function plainValueOf(text: string, key: string): string | null {
  const line = new RegExp(`^[^\\S\\n]*${key}:[ \\t]*['"]?([\\w-]+)['"]?[ \\t]*(?:#.*)?$`, 'm')
  return line.exec(text)?.[1] ?? null
}

/** The lines below a key that are indented more than it; empty if there is no such key. */
function blockOf(text: string, key: string): string {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line))
  const start = lines.findIndex((line) => /^\s*['"]?([\w-]+)['"]?:/.exec(line)?.[1] === key)
  if (start < 0) return ''
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => indentOf(line) <= indentOf(lines[start]!))
  return rest.slice(0, end < 0 ? rest.length : end).join('\n')
}

const indentOf = (line: string): number => line.length - line.trimStart().length

/** YAML with each key of a `{a: b}` on a line of its own, indented more than the line with the brace. */
function inBlocks(text: string): string {
  let depth = 0
  return text
    .split('\n')
    .map((line) => {
      const indent = Math.min(indentOf(line), DEEPEST)
      return line.replaceAll(/"[^"]*"|'[^']*'|[{},]/g, (part) => {
        if (part === '{') depth = Math.min(depth + 1, DEEPEST)
        else if (part === '}') depth = Math.max(0, depth - 1)
        else if (part !== ',' || depth === 0) return part
        return `\n${' '.repeat(indent + 2 * depth)}`
      })
    })
    .join('\n')
}

function textOf(file: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    return text.length > LONGEST ? '' : text
  } catch {
    return ''
  }
}
