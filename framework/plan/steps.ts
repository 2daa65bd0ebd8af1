import type { Action, PlanStep } from '../model/step.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Decisions } from '../staleness/decide-all.ts'
import { isAdopted, isFullBuild } from '../staleness/full-refresh.ts'
import type { Request, World } from '../staleness/world.ts'
import { ExpectedBatches } from './expected-batches.ts'

/** What a command does: plain data, in topological order. */
export interface Plan {
  /** Certain (`stale`) and possible (`pending`) steps. */
  readonly steps: readonly PlanStep[]
  /** Fresh assets of the run. */
  readonly fresh: readonly string[]
  /** Fresh views that are replaced if the columns or relations below them change in this run. */
  readonly mayReplace: readonly string[]
  /**
   * Checks that read an asset that is neither fresh nor in the run. They run only if that asset turns
   * out to be fresh.
   */
  readonly waiting: readonly { readonly check: string; readonly on: readonly string[] }[]
  /** Externals that don't exist or can't be read: this run can't build them. */
  readonly absent: readonly string[]
}

/** Turns verdicts into steps. Pure. */
export function planSteps(world: World, request: Request, decisions: Decisions): Plan {
  const { graph } = world
  const steps: PlanStep[] = []
  const fresh: string[] = []
  const mayReplace: string[] = []
  const waiting: { check: string; on: readonly string[] }[] = []
  const absent: string[] = []
  const batches = new ExpectedBatches(world)
  const replaceable = replaceableViews(world, request, decisions)
  for (const i of graph.order) {
    if (!request.inRun(i)) continue
    const name = world.name(i)
    const verdict = decisions.verdicts[i]!
    switch (verdict.state) {
      case 'fresh':
      case 'building':
        if (!graph.isCheck(i)) fresh.push(name)
        if (replaceable[i] === 1 && world.definition(i)?.form === 'view') mayReplace.push(name)
        batches.pass(i)
        continue
      case 'waiting':
        waiting.push({ check: name, on: verdict.on })
        continue
      case 'stale':
      case 'pending':
    }
    if (world.isExternal(i)) absent.push(name)
    else steps.push(stepOf(world, decisions, i, verdict, batches.batchOf(i, verdict)))
  }
  return { steps, fresh, mayReplace, waiting, absent }
}

function stepOf(
  world: World,
  decisions: Decisions,
  i: number,
  verdict: Extract<Verdict, { readonly state: 'stale' | 'pending' }>,
  batch: number,
): PlanStep {
  const isCheck = world.graph.isCheck(i)
  const pool = isCheck ? null : world.asset(i).policy.pool
  const waivedBy = isCheck ? world.check(i).waivedBy : undefined
  return {
    asset: world.name(i),
    action: actionOf(world, i, verdict),
    full: isFullBuild(world, i, verdict),
    verdict: verdict.state,
    reasons: verdict.state === 'stale' ? verdict.reasons : [],
    pendingOn: verdict.state === 'pending' ? verdict.on : unsettledInputs(world, decisions, i),
    batch,
    ...(pool === null ? {} : { pool }),
    ...(waivedBy === undefined ? {} : { waivedBy }),
  }
}

function actionOf(world: World, i: number, verdict: Verdict): Action {
  if (world.graph.isCheck(i)) return 'check'
  if (verdict.state !== 'stale') return 'build'
  return isAdopted(world.asset(i), world.definition(i), verdict.reasons) ? 'adopt' : 'build'
}

function unsettledInputs(world: World, { settled }: Decisions, i: number): readonly string[] {
  const on: string[] = []
  for (const input of world.graph.inputs(i)) {
    if (settled[input]!.state === 'unsettled') on.push(world.name(input))
  }
  return on
}

/**
 * 1 for each virtual asset that shows an asset whose columns are known only once this run has built
 * it. A fresh view of them is replaced if those columns change (SEMANTICS 4).
 */
function replaceableViews(world: World, request: Request, { settled }: Decisions): Uint8Array {
  const replaceable = new Uint8Array(world.graph.size)
  for (const i of virtualAssets(world)) {
    if (!request.inRun(i)) continue
    for (const input of world.graph.inputs(i)) {
      const version = settled[input]!
      if (version.state === 'unsettled' && version.shape == null) replaceable[i] = 1
    }
  }
  return replaceable
}

/** In topological order. */
function virtualAssets(world: World): readonly number[] {
  const virtual = new Set<number>()
  for (const [i] of world.specialDefinitions()) if (world.isVirtual(i)) virtual.add(i)
  return virtual.size === 0 ? [] : [...world.graph.order].filter((i) => virtual.has(i))
}
