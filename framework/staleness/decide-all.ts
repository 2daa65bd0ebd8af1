import type { Verdict } from '../model/verdict.ts'
import type { Settled } from '../model/version.ts'
import { decideCheck } from './checks.ts'
import { decide } from './decide.ts'
import { type FastPath, Unchanged } from './fast-path/unchanged.ts'
import type { Input } from './reasons.ts'
import { settle } from './settle.ts'
import { staleUnits } from './units.ts'
import type { Request, World } from './world.ts'

/** The verdict and the version of every node, by index. */
export interface Decisions {
  readonly verdicts: readonly Verdict[]
  readonly settled: readonly Settled[]
}

const FRESH: Verdict = { state: 'fresh' }
const NO_DATA: Settled = { state: 'unknown' }

/**
 * Verdicts and versions of a whole graph before anything is built, in topological order. Pure.
 * `fastPath` answers for nodes that did not change; it never answers otherwise than `decide` would.
 */
export function decideAll(
  world: World,
  request: Request,
  fastPath: FastPath = new Unchanged(world),
): Decisions {
  const { graph } = world
  const verdicts = new Array<Verdict>(graph.size)
  const settled = new Array<Settled>(graph.size)
  const stale = staleUnits(world, request)
  for (const i of graph.order) {
    if (fastPath.holds(i)) {
      verdicts[i] = FRESH
      settled[i] = fastPath.settledAt(i)
      continue
    }
    const unit = world.definition(i)?.unit ?? null
    const member = unit === null ? undefined : stale.get(unit)
    const shared = member === undefined || member === i ? null : world.name(member)
    const decided = decideOne(world, request, i, { verdicts, settled }, shared)
    verdicts[i] = decided.verdict
    settled[i] = decided.settled
    fastPath.decided(i, decided.settled)
  }
  return { verdicts, settled }
}

/**
 * The verdict and the version of one node, from those of its inputs. Pure. `shared`: a stale member of
 * its unit, which the same call builds.
 */
export function decideOne(
  world: World,
  request: Request,
  i: number,
  known: Decisions,
  shared: string | null,
): { readonly verdict: Verdict; readonly settled: Settled } {
  const inputs = inputsOf(world, i, known.settled)
  if (world.graph.isCheck(i)) {
    const verdict = decideCheck(world.checkFacts(i), inputs, request.purpose)
    return { verdict: orWaiting(world, request, i, verdict, known), settled: NO_DATA }
  }
  const facts = world.facts(i)
  const verdict = decide(facts, inputs, request.now, shared)
  const settled = settle(facts, verdict, inputs, {
    now: request.now,
    purpose: request.purpose,
    inRun: request.inRun(i),
    inlined: world.inlined(i),
    remembered: world.remembered(i),
  })
  return { verdict, settled }
}

/** A node's direct inputs, with their versions in `settled`. */
export function inputsOf(world: World, i: number, settled: readonly Settled[]): Input[] {
  const inputs: Input[] = []
  for (const input of world.graph.inputs(i)) {
    inputs.push({
      name: world.name(input),
      settled: settled[input]!,
      inlined: world.inlined(input),
      isRenderedFromData: world.isInlinedFromData(input),
    })
  }
  return inputs
}

/** A check that must run but reads an asset that is neither fresh nor in the run is `waiting`. */
function orWaiting(
  world: World,
  request: Request,
  i: number,
  verdict: Verdict,
  known: Decisions,
): Verdict {
  if (verdict.state !== 'stale' && verdict.state !== 'pending') return verdict
  const on: string[] = []
  for (const input of world.graph.inputs(i)) {
    if (request.inRun(input) || known.verdicts[input]!.state === 'fresh') continue
    on.push(world.name(input))
  }
  return on.length === 0 ? verdict : { state: 'waiting', on }
}
