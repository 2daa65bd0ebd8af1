import { join } from 'node:path/posix'
import type { DbtFacts, DbtReader } from '../../../model/dbt-facts.ts'
import type { Common, Facts, NodeFacts } from './worker-manifest.ts'

/** What selections may ask of dbt's nodes, tests and sources, by unique_id. */
export type Lore = Readonly<Record<string, DbtFacts>>

/** Works a parsed project down to what selections may ask. `projectDir` is relative to the root. */
export function loreOf(facts: Facts, projectDir: string): Lore {
  const readers = readersOf(facts)
  const common = ({ id, package: name, file, asked }: Omit<Common, 'name' | 'parents'>) => ({
    package: name,
    fqn: asked.fqn,
    path: file,
    file: join(projectDir, facts.packages[name]?.root ?? '', file),
    patchPath: asked.patch,
    tags: asked.tags,
    group: asked.group,
    access: asked.access,
    version: null,
    source: null,
    test: null,
    readBy: readers.get(id) ?? {},
  })
  const lore: Record<string, DbtFacts> = {}
  for (const node of facts.nodes) {
    const { id, resource, config } = node
    lore[id] = { ...common(node), resourceType: resource, config, version: standing(node) }
  }
  for (const source of facts.sources) {
    const { id, config, source: name, table } = source
    lore[id] = { ...common(source), resourceType: 'source', config, source: { name, table } }
  }
  for (const test of facts.tests) {
    const generic = test.arguments as { readonly name?: string } | null
    const kind: DbtFacts['test'] =
      generic === null
        ? { type: 'singular', name: test.name }
        : { type: 'generic', name: generic.name ?? test.name }
    lore[test.id] = { ...common(test), resourceType: 'test', config: test.config, test: kind }
  }
  for (const test of facts.unit_tests) {
    const kind = { type: 'unit', name: test.name } as const
    lore[test.id] = { ...common(test), resourceType: 'unit_test', config: {}, test: kind }
  }
  return lore
}

/** Where a model stands among its versions. Source: dbt-core's `VersionSelectorMethod`. */
function standing({ resource, version, latest, asked }: NodeFacts): DbtFacts['version'] {
  if (resource !== 'model') return null
  if (version === null) return 'none'
  if (latest) return 'latest'
  const [own, newest] = [Number(version), Number(asked.latest_version)]
  const isBeyond = Number.isNaN(own + newest)
    ? String(version) > String(asked.latest_version)
    : own > newest
  return isBeyond ? 'prerelease' : 'old'
}

type ReadBy = Partial<Record<DbtReader, string[]>>

/** What reads each node without being an asset: a metric through its semantic models, too. */
function readersOf({ readers }: Facts): ReadonlyMap<string, ReadBy> {
  const byId = new Map(readers.map((reader) => [reader.id, reader]))
  const found = new Map<string, ReadBy>()
  for (const { id, resource, name } of readers) {
    const open = [id]
    const seen = new Set(open)
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const reader = byId.get(at)
      if (reader === undefined) {
        const known = found.get(at) ?? {}
        known[resource] = [...(known[resource] ?? []), name]
        found.set(at, known)
        continue
      }
      for (const parent of reader.parents) {
        if (seen.has(parent)) continue
        seen.add(parent)
        open.push(parent)
      }
    }
  }
  return found
}
