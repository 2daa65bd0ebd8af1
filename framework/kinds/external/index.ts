import { normalize } from 'node:path'
import { hash } from '../../lib/hash.ts'
import type { Asset } from '../../model/asset.ts'
import type { Definition } from '../../model/definition.ts'
import type { Found, Observation } from '../../model/observation.ts'
import { ok, type Problem, type Result } from '../../model/problem.ts'
import type { Kind, ObserveRequest } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { findFiles, measureFiles } from '../observe-files.ts'
import { measureRelation, observeRelations } from '../observe-relations.ts'

/** Externals: files and relations that somebody else makes. They are looked at, never built. */
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
        if (spec === null) problems.push(noPlace(asset))
        else definitions.set(asset.name, definition(asset, spec))
      }
      return { definitions, checks: [], problems, later: null }
    },
    async observe(requests, site) {
      const relations = await findRelations(requests, site)
      const observations = new Map<string, Observation>()
      for (const request of requests) {
        const found =
          request.definition.relation === null
            ? await findFile(request, site)
            : inWarehouse(request.asset.name, relations)
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
        return measureFiles(subject.asset, site.root, [spec.path], null)
      }
      const warehouse = await site.warehouse()
      return warehouse.ok ? measureRelation(subject, warehouse.value) : warehouse
    },
    async run() {
      throw new Error('an external asset is never built')
    },
    close: async () => {},
    rebuilder: { unverifiable: 'built by somebody else' },
  }
}

/** Where it is: a file, relative to the project root, or a relation of the warehouse. */
type Place =
  | { readonly path: string; readonly relation?: undefined }
  | { readonly relation: string; readonly path?: undefined }

function specOf({ spec }: Asset, target: string): Place | null {
  const { path, relation } = spec
  if (typeof path === 'string' && relation === undefined) {
    return { path: normalize(path.replaceAll('{target}', target)) }
  }
  return typeof relation === 'string' && path === undefined ? { relation } : null
}

function definition(asset: Asset, place: Place): Definition {
  const version = hash('external', place.path ?? '', place.relation ?? '')
  return {
    asset: asset.name,
    kind: 'external',
    form: 'external',
    codeVersion: version,
    parts: [{ label: place.path === undefined ? 'relation' : 'path', version, file: asset.file }],
    accumulates: 'no',
    relation: place.relation ?? null,
    outputs: [],
    unit: null,
    dataVersion: 'content',
    onDrift: 'adopt',
    clock: false,
    build: null,
  }
}

async function findRelations(
  requests: readonly ObserveRequest[],
  site: Site,
): Promise<Result<ReadonlyMap<string, Found>>> {
  const wanted = requests.filter(({ definition }) => definition.relation !== null)
  if (wanted.length === 0) return ok(new Map())
  const warehouse = await site.warehouse()
  return warehouse.ok ? observeRelations(wanted, warehouse.value) : warehouse
}

/** A warehouse that can't be opened hides its relations, and none of the files. */
function inWarehouse(asset: string, relations: Result<ReadonlyMap<string, Found>>): Found {
  if (relations.ok) return relations.value.get(asset) ?? { state: 'absent' }
  return { state: 'unreadable', message: relations.problems[0]?.message ?? 'not readable' }
}

async function findFile({ asset, lastObserved }: ObserveRequest, site: Site): Promise<Found> {
  const place = specOf(asset, site.target.name)
  if (place?.path === undefined) throw new Error(`${asset.name} is no file`)
  return findFiles(site.root, [place.path], lastObserved?.present ? lastObserved : null)
}

function noPlace(asset: Asset): Problem {
  return {
    code: 'external-place',
    message: `${asset.name} needs either the path of a file or a relation of the warehouse`,
    at: { file: asset.file, path: ['assets', asset.name], key: true },
    hint: 'write `path: data/prices.csv` or `relation: schema.table`',
    asset: asset.name,
  }
}
