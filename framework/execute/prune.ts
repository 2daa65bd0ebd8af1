import type { RunEvent } from '../model/event.ts'
import { leftBehind } from '../model/leftover.ts'
import type { Problem } from '../model/problem.ts'
import type { Leftover } from '../model/record.ts'
import {
  fatesOf,
  forgettable,
  type LeftoverFate,
  type LeftoverWorld,
  leftoversInScope,
} from '../plan/leftovers.ts'
import type { Site } from '../ports/site.ts'
import type { Change, Lease, StateReader } from '../ports/state.ts'
import type { Session } from '../ports/warehouse.ts'
import { lookAtLeftovers, relationsOfOtherTargets, withSession } from './look-at-leftovers.ts'
import type { RunState } from './run-state.ts'

export interface PruneInput {
  readonly runState: RunState
  readonly lease: Lease
  readonly state: StateReader
  readonly site: Site
  readonly emit: (event: RunEvent) => void
  /** Drop what is ours and nothing reads; otherwise it is only named. */
  readonly prune: boolean
}

export interface Settlement {
  readonly problems: readonly Problem[]
  /** How many relations were dropped. */
  readonly dropped: number
}

const NOTHING: Settlement = { problems: [], dropped: 0 }

/**
 * The end of a run for what moved assets left at their old places (SEMANTICS 27): names it, drops it with
 * `--prune`, and makes the state forget what is gone. Each drop is recorded after it, so a killed run leaves
 * an entry whose place the next run finds empty. Problems: the state or the warehouse refused something.
 */
export async function settleLeftovers(input: PruneInput): Promise<Settlement> {
  const { runState, lease, state, site, emit, prune } = input
  const { world: start, request } = runState
  if (start.state.leftovers.size === 0 && !hasMoved(runState)) return NOTHING
  // The records and the leftovers that this run wrote count, so both are read again.
  const snapshot = await state.snapshot(site.target.name)
  if (!snapshot.ok) return { ...NOTHING, problems: snapshot.problems }
  const { records, leftovers: all } = snapshot.value
  const world = start.withState({ records, leftovers: all })
  const leftovers = leftoversInScope({ world, request })
  if (leftovers.length === 0) return NOTHING
  const others = await relationsOfOtherTargets(state, site)
  if (!others.ok) return { ...NOTHING, problems: others.problems }
  const facts: LeftoverWorld = {
    world,
    found: await lookAtLeftovers(leftovers, site, world.parts.definitions),
    ofOtherTargets: others.value,
    isReplaced: () => false,
  }
  const gone = forgettable(leftovers, facts)
  const forgotten = gone.length === 0 ? null : await lease.write(gone.map(notLeft))
  const problems: Problem[] = forgotten === null || forgotten.ok ? [] : [...forgotten.problems]
  const fates = fatesOf(leftovers, facts)
  const dropped = new Set<Leftover>()
  if (prune && fates.some(({ fate }) => fate.fate === 'drop')) {
    problems.push(...(await dropAll(fates, input, dropped)))
  }
  for (const one of fates) emit(leftoverEvent(one, dropped.has(one.leftover)))
  return { problems, dropped: dropped.size }
}

/** Whether a commit of this run is at another place than the record before. */
function hasMoved({ world, committed }: RunState): boolean {
  return [...committed].some(([i, record]) => {
    const before = world.facts(i).record
    return before !== null && leftBehind(before, record).length > 0
  })
}

const notLeft = (at: Leftover): Change => ({
  change: 'not_left',
  at: { is: at.is, place: at.place },
})

/** Drops views before tables, so that nothing reads a dropped table. Fills `dropped`. */
async function dropAll(
  fates: readonly LeftoverFate[],
  { site, lease }: PruneInput,
  dropped: Set<Leftover>,
): Promise<readonly Problem[]> {
  const due = fates.flatMap(({ leftover, fate }) =>
    fate.fate === 'drop' ? [{ leftover, kind: fate.kind }] : [],
  )
  const inOrder = [
    ...due.filter(({ kind }) => kind === 'view'),
    ...due.filter(({ kind }) => kind === 'table'),
  ]
  const drop = async (session: Session): Promise<readonly Problem[]> => {
    for (const { leftover, kind } of inOrder) {
      const result = await session.drop(leftover.place, kind)
      if (!result.ok) return result.problems
      dropped.add(leftover)
      const written = await lease.write([notLeft(leftover)])
      if (!written.ok) return written.problems
    }
    return []
  }
  const result = await withSession(site, drop)
  return result.ok ? result.value : result.problems
}

function leftoverEvent({ leftover, belongsAt, fate }: LeftoverFate, isDropped: boolean): RunEvent {
  const { asset, is, place } = leftover
  const outcome = isDropped ? 'dropped' : 'remains'
  const because = fate.fate === 'keep' ? fate.because : null
  return { event: 'leftover', asset, is, place, belongsAt, outcome, because }
}
