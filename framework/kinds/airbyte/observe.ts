import { type Json, stableJson } from '../../lib/json.ts'
import type { Asset } from '../../model/asset.ts'
import type { Observation, Probe } from '../../model/observation.ts'
import { ok, type Problem, type Result } from '../../model/problem.ts'
import type { Loader, Syncer } from '../../ports/connection.ts'
import type { Observations, ObserveRequest } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { observeRelations } from '../observe-relations.ts'
import { located } from './located.ts'
import { byConnection, streamOf } from './stream.ts'

/**
 * Looks at raw tables in the warehouse and at their streams in the source, side by side. Problems of
 * the result: the warehouse can't be opened. A source that can't be asked, or refuses a stream, is a
 * problem beside the observations, and whether its streams moved is unknown.
 */
export async function observeStreams(
  requests: readonly ObserveRequest[],
  site: Site,
): Promise<Result<Observations>> {
  const warehouse = await site.warehouse()
  if (!warehouse.ok) return warehouse
  const [found, asked] = await Promise.all([
    observeRelations(requests, warehouse.value),
    Promise.all([...byConnection(requests)].map((group) => askSource(group, site))),
  ])
  if (!found.ok) return found
  const answers = new Map(asked.flatMap(({ answers }) => [...answers]))
  const observations = new Map<string, Observation>()
  const positions = new Map<string, Json>()
  const at = site.clock()
  for (const { asset, record } of requests) {
    const there = found.value.get(asset.name)
    const answer = answers.get(asset.name)
    if (there === undefined || answer === undefined) continue
    observations.set(asset.name, { at, found: there, probe: answer.probe })
    const newer = answer.probe.answer === 'unchanged' && record !== null
    if (newer && stableJson(answer.position) !== stableJson(record.source)) {
      positions.set(asset.name, answer.position)
    }
  }
  return ok({ observations, positions, problems: asked.flatMap(({ problems }) => problems) })
}

interface Asked {
  readonly answers: ReadonlyMap<string, { readonly probe: Probe; readonly position: Json }>
  readonly problems: readonly Problem[]
}

/** Asks one connection. Streams that it refuses are told, and the others asked again without them. */
async function askSource(group: readonly ObserveRequest[], site: Site): Promise<Asked> {
  const connection = await site.connection(group[0]!.asset)
  if (!connection.ok) return askLoader(connection, group, site)
  const { value } = connection
  return value.together ? askSyncer(value, group, site) : askLoader(ok(value), group, site)
}

/** A service is asked what it did. Where it can't say, freshness decides as if it had done nothing. */
async function askSyncer(
  syncer: Syncer,
  group: readonly ObserveRequest[],
  site: Site,
): Promise<Asked> {
  const assets = assetsOf(group)
  const { probes, problems } = await syncer.poll(requestsOf(group, site))
  return {
    answers: new Map(
      group.map(({ asset, record }) => [
        asset.name,
        {
          probe: probes.get(asset.name) ?? { answer: 'not_asked' },
          position: record?.source ?? null,
        },
      ]),
    ),
    problems: problems.map((problem) => located(problem, assets.get(problem.asset ?? ''))),
  }
}

async function askLoader(
  connection: Result<Loader>,
  group: readonly ObserveRequest[],
  site: Site,
): Promise<Asked> {
  const asked = connection.ok ? await ask(connection.value, group, site) : connection
  if (asked.ok) return { answers: asked.value, problems: [] }
  const assets = assetsOf(group)
  const problems = asked.problems.map((problem) =>
    located(problem, assets.get(problem.asset ?? '')),
  )
  const refused = new Set(problems.map(({ asset }) => asset))
  const others = group.filter(({ asset }) => !refused.has(asset.name))
  const onlyStreams = problems.every(({ asset }) => asset !== undefined && assets.has(asset))
  const again =
    connection.ok && onlyStreams && others.length > 0
      ? await ask(connection.value, others, site)
      : asked
  const message = (name: string) =>
    (problems.find(({ asset }) => asset === name) ?? problems[0])?.message ??
    'it could not be asked'
  const answers = new Map(
    group.map(({ asset, record }) => [
      asset.name,
      (again.ok ? again.value.get(asset.name) : undefined) ?? {
        probe: { answer: 'unknown', message: message(asset.name) } as const,
        position: record?.source ?? null,
      },
    ]),
  )
  return { answers, problems }
}

function ask(loader: Loader, group: readonly ObserveRequest[], site: Site) {
  return loader.probe(requestsOf(group, site))
}

function requestsOf(group: readonly ObserveRequest[], site: Site) {
  return group.map(({ asset, record }) => ({
    stream: streamOf(asset, site.target),
    recorded: record?.source ?? null,
  }))
}

function assetsOf(group: readonly ObserveRequest[]): ReadonlyMap<string, Asset> {
  return new Map(group.map(({ asset }) => [asset.name, asset]))
}
