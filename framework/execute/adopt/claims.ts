import { groupBy } from '../../lib/group-by.ts'
import type { LeftToBuild } from '../../model/event.ts'
import { firstBuildSubject } from '../../model/first-build.ts'
import type { Problem } from '../../model/problem.ts'
import type { AdoptedBecause } from '../../model/record.ts'
import type { Planned } from '../../plan/plan.ts'
import type { Site } from '../../ports/site.ts'
import type { ViewComparison } from '../../ports/warehouse.ts'
import type { Decisions } from '../../staleness/decide-all.ts'
import type { Kinds } from '../../staleness/define.ts'
import type { Request, World } from '../../staleness/world.ts'
import { lookAtUnrecorded, unrecordedAssets, whyBuilt } from './candidates.ts'

/** That an asset is what a build would give now. */
export interface Claim {
  readonly because: AdoptedBecause
  /** The definition of which it was proved: another one at the adoption is another view. */
  readonly installed?: string
}

/** What a command may adopt: facts, gathered before the first decision (law 6). */
export interface Claims {
  /** By name. */
  readonly claims: ReadonlyMap<string, Claim>
  /** What a person vouched for and is built nevertheless. */
  readonly left: readonly LeftToBuild[]
  /** Whether an asset of the run exists and was never built. */
  readonly hasCandidates: boolean
}

export interface Claiming {
  readonly world: World
  readonly claims: Claims
  /** Why definitions could not be compared; the views are then built, or vouched for. */
  readonly problems: readonly Problem[]
}

/**
 * Finds out what may be adopted. A view is proved by its definition, if its kind can compare it. A definition that
 * is another one outweighs a person who vouches: to replace a view costs little. `vouched`: names.
 */
export async function claim(
  { world: before, request, decisions }: Planned,
  vouched: ReadonlySet<string>,
  kinds: Kinds,
  site: Site,
): Promise<Claiming> {
  const world = await lookAtUnrecorded(before, request, kinds, site)
  const candidates = unrecordedAssets(world, request)
  const { compared, problems } = await compareDefinitions(world, candidates, kinds, site)
  const claims = new Map<string, Claim>()
  const left: LeftToBuild[] = []
  for (const i of candidates) {
    const asset = world.name(i)
    const comparison = compared.get(asset)
    if (comparison?.is === 'same') {
      claims.set(asset, { because: 'definition', installed: comparison.installed })
    } else if (comparison?.is === 'other') {
      if (vouched.has(asset))
        left.push({ asset, because: 'its definition in the warehouse is another one' })
    } else if (vouched.has(asset)) {
      const because = whyVouchedTooLate(world, i)
      if (because === null) claims.set(asset, { because: 'vouched' })
      else left.push({ asset, because })
    }
  }
  for (const asset of vouched) {
    const because = whyNotClaimed(world, request, decisions, asset)
    if (because !== null) left.push({ asset, because })
  }
  return { world, claims: { claims, left, hasCandidates: candidates.length > 0 }, problems }
}

/** Why an asset for which a person vouched is no candidate; null if it is one, or if this run does not build it. */
function whyNotClaimed(
  world: World,
  request: Request,
  { verdicts }: Decisions,
  name: string,
): string | null {
  const i = world.graph.indexOf(name)
  if (i === undefined || world.graph.isCheck(i) || !request.inRun(i)) return null
  const form = world.definition(i)?.form
  const isBuilt = verdicts[i]!.state === 'stale' && form !== 'external' && form !== 'ephemeral'
  return isBuilt ? whyBuilt(world, i) : null
}

/**
 * A run that was to build an asset may have built its inputs and stopped before the asset. Who vouches speaks of what
 * existed before. A view holds nothing of its inputs.
 */
function whyVouchedTooLate(world: World, i: number): string | null {
  const run = world.state.changeTokens.get(firstBuildSubject(world.name(i)))
  if (run === undefined || world.definition(i)!.form === 'view') return null
  return `run ${run} was to build it, and may have built its inputs`
}

async function compareDefinitions(
  world: World,
  candidates: readonly number[],
  kinds: Kinds,
  site: Site,
): Promise<{
  readonly compared: ReadonlyMap<string, ViewComparison>
  readonly problems: readonly Problem[]
}> {
  const views = candidates.filter((i) => {
    const { form, relation } = world.definition(i)!
    return form === 'view' && relation !== null
  })
  const compared = new Map<string, ViewComparison>()
  const problems: Problem[] = []
  for (const [name, group] of groupBy(views, (i) => world.kind(i))) {
    const { prover } = await kinds(name)
    if (prover === undefined) continue
    const subjects = group.map((i) => ({ asset: world.asset(i), definition: world.definition(i)! }))
    const answer = await prover.compare(subjects, site)
    if (!answer.ok) problems.push(...answer.problems)
    else for (const [asset, comparison] of answer.value) compared.set(asset, comparison)
  }
  return { compared, problems }
}
