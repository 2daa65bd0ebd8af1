import { hash } from '../../lib/hash.ts'
import { type Json, stableJson } from '../../lib/json.ts'
import type { Asset, Freshness } from '../../model/asset.ts'
import type { CodePart, Definition } from '../../model/definition.ts'
import type { Problem } from '../../model/problem.ts'
import type { Stream } from '../../model/stream.ts'
import type { Connection } from '../../ports/connection.ts'
import type { Defined } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { connectionOf, streamOf } from './stream.ts'

/** For connections that cannot probe their source, unless the asset sets `freshness`. */
const DEFAULT_FRESHNESS: Freshness = { maxAge: 3_600_000 }

/**
 * Defines raw tables. Problems: the connection cannot be created in this target (once for all its
 * streams); incremental_dedup without a primary key.
 */
export async function defineStreams(assets: readonly Asset[], site: Site): Promise<Defined> {
  const definitions = new Map<string, Definition>()
  const problems: Problem[] = []
  const connections = new Map<string, Connection | null>()
  for (const asset of assets) {
    const name = connectionOf(asset)
    if (!connections.has(name)) {
      const made = await site.connection(asset)
      if (!made.ok) problems.push(...made.problems)
      connections.set(name, made.ok ? made.value : null)
    }
    const connection = connections.get(name)
    const stream = streamOf(asset, site.target)
    if (stream.sync === 'incremental_dedup' && stream.primaryKey.length === 0) {
      problems.push(primaryKeyMissing(asset))
    }
    if (connection) definitions.set(asset.name, definitionOf(asset, stream, connection))
  }
  return { definitions, checks: [], problems, later: null }
}

/**
 * The definition of one raw table. A connection that loads all streams together (`together`) keeps the
 * position of incremental streams itself, so they need no cursor here. Pure.
 */
function definitionOf(
  asset: Asset,
  stream: Stream,
  { together }: Pick<Connection, 'together'>,
): Definition {
  const parts = codeParts(asset, stream)
  const incremental = stream.sync !== 'full_refresh' && (stream.cursor !== null || together)
  return {
    asset: asset.name,
    kind: 'airbyte',
    form: 'stored',
    codeVersion: hash('airbyte', ...parts.flatMap(({ label, version }) => [label, version])),
    parts,
    accumulates: incremental ? 'incremental' : 'no',
    relation: stream.relation,
    outputs: [],
    unit: together ? `connection ${connectionOf(asset)}` : null,
    dataVersion: 'content',
    // The connection reports loads by others as a source change, so drift is a manual edit.
    onDrift: 'rebuild',
    readsSource: true,
    clock: false,
    build: null,
    ...(together ? { freshness: DEFAULT_FRESHNESS } : {}),
    ...(incremental && !together && stream.cursor !== null ? { cursor: stream.cursor } : {}),
  }
}

/** Everything that defines the table's content. No URL is included, so all targets get the same hash. */
function codeParts({ file }: Asset, stream: Stream): readonly CodePart[] {
  const ingredients: readonly (readonly [string, Json])[] = [
    ['stream', stream.stream],
    ['namespace', stream.namespace],
    ['sync', stream.sync],
    ['primary_key', stream.primaryKey],
    ['cursor', stream.cursor],
    ['columns', stream.columns],
    ['exclude', [...stream.exclude].sort()],
  ]
  return ingredients.map(([label, value]) => ({ label, version: hash(stableJson(value)), file }))
}

function primaryKeyMissing(asset: Asset): Problem {
  return {
    code: 'missing-primary-key',
    message: `${asset.name}: incremental_dedup requires a primary_key`,
    at: { file: asset.file, path: ['assets', asset.name, 'sync'] },
    hint: 'add primary_key: [column], or set sync: full_refresh',
    asset: asset.name,
  }
}
