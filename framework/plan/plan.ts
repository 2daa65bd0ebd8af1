import type { KindName } from '../model/asset.ts'
import type { Action, PlanStep } from '../model/step.ts'
import type { Verdict } from '../model/verdict.ts'
import { type Decisions, factsOf, isFullBuild, kindOf } from '../staleness/fold.ts'
import { isAdopted } from '../staleness/full-refresh.ts'
import type { Request, World } from '../staleness/world.ts'

/** What a command would do: plain data, in topological order. */
export interface Plan {
  readonly steps: readonly PlanStep[]
  /** Assets of the run that are fresh. */
  readonly fresh: readonly string[]
  /** Checks that can't run now because they read something neither fresh nor in the run. */
  readonly waiting: readonly { readonly check: string; readonly on: readonly string[] }[]
  /** Externals that are not there or can't be read: nothing here can build them. */
  readonly absent: readonly string[]
}

/**
 * Turns verdicts into steps. `durations` are seconds by name, from history; `together` names the
 * kinds that build all that is ready in one call. Pure.
 */
export function plan(
  world: World,
  request: Request,
  decisions: Decisions,
  durations: ReadonlyMap<string, number>,
  together: ReadonlySet<KindName>,
): Plan {
  const { graph } = world
  const steps: PlanStep[] = []
  const fresh: string[] = []
  const waiting: { check: string; on: readonly string[] }[] = []
  const absent: string[] = []
  const waves = new Waves(world, together)
  for (const index of graph.order) {
    if (!request.inRun(index)) continue
    const name = graph.names[index]!
    const verdict = decisions.verdicts[index]!
    switch (verdict.state) {
      case 'fresh':
      case 'building':
        if (!graph.isCheck(index)) fresh.push(name)
        waves.pass(index)
        continue
      case 'waiting':
        waiting.push({ check: name, on: verdict.on })
        continue
      case 'stale':
      case 'pending':
    }
    if (world.assets.get(name)?.kind === 'external') {
      absent.push(name)
      continue
    }
    steps.push({
      asset: name,
      action: actionOf(world, index, verdict),
      full: isFullBuild(world, index, verdict),
      verdict: verdict.state,
      reasons: verdict.state === 'stale' ? verdict.reasons : [],
      pendingOn: pendingOn(world, decisions, index, verdict),
      batch: waves.batchOf(index, verdict),
      estimateSeconds: durations.get(name) ?? null,
      ...sharing(world, name),
    })
  }
  return { steps, fresh, waiting, absent }
}

/** What a step shares with others, and what a check lets go on. */
function sharing(world: World, name: string): Pick<PlanStep, 'pool' | 'waivedBy'> {
  const pool = world.assets.get(name)?.policy.pool ?? null
  const waivedBy = world.checks.get(name)?.waivedBy
  return { ...(pool === null ? {} : { pool }), ...(waivedBy === undefined ? {} : { waivedBy }) }
}

function actionOf(world: World, index: number, verdict: Verdict): Action {
  if (world.graph.isCheck(index)) return 'check'
  const { asset, definition } = factsOf(world, world.graph.names[index]!)
  if (verdict.state !== 'stale' || definition === null) return 'build'
  return isAdopted(asset, definition, verdict.reasons) ? 'adopt' : 'build'
}

function pendingOn(
  world: World,
  decisions: Decisions,
  index: number,
  verdict: Verdict,
): readonly string[] {
  if (verdict.state === 'pending') return verdict.on
  const on: string[] = []
  for (const input of world.graph.inputs(index)) {
    if (decisions.settled[input]!.state === 'unsettled') on.push(world.graph.names[input]!)
  }
  return on
}

/**
 * Expected batches: a kind that builds together does a wave in one call, and a step whose verdict
 * hangs on another's outcome is in a later wave than that one.
 */
class Waves {
  readonly #world: World
  readonly #together: ReadonlySet<KindName>
  readonly #wave = new Map<number, number>()
  readonly #numbers = new Map<string, number>()

  constructor(world: World, together: ReadonlySet<KindName>) {
    this.#world = world
    this.#together = together
  }

  /** A node without a step hands on the wave of what it reads: a view above a rebuilt table. */
  pass(index: number): void {
    let wave: number | undefined
    for (const input of this.#world.graph.inputs(index)) {
      const earlier = this.#wave.get(input)
      if (earlier !== undefined) wave = Math.max(wave ?? 0, earlier)
    }
    if (wave !== undefined) this.#wave.set(index, wave)
  }

  batchOf(index: number, verdict: Verdict): number {
    const { graph } = this.#world
    const kind = this.#kindOf(index)
    let wave = 0
    const after = (other: number, apart: boolean) => {
      const earlier = this.#wave.get(other)
      if (earlier !== undefined) wave = Math.max(wave, earlier + (apart ? 1 : 0))
    }
    for (const input of graph.inputs(index)) {
      after(input, verdict.state === 'pending' || this.#kindOf(input) !== kind)
    }
    for (const gate of graph.gates(index)) after(gate, this.#kindOf(gate) !== kind)
    this.#wave.set(index, wave)
    const key = this.#together.has(kind) ? `${kind} ${wave}` : `${kind} ${wave} ${index}`
    const number = this.#numbers.get(key) ?? this.#numbers.size + 1
    this.#numbers.set(key, number)
    return number
  }

  #kindOf(index: number): KindName {
    return kindOf(this.#world, index)
  }
}
