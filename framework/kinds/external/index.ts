import { normalize } from 'node:path'
import { hash } from '../../lib/hash.ts'
import { isUrl } from '../../lib/project-path.ts'
import type { Asset } from '../../model/asset.ts'
import type { Definition } from '../../model/definition.ts'
import type { Found, Observation } from '../../model/observation.ts'
import { ok, type Problem, type Result } from '../../model/problem.ts'
import type { Kind, ObserveRequest } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { filesMatching, isPattern } from '../file-paths.ts'
import { measureFiles, observeFiles } from '../observe-files.ts'
import { measureRelation, observeRelations } from '../observe-relations.ts'

/** The kind `external`: files and relations that other systems build. It observes and never builds them. */
export function createKind(): Kind {
  return {
    name: 'external',
    uses: 'nothing',
    batches: 'apart',
    async define(assets, site) {
      const definitions = new Map<string, Definition>()
      const problems: Problem[] = []
      for (const asset of assets) {
        const spec = specOf(asset, site.target.name)
        if (spec === null) problems.push(invalidSpec(asset))
        else definitions.set(asset.name, definition(asset, spec))
      }
      return { definitions, checks: [], problems, later: null }
    },
    definitionKey: () => 'external',
    async observe(requests, site) {
      const relations = await observeRequested(requests, site)
      const observations = new Map<string, Observation>()
      for (const request of requests) {
        const found =
          request.definition.relation === null
            ? await observeFile(request, site)
            : relationFound(request.asset.name, relations)
        observations.set(request.asset.name, {
          at: site.clock(),
          found,
          probe: { answer: 'not_asked' },
        })
      }
      const problems = relations.ok ? [] : relations.problems
      return ok({ observations, positions: new Map(), problems })
    },
    async measure(subject, site) {
      const spec = specOf(subject.asset, site.target.name)
      if (spec?.path !== undefined) {
        const { files, areNamed } = filesAt(site.root, spec.path)
        return measureFiles(subject.asset, site.root, files, null, { areNamed })
      }
      const warehouse = await site.warehouse()
      return warehouse.ok ? measureRelation(subject, warehouse.value) : warehouse
    },
    async run() {
      throw new Error('an external asset is never built')
    },
    close: async () => {},
    rebuilder: { unverifiable: 'built by another system' },
  }
}

/** Why a URL is unknown: only the warehouse could read it, and it reports no change token. */
const NOT_HERE = 'it is not a file of this machine, so nothing proves that it did not change'

/** Either a file, relative to the project root, or a relation of the warehouse. */
type ExternalSpec =
  | { readonly path: string; readonly relation?: undefined }
  | { readonly relation: string; readonly path?: undefined }

function specOf({ spec }: Asset, target: string): ExternalSpec | null {
  const { path, relation } = spec
  if (typeof path === 'string' && relation === undefined) {
    const own = path.replaceAll('{target}', target)
    return { path: isUrl(own) ? own : normalize(own) }
  }
  return typeof relation === 'string' && path === undefined ? { relation } : null
}

function definition(asset: Asset, spec: ExternalSpec): Definition {
  const version = hash('external', spec.path ?? '', spec.relation ?? '')
  return {
    asset: asset.name,
    kind: 'external',
    form: 'external',
    codeVersion: version,
    parts: [{ label: spec.path === undefined ? 'relation' : 'path', version, file: asset.file }],
    accumulates: 'no',
    relation: spec.relation ?? null,
    outputs: [],
    unit: null,
    dataVersion: 'content',
    onDrift: 'adopt',
    clock: false,
    build: null,
  }
}

/** Observes the requests that have a relation. Opens the warehouse only if there are any. */
async function observeRequested(
  requests: readonly ObserveRequest[],
  site: Site,
): Promise<Result<ReadonlyMap<string, Found>>> {
  const relations = requests.filter(({ definition }) => definition.relation !== null)
  if (relations.length === 0) return ok(new Map())
  const warehouse = await site.warehouse()
  return warehouse.ok ? observeRelations(relations, warehouse.value) : warehouse
}

/** If the warehouse can't be opened, only relations are unreadable; files are still observed. */
function relationFound(asset: string, relations: Result<ReadonlyMap<string, Found>>): Found {
  if (relations.ok) return relations.value.get(asset) ?? { state: 'absent' }
  return { state: 'unreadable', message: relations.problems[0]?.message ?? 'not readable' }
}

async function observeFile({ asset, lastObserved }: ObserveRequest, site: Site): Promise<Found> {
  const spec = specOf(asset, site.target.name)
  if (spec?.path === undefined) throw new Error(`${asset.name} has no path`)
  const { path } = spec
  if (isUrl(path)) return { state: 'unreadable', message: NOT_HERE }
  const { files, areNamed } = filesAt(site.root, path)
  if (files.length === 0) return { state: 'absent' }
  return observeFiles(site.root, files, lastObserved?.present ? lastObserved : null, { areNamed })
}

/** The file at a path, or those that match a pattern. The names of these can be part of the rows. */
function filesAt(root: string, path: string) {
  return isPattern(root, path)
    ? { files: filesMatching(root, path), areNamed: true }
    : { files: [path], areNamed: false }
}

function invalidSpec(asset: Asset): Problem {
  return {
    code: 'external-place',
    message: `${asset.name} needs exactly one of \`path:\` and \`relation:\``,
    at: { file: asset.file, path: ['assets', asset.name], key: true },
    hint: 'set `path: data/prices.csv` or `relation: schema.table`',
    asset: asset.name,
  }
}
