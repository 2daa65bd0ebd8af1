import type { RunSavings, Share } from '../model/run.ts'
import type { Request } from '../staleness/world.ts'
import type { RunState } from './run-state.ts'

/**
 * What a run did and what it was spared, of all that `asked` takes in. `worked` tells what a step
 * took now, `spared` what it took when it last ran, in seconds. What can't be built (ephemerals, externals) and what ended badly
 * counts nowhere. Pure.
 */
export function savingsOfRun(
  runState: RunState,
  asked: Request,
  seconds: Readonly<Record<'worked' | 'spared', (name: string) => number | undefined>>,
): RunSavings {
  const balance = { worked: tally(), fresh: tally(), unchanged: tally(), released: tally() }
  for (let index = 0; index < runState.world.graph.size; index++) {
    const group = asked.inRun(index) ? groupOf(runState, index) : null
    if (group === null) continue
    add(balance[group], seconds[group === 'worked' ? 'worked' : 'spared'](runState.name(index)))
  }
  return balance
}

function groupOf(runState: RunState, index: number): keyof RunSavings | null {
  const outcome = runState.outcome[index]
  if (outcome == null)
    return runState.verdict[index]!.state === 'fresh' ? spared(runState, index) : null
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

function spared({ world }: RunState, index: number): 'fresh' | 'unchanged' | null {
  if (world.graph.isCheck(index)) return 'fresh'
  const name = world.graph.names[index]!
  const form = world.definitions.get(name)?.form
  if (form !== 'stored' && form !== 'view') return null
  return world.observations.get(name)?.probe.answer === 'unchanged' ? 'unchanged' : 'fresh'
}

type Tally = { -readonly [K in keyof Share]: Share[K] }

const tally = (): Tally => ({ steps: 0, seconds: 0, untimed: 0 })

function add(share: Tally, seconds: number | undefined): void {
  share.steps += 1
  if (seconds === undefined) share.untimed += 1
  else share.seconds += seconds
}
