import { join } from 'node:path/posix'
import type { DbtFacts, DbtReader } from '../../../model/dbt-facts.ts'
import type { CommonFacts, ManifestFacts, NodeFacts } from './worker-manifest.ts'

/** What dbt's selection methods look at, of nodes, tests and sources, by unique_id. */
export type SelectionFacts = Readonly<Record<string, DbtFacts>>

/** The selection facts of a parsed project. `projectDir` is relative to the project root. */
export function selectionFacts(facts: ManifestFacts, projectDir: string): SelectionFacts {
  const readers = readersOf(facts)
  const common = ({
    id,
    package: name,
    file,
    selection,
  }: Omit<CommonFacts, 'name' | 'parents'>) => ({
    package: name,
    fqn: selection.fqn,
    path: file,
    file: join(projectDir, facts.packages[name]?.root ?? '', file),
    patchPath: selection.patch,
    tags: selection.tags,
    group: selection.group,
    access: selection.access,
    version: null,
    source: null,
    test: null,
    readBy: readers.get(id) ?? {},
  })
  const byId: Record<string, DbtFacts> = {}
  for (const node of facts.nodes) {
    const { id, resource, config } = node
    byId[id] = { ...common(node), resourceType: resource, config, version: relativeVersion(node) }
  }
  for (const source of facts.sources) {
    const { id, config, source: name, table } = source
    byId[id] = { ...common(source), resourceType: 'source', config, source: { name, table } }
  }
  for (const test of facts.tests) {
    const generic = test.arguments as { readonly name?: string } | null
    const kind: DbtFacts['test'] =
      generic === null
        ? { type: 'singular', name: test.name }
        : { type: 'generic', name: generic.name ?? test.name }
    byId[test.id] = { ...common(test), resourceType: 'test', config: test.config, test: kind }
  }
  for (const test of facts.unit_tests) {
    const kind = { type: 'unit', name: test.name } as const
    byId[test.id] = { ...common(test), resourceType: 'unit_test', config: {}, test: kind }
  }
  return byId
}

/** How a model's version relates to the latest one. Source: dbt-core's `VersionSelectorMethod`. */
function relativeVersion({ resource, version, latest, selection }: NodeFacts): DbtFacts['version'] {
  if (resource !== 'model') return null
  if (version === null) return 'none'
  if (latest) return 'latest'
  const [own, newest] = [Number(version), Number(selection.latest_version)]
  const isNewer = Number.isNaN(own + newest)
    ? String(version) > String(selection.latest_version)
    : own > newest
  return isNewer ? 'prerelease' : 'old'
}

type ReadBy = Partial<Record<DbtReader, string[]>>

/** The readers of each node that are not assets. A metric reads what its semantic models read. */
function readersOf({ readers }: ManifestFacts): ReadonlyMap<string, ReadBy> {
  const readersById = new Map(readers.map((reader) => [reader.id, reader]))
  const found = new Map<string, ReadBy>()
  for (const { id, resource, name } of readers) {
    const open = [id]
    const seen = new Set(open)
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const reader = readersById.get(at)
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
