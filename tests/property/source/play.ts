import { Random } from '../random.ts'
import { Checker, type Fault } from './checker.ts'
import { type Operation, operations } from './operation.ts'
import type { Event, Place } from './place.ts'
import type { Scene } from './scene.ts'
import { SCENES } from './scenes/index.ts'
import { Tally } from './tally.ts'

/** A sequence of operations on some scenes, which ends at its first fault. */
export interface Sequence {
  readonly place: Place
  readonly scenes: readonly Scene[]
  readonly operations: readonly Operation[]
}

export interface Played {
  readonly tally: Tally
  readonly fault: Fault | null
  /** How many operations were played. */
  readonly count: number
}

/** How many scenes a sequence has. More of them are rarely about each other. */
const SCENES_AT_ONCE = 2

/** The sequence of a seed. `only`: the names of the scenes; otherwise some are drawn. */
export function sequenceOf(
  place: Place,
  seed: number,
  count: number,
  only: readonly string[] | null = null,
): Sequence {
  const random = new Random(seed)
  const fitting = scenesFor(place).filter(({ name }) => only?.includes(name) ?? true)
  const scenes: Scene[] = only === null ? [] : [...fitting]
  while (scenes.length < Math.min(SCENES_AT_ONCE, fitting.length)) {
    const drawn = random.pick(fitting)!
    if (!scenes.includes(drawn)) scenes.push(drawn)
  }
  return { place, scenes, operations: operations(random, count, scenes, place) }
}

/** The scenes that can be played at a place. */
export function scenesFor(place: Pick<Place, 'name' | 'version'>) {
  return SCENES.filter(
    ({ only, since = 0 }) =>
      since <= place.version && (only === undefined || place.name !== 'embedded'),
  )
}

/** Plays a sequence in a database of its own, until a fault or until `isOver`. */
export async function play(
  { place, scenes, operations: all }: Sequence,
  isOver: () => boolean = () => false,
): Promise<Played> {
  const tally = new Tally()
  await place.begin(scenes)
  try {
    const checker = new Checker(
      place,
      scenes.flatMap(({ streams }) => streams),
      tally,
    )
    for (const [index, operation] of all.entries()) {
      if (isOver()) return { tally, fault: null, count: index }
      tally.operations++
      switch (operation.is) {
        case 'sql':
          if ((await place.run(operation.session, operation.sql)) !== null) tally.refused++
          checker.happened('statements', false)
          break
        case 'event':
          await place.happen(operation.event)
          if (forks(operation.event, place)) checker.forked()
          checker.happened(operation.event, true)
          break
        case 'check': {
          const fault = await checker.check(operation)
          if (fault !== null) return { tally, fault, count: index + 1 }
        }
      }
    }
    return { tally, fault: null, count: all.length }
  } finally {
    await place.end()
  }
}

/** Whether committed transactions may be gone after an event. Without a copy, nothing is restored. */
function forks(event: Event, place: Place): boolean {
  // The embedded source loses no commit when its process is killed.
  if (event === 'crash') return place.name !== 'embedded'
  return (event === 'restore' || event === 'fail over') && place.hasCopy
}
