import type { RunSavings, Share } from '../model/run.ts'
import type { RunState } from './run-state.ts'

/**
 * The work and the savings of a run, over all requested steps. `worked`: the seconds that a step took in
 * this run. `saved`: the seconds that it took when it last ran. Ephemerals, externals and failed steps are
 * not counted. Pure.
 */
export function savingsOfRun(
  runState: RunState,
  seconds: Readonly<Record<'worked' | 'saved', (name: string) => number | undefined>>,
): RunSavings {
  const savings = { worked: tally(), fresh: tally(), unchanged: tally(), released: tally() }
  for (let i = 0; i < runState.world.graph.size; i++) {
    const group = runState.request.wasAsked(i) ? groupOf(runState, i) : null
    if (group === null) continue
    add(savings[group], seconds[group === 'worked' ? 'worked' : 'saved'](runState.name(i)))
  }
  return savings
}

function groupOf(runState: RunState, i: number): keyof RunSavings | null {
  const outcome = runState.outcome[i]
  if (outcome == null)
    return runState.verdict[i]!.state === 'fresh' ? freshGroup(runState, i) : null
  switch (outcome.state) {
    case 'built':
    case 'unchanged':
    case 'checked':
      return 'worked'
    case 'released':
      return 'released'
    case 'adopted':
    case 'failed':
    case 'blocked':
    case 'cancelled':
      return null
  }
}

function freshGroup({ world }: RunState, i: number): 'fresh' | 'unchanged' | null {
  if (world.graph.isCheck(i)) return 'fresh'
  const form = world.definition(i)?.form
  if (form !== 'stored' && form !== 'view') return null
  const observation = world.parts.observations.get(world.name(i))
  return observation?.probe.answer === 'unchanged' ? 'unchanged' : 'fresh'
}

type Tally = { -readonly [K in keyof Share]: Share[K] }

const tally = (): Tally => ({ steps: 0, seconds: 0, untimed: 0 })

function add(share: Tally, seconds: number | undefined): void {
  share.steps += 1
  if (seconds === undefined) share.untimed += 1
  else share.seconds += seconds
}
