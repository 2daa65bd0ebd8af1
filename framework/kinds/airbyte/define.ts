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

/** How old a raw table may get where the source can't be asked and nobody said. */
const DEFAULT_FRESHNESS: Freshness = { maxAge: 3_600_000 }

/**
 * Definitions of raw tables. Problems: a connection that can't be made in this target (once for all
 * its streams), incremental_dedup without a key.
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
      problems.push(keyMissing(asset))
    }
    if (connection) definitions.set(asset.name, definitionOf(asset, stream, connection))
  }
  return { definitions, checks: [], problems, later: null }
}

/** Pure. A connection that serves all its streams in one call keeps what was synced by itself. */
export function definitionOf(
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
    // A load by somebody else is taken through the connection, which can say that it happened.
    onDrift: 'rebuild',
    readsSource: true,
    clock: false,
    build: null,
    ...(together ? { freshness: DEFAULT_FRESHNESS } : {}),
  }
}

/** What makes the table's content out of the source's: never a URL, so it is equal in all targets. */
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

function keyMissing(asset: Asset): Problem {
  return {
    code: 'missing-primary-key',
    message: `${asset.name}: incremental_dedup keeps one row for each key, and no key is declared`,
    at: { file: asset.file, path: ['assets', asset.name, 'sync'] },
    hint: 'add primary_key: [column], or take sync: full_refresh',
    asset: asset.name,
  }
}
