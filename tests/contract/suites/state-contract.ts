import { afterEach, beforeEach, describe } from 'vitest'
import { type StateBed, type StatePart, StateRig } from './state.ts'
import { factsContract } from './state-facts.ts'
import { runsContract } from './state-runs.ts'

/**
 * The contract of every implementation of `ports/state.ts`. Implementations for tests declare the parts
 * that they do not cover.
 */
export function stateContract(
  name: string,
  make: () => Promise<StateBed>,
  notCovered: readonly StatePart[] = [],
): void {
  describe(`state: ${name}`, () => {
    const rig = new StateRig(make, notCovered)
    beforeEach(() => rig.begin())
    afterEach(() => rig.end())
    factsContract(rig)
    runsContract(rig)
  })
}
