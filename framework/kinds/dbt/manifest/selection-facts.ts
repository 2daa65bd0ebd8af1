import { join } from 'node:path/posix'
import type { DbtFacts, DbtGraph, DbtReader } from '../../../model/dbt-facts.ts'
import type { CommonFacts, ManifestFacts, NodeFacts } from './worker-manifest.ts'

/** What dbt's selection methods look at. Both are by unique_id. */
export interface SelectionFacts {
  /** Of nodes, tests, sources and readers. */
  readonly byId: Readonly<Record<string, DbtFacts>>
  /** What exposures, metrics, semantic models and saved queries read: nodes and each other. */
  readonly readerParents: Readonly<Record<string, readonly string[]>>
}

/** The selection facts of a parsed project. `projectDir` is relative to the project root. */
export function selectionFacts(facts: ManifestFacts, projectDir: string): SelectionFacts {
  const known = pathsOfProject(facts)
  const common = ({ package: name, file, selection }: Located) => ({
    package: name,
    ofThisProject: name === facts.project,
    fqn: selection.fqn,
    path: file,
    file: join(projectDir, facts.packages[name]?.root ?? '', file),
    patchPath: selection.patch,
    pathsInProject:
      name === facts.project
        ? null
        : [...prefixes(file), ...(selection.patch === null ? [] : [selection.patch])].filter(
            (path) => known.has(path),
          ),
    tags: selection.tags,
    group: selection.group,
    access: selection.access,
    config: {},
    version: null,
    source: null,
    test: null,
  })
  const byId: Record<string, DbtFacts> = {}
  for (const node of facts.nodes) {
    const { id, resource, config } = node
    byId[id] = { ...common(node), resourceType: resource, config, version: relativeVersion(node) }
  }
  for (const source of facts.sources) {
    const { id, config, source: name, table } = source
    byId[id] = {
      ...common(source),
      resourceType: 'source',
      config,
      source: { name, table },
    }
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
    byId[test.id] = { ...common(test), resourceType: 'unit_test', test: kind }
  }
  for (const reader of facts.readers) {
    // dbt's `group:` looks at nodes and metrics.
    const group = reader.resource === 'metric' ? reader.selection.group : null
    byId[reader.id] = { ...common(reader), resourceType: reader.resource, group }
  }
  const readerParents = Object.fromEntries(facts.readers.map(({ id, parents }) => [id, parents]))
  return { byId, readerParents }
}

type Located = Pick<CommonFacts, 'package' | 'file' | 'selection'>

/** The files of the project's own nodes, and their folders. */
function pathsOfProject(facts: ManifestFacts): ReadonlySet<string> {
  const { nodes, tests, unit_tests, sources, readers } = facts
  const all: readonly Located[] = [...nodes, ...tests, ...unit_tests, ...sources, ...readers]
  const own = all.filter((one) => one.package === facts.project)
  return new Set(
    own.flatMap(({ file, selection }) => [
      ...prefixes(file),
      ...(selection.patch === null ? [] : [selection.patch]),
    ]),
  )
}

/** `a/b/c.sql`, `a/b` and `a`. */
function prefixes(file: string): readonly string[] {
  const parts = file.split('/')
  return parts.map((_, k) => parts.slice(0, parts.length - k).join('/'))
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

/** The facts by the names of assets and checks. `named`: names and their unique_ids. */
export function dbtGraphOf(
  { byId, readerParents }: SelectionFacts,
  named: readonly (readonly [name: string, id: string])[],
): DbtGraph {
  const nodes = new Map<string, DbtFacts[]>()
  const names = new Map<string, string>()
  for (const [name, id] of named) {
    const facts = byId[id]
    if (facts === undefined) continue
    names.set(id, name)
    const known = nodes.get(name)
    if (known === undefined) nodes.set(name, [facts])
    else known.push(facts)
  }
  const readers = new Map<string, DbtReader>()
  for (const [id, parents] of Object.entries(readerParents)) {
    readers.set(id, {
      facts: byId[id]!,
      assets: parents.flatMap((parent) => names.get(parent) ?? []),
      readers: parents.filter((parent) => Object.hasOwn(readerParents, parent)),
    })
  }
  return { nodes, readers }
}
