import { pathGlob } from '../../lib/glob.ts'
import type { ImportedAsset } from './imported-asset.ts'
import { YamlEdit } from './yaml-edit.ts'

/**
 * The text of `assets.yaml` with `dbt: {models: declared}`, and with an `include:` that covers a file, if there is one.
 * Both are added where they are missing; the rest of the text stays as it is.
 */
export function declareModels(text: string, file: string | null): string {
  const edit = new YamlEdit(text)
  if (edit.get(['dbt', 'models']) !== 'declared') {
    edit.assign(['dbt'], { models: 'declared' }, 'project_dir')
  }
  if (file === null) return edit.toString()
  const patterns = edit.get(['include'])
  if (!Array.isArray(patterns)) edit.assign([], { include: [file] }, 'project')
  else if (!patterns.some((pattern) => covers(String(pattern), file))) edit.add(['include'], file)
  return edit.toString()
}

/** Wildcards of `include:` do not match a leading dot, and neither does a name of ours have one. */
function covers(pattern: string, file: string): boolean {
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  return pathGlob(parts.join('/'))(file)
}

/**
 * The text of a YAML file in which assets of dbt say what `dbt: {models: all}` added to them: the kind, the deps, and
 * what dbt says where the file says nothing. `kind`: that of assets of the file without one.
 */
export function completeAssets(text: string, assets: readonly ImportedAsset[]): string {
  const edit = new YamlEdit(text)
  const usual = edit.get(['defaults', 'kind'])
  for (const { name, kind, deps, keys } of assets) {
    const path = ['assets', name]
    const own = edit.get(path)
    const present = (typeof own === 'object' && own !== null ? own : {}) as Record<string, unknown>
    const known = Array.isArray(present.deps) ? present.deps.map(String) : []
    const more = deps.filter((dep) => !known.includes(dep))
    const lacking = Object.entries(keys).filter(([key]) => !Object.hasOwn(present, key))
    const missing: Readonly<Record<string, unknown>> = {
      ...(present.kind === undefined && usual === undefined ? { kind } : {}),
      ...(more.length === 0 ? {} : { deps: [...known, ...more] }),
      ...Object.fromEntries(lacking),
    }
    const tags = withTags(present.tags, keys.tags)
    const all = tags === null ? missing : { ...missing, tags }
    if (Object.keys(all).length > 0) edit.assign(path, all)
  }
  return edit.toString()
}

/** The tags of both; null if the present ones have all. */
function withTags(present: unknown, more: unknown): unknown {
  if (present === undefined || !Array.isArray(more)) return null
  const labels = more.map(String)
  if (Array.isArray(present)) {
    const lacking = labels.filter((label) => !present.includes(label))
    return lacking.length === 0 ? null : [...present, ...lacking]
  }
  const pairs = typeof present === 'object' && present !== null ? present : {}
  const lacking = labels.filter((label) => !Object.hasOwn(pairs, label))
  const added = lacking.map((label) => [label, ''] as const)
  return lacking.length === 0 ? null : { ...pairs, ...Object.fromEntries(added) }
}
