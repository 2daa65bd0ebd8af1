import { afterEach, beforeEach, describe } from 'vitest'
import { type StateBed, StateRig } from './state.ts'
import { factsContract } from './state-facts.ts'
import { runsContract } from './state-runs.ts'

/** What every implementation of `ports/state.ts` does. */
export function stateContract(name: string, make: () => Promise<StateBed>): void {
  describe(`state: ${name}`, () => {
    const rig = new StateRig(make)
    beforeEach(() => rig.begin())
    afterEach(() => rig.end())
    factsContract(rig)
    runsContract(rig)
  })
}
