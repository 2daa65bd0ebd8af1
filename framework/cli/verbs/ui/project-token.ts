import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { Context } from '../../context.ts'
import { openProject, type Workspace } from '../../workspace.ts'

export interface ProjectToken {
  /** Changes when the YAML is edited, or a file that kinds make definitions from. */
  readonly text: string
  /** false: a kind can't tell without making its definitions. */
  readonly isWhole: boolean
}

/** What changes with the files of the project. */
export async function projectToken({
  context,
  workspace,
}: {
  readonly context: Context
  readonly workspace: Workspace
}): Promise<ProjectToken> {
  const opened = await openProject(context)
  if (!opened.ok) {
    const problems = opened.problems.map((problem) => stableJson(problem))
    return { text: hash(...problems), isWhole: true }
  }
  const { assets, ...settings } = opened.value.project
  const parts = [stableJson(settings)]
  for (const { file, hash: content } of assets.arrays.files) parts.push(file, content)
  const names = new Set(assets.kinds())
  for (const [name, { finds }] of Object.entries(context.registries.kinds)) {
    if (finds?.(opened.value.project) === true) names.add(name)
  }
  let isWhole = true
  for (const name of names) {
    const { definitionKey } = await workspace.kinds(name)
    const key = definitionKey?.(workspace.site) ?? null
    if (key === null) isWhole = false
    else parts.push(name, key)
  }
  return { text: hash(...parts), isWhole }
}
