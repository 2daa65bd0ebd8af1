import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ColumnFacts } from '../../model/columns.ts'
import type { Definition } from '../../model/definition.ts'
import type { Site } from '../../ports/site.ts'

/** Where extracts name columns that they read: in their YAML. */
export function columnsInFiles(
  { root, project }: Site,
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
    facts.set(asset, { source: null, text: text === null ? null : { file, text } })
  }
  return facts
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
