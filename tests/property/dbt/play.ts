import { Random } from '../random.ts'
import { randomChange } from './changes.ts'
import type { Fault } from './compare.ts'
import { Sequence, type Trial } from './sequence.ts'
import type { Change, ProjectState, SoakProject } from './state.ts'

/** What happened in a sequence of random changes. */
export interface Played {
  readonly edits: number
  readonly refused: number
  readonly broken: number
  /** Of assets that were stale for nothing: the parts that changed, and the kind of edit. */
  readonly falseStale: readonly string[]
  readonly failure: Failure | null
}

/** A fault, and what led to it. */
export interface Failure {
  readonly fault: Fault
  readonly project: SoakProject
  readonly seed: number
  /** Every change that was tried, with the state that it was made from. The last one shows the fault. */
  readonly steps: readonly Step[]
}

export interface Step {
  readonly from: ProjectState
  readonly change: Change
  readonly trial: Trial
}

/** How often an asset is built alone before the rest, and how often the oracle parses from nothing. */
const ALONE = 0.05
const PARSES = 0.1

/** Plays `edits` random changes, or until `isOver`. Equal seeds give equal changes. */
export async function play(
  project: SoakProject,
  seed: number,
  edits: number,
  python: string,
  isOver: () => boolean = () => false,
): Promise<Played> {
  const random = new Random(seed)
  const sequence = new Sequence(project, python)
  const played = { edits: 0, refused: 0, broken: 0 }
  const falseStale: string[] = []
  const steps: Step[] = []
  const past: ProjectState[] = []
  const end = (fault: Fault | null): Played => ({
    ...played,
    falseStale,
    failure: fault === null ? null : { fault, project, seed, steps },
  })
  try {
    const first = await sequence.begin()
    if (first !== null) return end(first)
    while (played.edits < edits && !isOver()) {
      const from = sequence.state
      const change = randomChange(from, random, project, past)
      const alone = random.chance(ALONE) ? (random.pick(Object.keys(project.deps)) ?? null) : null
      const trial = { alone, parses: random.chance(PARSES) }
      steps.push({ from, change, trial })
      played.edits += 1
      const outcome = await sequence.try(change, trial)
      switch (outcome.is) {
        case 'equal':
          past.push(from)
          falseStale.push(...outcome.falseStale.map((parts) => `${parts} ← ${change.label}`))
          break
        case 'refused':
          played.refused += 1
          break
        case 'broken':
          played.broken += 1
          break
        case 'stuck':
          return end(null)
        case 'fault':
          return end(outcome.fault)
      }
    }
    return end(null)
  } finally {
    sequence.remove()
  }
}
