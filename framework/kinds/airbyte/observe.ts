import { type Json, stableJson } from '../../lib/json.ts'
import type { Asset } from '../../model/asset.ts'
import type { Observation, Probe } from '../../model/observation.ts'
import { ok, type Problem, type Result } from '../../model/problem.ts'
import type { Loader, Syncer } from '../../ports/connection.ts'
import type { Observations, ObserveRequest } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { observeRelations } from '../observe-relations.ts'
import { locateProblem } from './locate-problem.ts'
import { byConnection, streamOf } from './stream.ts'

/**
 * Observes raw tables in the warehouse and probes their streams, in parallel. Problems: the warehouse
 * can't be opened. A failed probe is a problem among the observations instead; its answer is `unknown`.
 */
export async function observeStreams(
  requests: readonly ObserveRequest[],
  site: Site,
): Promise<Result<Observations>> {
  const warehouse = await site.warehouse()
  if (!warehouse.ok) return warehouse
  const [tables, probed] = await Promise.all([
    observeRelations(requests, warehouse.value),
    Promise.all([...byConnection(requests)].map((group) => observeSource(group, site))),
  ])
  if (!tables.ok) return tables
  const answers = new Map(probed.flatMap(({ answers }) => [...answers]))
  const observations = new Map<string, Observation>()
  const positions = new Map<string, Json>()
  const at = site.clock()
  for (const { asset, record } of requests) {
    const found = tables.value.get(asset.name)
    const answer = answers.get(asset.name)
    if (found === undefined || answer === undefined) continue
    observations.set(asset.name, { at, found, probe: answer.probe })
    const isUnchanged = answer.probe.answer === 'unchanged' && record !== null
    if (isUnchanged && stableJson(answer.position) !== stableJson(record.source)) {
      positions.set(asset.name, answer.position)
    }
  }
  return ok({ observations, positions, problems: probed.flatMap(({ problems }) => problems) })
}

/** The answers of one connection, by asset. */
interface SourceAnswers {
  readonly answers: ReadonlyMap<string, { readonly probe: Probe; readonly position: Json }>
  readonly problems: readonly Problem[]
}

/** Probes the streams of one connection. */
async function observeSource(group: readonly ObserveRequest[], site: Site): Promise<SourceAnswers> {
  const connection = await site.connection(group[0]!.asset)
  if (!connection.ok) return observeLoader(connection, group, site)
  const { value } = connection
  return value.together ? observeSyncer(value, group, site) : observeLoader(ok(value), group, site)
}

/** Polls a service for its own loads. A stream without an answer is decided by freshness alone. */
async function observeSyncer(
  syncer: Syncer,
  group: readonly ObserveRequest[],
  site: Site,
): Promise<SourceAnswers> {
  const assets = assetsOf(group)
  const { probes, problems } = await syncer.probe(requestsOf(group, site))
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
    problems: problems.map((problem) => locateProblem(problem, assets.get(problem.asset ?? ''))),
  }
}

/** Probes a source. If it refuses some streams, it is probed again for the others. */
async function observeLoader(
  connection: Result<Loader>,
  group: readonly ObserveRequest[],
  site: Site,
): Promise<SourceAnswers> {
  const asked = connection.ok ? await probeLoader(connection.value, group, site) : connection
  if (asked.ok) return { answers: asked.value, problems: [] }
  const assets = assetsOf(group)
  const problems = asked.problems.map((problem) =>
    locateProblem(problem, assets.get(problem.asset ?? '')),
  )
  const refused = new Set(problems.map(({ asset }) => asset))
  const others = group.filter(({ asset }) => !refused.has(asset.name))
  const onlyStreams = problems.every(({ asset }) => asset !== undefined && assets.has(asset))
  const again =
    connection.ok && onlyStreams && others.length > 0
      ? await probeLoader(connection.value, others, site)
      : asked
  const message = (name: string) =>
    (problems.find(({ asset }) => asset === name) ?? problems[0])?.message ?? 'the probe failed'
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

function probeLoader(loader: Loader, group: readonly ObserveRequest[], site: Site) {
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
