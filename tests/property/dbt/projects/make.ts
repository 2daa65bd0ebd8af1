import { assetsFile, BASE } from '../../../rig/dbt/edits.ts'
import type { SoakProject } from '../state.ts'

/** A project of the generator. `deps`: the assets and what they read. */
export function soakProject(
  name: string,
  deps: Readonly<Record<string, readonly string[]>>,
  files: Readonly<Record<string, string>>,
  more: Partial<SoakProject> = {},
): SoakProject {
  const { values = {} } = more
  const env = Object.entries(values).map(([variable, all]) => [variable, all[0]!])
  return {
    name,
    files: { ...BASE, 'a.yaml': assetsFile(deps), ...files },
    env: Object.fromEntries(env),
    values,
    deps,
    models: {},
    accumulating: {},
    custom: [],
    ...more,
  }
}
