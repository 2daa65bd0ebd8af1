import { MemoryState } from '../rig/memory-state.ts'
import { stateContract } from './suites/state-contract.ts'

// The state of the property tests. It has no other processes (leases, live runs) and prunes nothing.
stateContract('memory', async () => {
  let state: MemoryState | null = null
  return {
    open: async ({ clock }) => {
      state ??= new MemoryState(clock)
      return state
    },
    remove: async () => {},
  }
}, ['processes', 'pruning'])
