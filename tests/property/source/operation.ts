import type { Random } from '../random.ts'
import type { Event, Place } from './place.ts'
import type { Action, Scene } from './scene.ts'

/** One step of a sequence. Equal seeds give equal operations, whatever the source answers. */
export type Operation = Statements | { readonly is: 'event'; readonly event: Event } | Check

export interface Statements {
  readonly is: 'sql'
  readonly kind: string
  /** The name of the scene; null for what begins or ends a transaction. */
  readonly scene: string | null
  readonly session: number
  readonly sql: string
}

/** All streams are probed, what is not unchanged is loaded, and everything is compared. */
export interface Check {
  readonly is: 'check'
  /** What happens while the streams are read; null for nothing. */
  readonly during: { readonly kind: string; readonly sql: string } | null
  /** Whether nothing is loaded. */
  readonly skips: boolean
  /** Whether a newer position that is proved equal is recorded, as a run does. */
  readonly adopts: boolean
  /** Whether an unchanged stream is loaded from nothing as well, to compare. */
  readonly rebuilds: boolean
}

/** Of a hundred operations. */
const CHECKS = 26
const EVENTS = 4
const TRANSACTIONS = 9
const SESSIONS = [0, 1, 2, 3]
const MOST_SESSION_0 = 0.6

const TRANSACTION: readonly (readonly [kind: string, sql: string])[] = [
  ['open transaction', 'begin'],
  ['open transaction', 'begin isolation level repeatable read'],
  ['open transaction', 'commit'],
  ['open transaction', 'commit'],
  ['open transaction', 'rollback'],
  ['savepoint', 'savepoint s'],
  ['savepoint', 'rollback to s'],
  ['prepared transaction', "prepare transaction 'p'"],
  ['prepared transaction', "commit prepared 'p'"],
  ['prepared transaction', "rollback prepared 'p'"],
]

/** Draws operations for the scenes. The last one is a check. */
export function operations(
  random: Random,
  count: number,
  scenes: readonly Scene[],
  place: Pick<Place, 'events' | 'hasSessions' | 'version' | 'name'>,
): readonly Operation[] {
  const actions = new Map(
    scenes.map((scene) => [scene, scene.actions.filter(({ since = 0 }) => since <= place.version)]),
  )
  const session = () =>
    !place.hasSessions || random.chance(MOST_SESSION_0)
      ? 0
      : SESSIONS[1 + random.below(SESSIONS.length - 1)]!
  const change = () => {
    const scene = random.pick(scenes)!
    const drawn = drawnAction(random, actions.get(scene)!)
    return { kind: drawn.kind, scene: scene.name, sql: drawn.statements(random).join('; ') }
  }
  const check = (): Check => ({
    is: 'check',
    during: place.name === 'server' && random.chance(0.12) ? change() : null,
    skips: random.chance(0.12),
    adopts: random.chance(0.7),
    rebuilds: random.chance(0.1),
  })
  const made: Operation[] = [check()]
  while (made.length < count - 1) {
    const draw = random.below(100)
    if (draw < CHECKS) made.push(check())
    else if (draw < CHECKS + EVENTS && place.events.length > 0) {
      made.push({ is: 'event', event: random.pick(place.events)! })
    } else if (draw < CHECKS + EVENTS + TRANSACTIONS && place.hasSessions) {
      const [kind, sql] = random.pick(TRANSACTION)!
      made.push({
        is: 'sql',
        kind,
        scene: null,
        session: SESSIONS[1 + random.below(SESSIONS.length - 1)]!,
        sql,
      })
    } else made.push({ is: 'sql', session: session(), ...change() })
  }
  return [...made, { ...check(), skips: false, during: null }]
}

function drawnAction(random: Random, actions: readonly Action[]): Action {
  let left = random.below(actions.reduce((sum, { weight }) => sum + weight, 0))
  return actions.find(({ weight }) => {
    left -= weight
    return left < 0
  })!
}

/** An operation as a line of a reproduction. */
export function lineOf(operation: Operation): string {
  switch (operation.is) {
    case 'sql':
      return `${operation.session === 0 ? '' : `session ${operation.session}: `}${operation.sql};`
    case 'event':
      return `-- ${operation.event}`
    case 'check': {
      const { during, skips } = operation
      return `-- ${skips ? 'probe' : 'probe and load'}${during === null ? '' : `, and meanwhile: ${during.sql};`}`
    }
  }
}
