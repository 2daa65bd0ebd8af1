import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Asset } from '../../model/asset.ts'
import type { ColumnFacts, ColumnSource } from '../../model/columns.ts'
import type { Definition } from '../../model/definition.ts'
import type { Site } from '../../ports/site.ts'
import { extractSpec } from './spec.ts'

/** The columns of extracts of an asset, and where extracts name columns that they read: in their YAML. */
export function columnsInFiles(
  { root, project, target }: Site,
  definitions: ReadonlyMap<string, Definition>,
): ReadonlyMap<string, ColumnFacts> {
  const facts = new Map<string, ColumnFacts>()
  const linesOf = new Map<string, readonly string[] | null>()
  for (const { asset, kind } of definitions.values()) {
    const file = kind === 'extract' ? project.assets.get(asset)?.file : undefined
    if (file === undefined) continue
    if (!linesOf.has(file)) linesOf.set(file, linesIn(join(root, file)))
    const lines = linesOf.get(file) ?? null
    const text = lines === null ? null : ownLines(lines, asset)
    const source = sourceOf(project.assets.get(asset)!, target.name)
    facts.set(asset, { source, text: text === null ? null : { file, text } })
  }
  return facts
}

/** null: the rows are those of a query, or of a relation. */
function sourceOf(asset: Asset, target: string): ColumnSource | null {
  const spec = extractSpec(asset, target)
  if (!spec.ok) return null
  const { columns, origin } = spec.value
  if (columns !== null)
    return { is: 'list', columns: columns.map((name) => ({ name, type: null })) }
  if (origin.is !== 'asset') return null
  return { is: 'query', sql: 'select * from origin', tables: { origin: origin.asset } }
}

function linesIn(path: string): readonly string[] | null {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n') : null
}

/** An indented key. */
const KEY = /^\s+(['"]?)([^'":\s](?:[^'":]*[^'":\s])?)\1\s*:/

/** The YAML file with nothing but the value of the asset, in the lines where it is; null if it is not found. */
function ownLines(lines: readonly string[], asset: string): string | null {
  const start = lines.findIndex((line) => KEY.exec(line)?.[2] === asset)
  if (start < 0) return null
  const indent = (line: string) => line.length - line.trimStart().length
  const rest = lines.slice(start + 1)
  const length = rest.findIndex(
    (line) => line.trim() !== '' && indent(line) <= indent(lines[start]!),
  )
  const end = length < 0 ? lines.length : start + 1 + length
  const own = (line: string, k: number) => (k === start ? line.slice(line.indexOf(':')) : line)
  return lines.map((line, k) => (k < start || k >= end ? '' : own(line, k))).join('\n')
}
