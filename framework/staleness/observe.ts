import { hash } from '../lib/hash.ts'
import type { Json } from '../lib/json.ts'
import type { Asset, KindName } from '../model/asset.ts'
import type { CodeVersionTable } from '../model/columns.ts'
import type { DbtFacts } from '../model/dbt-facts.ts'
import type { Check, Definition } from '../model/definition.ts'
import type { Observation } from '../model/observation.ts'
import type { Problem } from '../model/problem.ts'
import type { StateSnapshot } from '../model/record.ts'
import type { Defined, Kind } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import { withWaivers } from './check-waivers.ts'
import { codeVersionTable } from './code-version-table.ts'
import { policyProblems } from './policy-problems.ts'
import { PIN } from './reasons.ts'

/** The kinds by name, made on first use. */
export type Kinds = (name: KindName) => Promise<Kind>

/** What all kinds together say of a project's assets. */
export interface DefinedProject {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly codes: CodeVersionTable
  readonly checks: readonly Check[]
  readonly problems: readonly Problem[]
  readonly later: Defined['later']
  /** The kinds that build all that is ready in one call. */
  readonly together: ReadonlySet<KindName>
  /** Starts in the background what a build of each kind will need soon. */
  warm(): void
  /** What dbt's selection methods look at, by asset and check; empty where dbt was not read. */
  dbt(): ReadonlyMap<string, DbtFacts>
}

/** Asks each kind for its definitions; a `code_version` in YAML then stands for the kind's own. */
export async function define(
  assets: readonly Asset[],
  kinds: Kinds,
  site: Site,
): Promise<DefinedProject> {
  const together = new Set<KindName>()
  const parts = await Promise.all(
    [...byKind(assets)].map(async ([name, group]) => {
      const kind = await kinds(name)
      if (kind.batches === 'together') together.add(name)
      return kind.define(group, site)
    }),
  )
  const later = parts.find((part) => part.later !== null)?.later ?? null
  return withUnfit(joined(parts, assets, together, later), parts, assets)
}

/** Joins what a slow definition gave later to what was known before. */
export function defineMore(
  known: DefinedProject,
  more: Defined,
  assets: readonly Asset[],
): DefinedProject {
  return withUnfit(joined([known, more], assets, known.together, null), [more], assets)
}

/** Adds what the policies ask in vain of those assets that `parts` define. */
function withUnfit(
  project: DefinedProject,
  parts: readonly Defined[],
  assets: readonly Asset[],
): DefinedProject {
  const problems = assets.flatMap((asset) => {
    const isDefined = parts.some((part) => part.definitions.has(asset.name))
    return isDefined ? policyProblems(asset, project.definitions.get(asset.name)!) : []
  })
  return { ...project, problems: [...project.problems, ...problems] }
}

function joined(
  parts: readonly (Defined | DefinedProject)[],
  assets: readonly Asset[],
  together: ReadonlySet<KindName>,
  later: Defined['later'],
): DefinedProject {
  const definitions = new Map<string, Definition>()
  for (const part of parts) {
    for (const [name, definition] of part.definitions) definitions.set(name, definition)
  }
  for (const asset of assets) {
    const pin = asset.policy.codeVersion
    const definition = definitions.get(asset.name)
    if (pin === null || definition === undefined) continue
    definitions.set(asset.name, {
      ...definition,
      codeVersion: hash('pinned', pin),
      parts: [{ label: PIN, version: pin, file: asset.file }],
    })
  }
  return {
    definitions,
    codes: codeVersionTable(assets, definitions),
    checks: withWaivers(
      parts.flatMap((part) => part.checks),
      assets,
    ),
    problems: parts.flatMap((part) => part.problems),
    later,
    together,
    warm: () => {
      for (const part of parts) part.warm?.()
    },
    dbt: () => new Map(parts.flatMap((part) => [...(part.dbt?.() ?? [])])),
  }
}

export interface Observed {
  readonly observations: ReadonlyMap<string, Observation>
  readonly positions: ReadonlyMap<string, Json>
  readonly problems: readonly Problem[]
}

/**
 * Looks at the world: every kind at its assets, side by side. Where a kind could not look, what its
 * assets hold is unknown, and the problem says why. Assets without a definition are left out.
 */
export async function observe(
  assets: readonly Asset[],
  definitions: ReadonlyMap<string, Definition>,
  state: StateSnapshot,
  kinds: Kinds,
  site: Site,
): Promise<Observed> {
  const observations = new Map<string, Observation>()
  const positions = new Map<string, Json>()
  const problems: Problem[] = []
  await Promise.all(
    [...byKind(assets)].map(async ([name, group]) => {
      const requests = group.flatMap((asset) => {
        const definition = definitions.get(asset.name)
        if (definition === undefined) return []
        const record = state.records.get(asset.name) ?? null
        const lastObserved = state.observed.get(asset.name) ?? null
        return [{ asset, definition, record, lastObserved, changeTokens: state.changeTokens }]
      })
      if (requests.length === 0) return
      const answer = await (await kinds(name)).observe(requests, site)
      if (!answer.ok) {
        problems.push(...answer.problems)
        const message = answer.problems[0]?.message ?? 'it could not be looked at'
        for (const { asset } of requests) observations.set(asset.name, unlooked(message, site))
        return
      }
      for (const [asset, observation] of answer.value.observations) {
        observations.set(asset, observation)
      }
      for (const [asset, position] of answer.value.positions) positions.set(asset, position)
      problems.push(...answer.value.problems)
    }),
  )
  return { observations, positions, problems }
}

function unlooked(message: string, site: Site): Observation {
  const probe = { answer: 'not_asked' } as const
  return { at: site.clock(), found: { state: 'unreadable', message }, probe }
}

function byKind(assets: readonly Asset[]): ReadonlyMap<KindName, Asset[]> {
  const groups = new Map<KindName, Asset[]>()
  for (const asset of assets) {
    const group = groups.get(asset.kind)
    if (group === undefined) groups.set(asset.kind, [asset])
    else group.push(asset)
  }
  return groups
}
