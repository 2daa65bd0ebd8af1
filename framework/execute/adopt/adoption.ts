import type { AdoptedAsset, LeftToBuild } from '../../model/event.ts'
import type { Observation } from '../../model/observation.ts'
import type { Materialization } from '../../model/record.ts'
import { RecordTable } from '../../model/tables/record-table.ts'
import { contentVersion, type Settled, type Version } from '../../model/version.ts'
import { modeOf, versionBy } from '../../model/version-mode.ts'
import { type Planned, planFor } from '../../plan/plan.ts'
import { NOTHING, type Scope } from '../../plan/scope.ts'
import type { Product } from '../../ports/batch.ts'
import type { Change } from '../../ports/state.ts'
import { decideOne } from '../../staleness/decide-all.ts'
import type { World } from '../../staleness/world.ts'
import { commitBuild } from '../commit.ts'
import { RunState } from '../run-state.ts'
import type { Span } from '../step-times.ts'
import { isUnrecorded } from './candidates.ts'
import type { Claim, Claims } from './claims.ts'

/** What is adopted, and the plan of the rest. */
export interface Adoption {
  readonly planned: Planned
  readonly records: readonly Materialization[]
  /** What writes the records. */
  readonly changes: readonly Change[]
  readonly assets: readonly AdoptedAsset[]
  readonly left: readonly LeftToBuild[]
}

/** What an adoption is made of. */
export interface AdoptionParts {
  readonly world: World
  readonly scope: Scope
  /** The start of the run, for each of its decisions. Milliseconds since the epoch. */
  readonly now: number
  readonly claims: Claims
  /** The contents of the assets to adopt and of what they read, by name. */
  readonly products: ReadonlyMap<string, Product>
  readonly run: number
  readonly span: Span
}

/**
 * Records each claimed asset as a build from what exists now would have (SEMANTICS 43): its content, its code, and the
 * content of its inputs, whether they are adopted, built later in this run, or built by others. From then on, the
 * ordinary rules decide: an input that this run builds and that comes out different makes its reader stale. An
 * asset is left to be built if its content or that of an input is not known, or if it would be stale as soon as it is
 * recorded. Pure.
 */
export function adopt(parts: AdoptionParts): Adoption {
  let claims = parts.claims.claims
  const left = [...parts.claims.left]
  const leave = (asset: string, because: string) => {
    if (claims.get(asset)?.because === 'vouched') left.push({ asset, because })
  }
  for (;;) {
    const { records, changes, unknown } = recordsOf(parts, claims)
    const world = withRecords(parts.world, records, changes, parts.now)
    const planned = planFor(world, parts.scope, parts.now)
    const stale = records.filter(({ asset }) => {
      return planned.decisions.verdicts[world.graph.indexOf(asset)!]!.state === 'stale'
    })
    for (const [asset, because] of unknown) leave(asset, because)
    for (const { asset } of stale) {
      const verdict = planned.decisions.verdicts[world.graph.indexOf(asset)!]!
      leave(asset, verdict.state === 'stale' ? verdict.reasons[0].message : '')
    }
    const dropped = new Set([...unknown.keys(), ...stale.map(({ asset }) => asset)])
    claims = new Map([...claims].filter(([asset]) => !dropped.has(asset)))
    if (stale.length > 0) continue
    const assets = records.map(({ asset, because }): AdoptedAsset => {
      const isView = world.definition(world.graph.indexOf(asset)!)!.form === 'view'
      return { asset, is: isView ? 'view' : 'table', because: because! }
    })
    return { planned, records, changes, assets, left }
  }
}

interface Recorded {
  readonly records: readonly Materialization[]
  readonly changes: readonly Change[]
  /** Why claimed assets are not recorded, by name. */
  readonly unknown: ReadonlyMap<string, string>
}

function recordsOf(parts: AdoptionParts, claims: ReadonlyMap<string, Claim>): Recorded {
  const { world, scope, now, products, run, span } = parts
  // What exists now, as if nothing were built.
  const present = new RunState(planFor(world, NOTHING, now))
  const { inRun } = planFor(world, scope, now).request
  const wanted = new Set(measuredAssets(world, parts.claims))
  const records: Materialization[] = []
  const changes: Change[] = []
  const unknown = new Map<string, string>()
  for (const i of world.graph.order) {
    if (world.graph.isCheck(i)) continue
    const name = world.name(i)
    const product = products.get(name)
    const claim = claims.get(name)
    if (product === undefined && wanted.has(i)) {
      present.settled[i] = UNKNOWN
      if (claim !== undefined) unknown.set(name, 'its content could not be read at one moment')
      continue
    }
    if (product === undefined) {
      const known = { verdicts: present.verdict, settled: present.settled }
      present.settled[i] = decideOne(world, present.request, i, known, null).settled
      continue
    }
    if (claim === undefined) {
      present.settled[i] = settledAsFound(world, i, product)
      continue
    }
    const { record, remember, settled } = commitBuild(present, i, product, run, span)
    present.settled[i] = settled
    const because = whyUnknown(present, i, record, claim, inRun)
    if (because !== null) {
      unknown.set(name, because)
      continue
    }
    const adopted = { ...record, how: 'adopted', because: claim.because } as const
    records.push(adopted)
    changes.push({ change: 'commit', record: adopted }, ...remember)
  }
  return { records, changes, unknown }
}

/** What readers see of an asset that is not claimed: its content as it is, whatever made it. */
function settledAsFound(world: World, i: number, product: Product): Settled {
  const { asset, definition } = world.facts(i)
  const { version: content, token, shape } = product
  const version = versionBy(modeOf(asset, definition!), { content, token, shape }, UNKNOWN, 0)
  return version === null ? UNKNOWN : { state: 'settled', version, shape }
}

const UNKNOWN: Settled = { state: 'unknown' }

/** Why a claimed asset can't be recorded; null if it can. */
function whyUnknown(
  present: RunState,
  i: number,
  record: Materialization,
  claim: Claim,
  inRun: (i: number) => boolean,
): string | null {
  const { world } = present
  for (const input of world.graph.inputs(i)) {
    const isKnown = present.settled[input]!.state === 'settled'
    // Of what is neither built here nor recorded, the next command would not know the content.
    const willBeKnown =
      inRun(input) || world.last(input) !== null || isVirtualOrExternal(world, input)
    if (!isKnown || !willBeKnown) return `the content of ${world.name(input)} is not known`
  }
  if (record.dataVersion === null) return 'its content is not known'
  if (claim.installed !== undefined && claim.installed !== record.installed) {
    return 'it was defined again meanwhile'
  }
  return null
}

function isVirtualOrExternal(world: World, i: number): boolean {
  return world.isExternal(i) || world.definition(i)?.form === 'ephemeral'
}

/** The world as it is once the records are written. */
function withRecords(
  world: World,
  records: readonly Materialization[],
  changes: readonly Change[],
  at: number,
): World {
  if (records.length === 0) return world
  const all = new Map([...world.state.records, ...records.map((one) => [one.asset, one] as const)])
  const remembered = new Map(world.state.remembered)
  for (const change of changes) {
    if (change.change !== 'remember') continue
    const before = remembered.get(change.asset) ?? new Map<string, Version>()
    remembered.set(change.asset, new Map([...before, [change.key, change.version]]))
  }
  const asRecorded: Observation = {
    at,
    found: { state: 'recorded' },
    probe: { answer: 'not_asked' },
  }
  return world
    .withState({ records: RecordTable.from(all), remembered })
    .withObservations(new Map(records.map(({ asset }) => [asset, asRecorded])))
}

/**
 * What is adopted if every content can be read: for a plan, which reads none. Contents have versions that equal no
 * other. Pure.
 */
export function expectedAdoption(
  parts: Omit<AdoptionParts, 'products' | 'run' | 'span'>,
): Adoption {
  const { world, claims, now } = parts
  const products = new Map<string, Product>()
  for (const i of measuredAssets(world, claims)) {
    const name = world.name(i)
    const found = world.facts(i).observation?.found
    if (found?.state !== 'present') continue
    products.set(name, {
      version: contentVersion('unread', name),
      shape: found.shape,
      installed: found.installed,
      rows: null,
      bytes: null,
      token: 'unread',
      source: null,
      reference: null,
    })
  }
  return adopt({ ...parts, products, run: 0, span: { startedAt: now, finishedAt: now } })
}

/** The assets that are claimed, and what they read that was never built. */
export function measuredAssets(world: World, { claims }: Claims): readonly number[] {
  const { graph } = world
  const wanted = new Set<number>()
  const open = [...claims.keys()].map((name) => graph.indexOf(name)!)
  const add = (i: number) => {
    for (const input of graph.inputs(i)) {
      const form = world.definition(input)?.form
      if (form === 'ephemeral') add(input)
      else if (isUnrecorded(world, input)) wanted.add(input)
    }
  }
  for (const i of open) {
    wanted.add(i)
    add(i)
  }
  return [...graph.order].filter((i) => wanted.has(i))
}
