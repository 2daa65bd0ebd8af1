import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { Context } from '../../context.ts'
import { openProject, type Workspace } from '../../workspace.ts'

/**
 * A text that changes when a file of the project is edited: its YAML, and what its kinds make definitions from. null: a
 * kind can't tell without making them.
 */
export async function projectToken({
  context,
  workspace,
}: {
  readonly context: Context
  readonly workspace: Workspace
}): Promise<string | null> {
  const opened = await openProject(context)
  if (!opened.ok) return hash(...opened.problems.map((problem) => stableJson(problem)))
  const { assets, ...settings } = opened.value.project
  const parts = [stableJson(settings)]
  for (const { file, hash: content } of assets.arrays.files) parts.push(file, content)
  const names = new Set(assets.kinds())
  for (const [name, { finds }] of Object.entries(context.registries.kinds)) {
    if (finds?.(opened.value.project) === true) names.add(name)
  }
  for (const name of names) {
    const { definitionKey } = await workspace.kinds(name)
    const key = definitionKey?.(workspace.site) ?? null
    if (key === null) return null
    parts.push(name, key)
  }
  return hash(...parts)
}
