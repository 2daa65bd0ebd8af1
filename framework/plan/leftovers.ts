import type { Definition } from '../model/definition.ts'
import { isFunctionRelation } from '../model/function-relation.ts'
import { leftBehind, leftoverKey } from '../model/leftover.ts'
import { isSameRelation, moveOf } from '../model/place.ts'
import type { Leftover, Materialization } from '../model/record.ts'
import { databaseOf, inOwnDatabase } from '../model/relation-name.ts'
import { isInlined } from '../staleness/inlined.ts'
import type { World } from '../staleness/world.ts'
import type { Planned } from './plan.ts'

/** What was found where something was left. */
export type LeftoverFound =
  | { readonly state: 'absent' }
  | {
      readonly state: 'present'
      readonly kind: 'table' | 'view' | 'file'
      /** Whether it is proved to hold what its last record says. */
      readonly isAsRecorded: boolean
      /** Views of the warehouse that may read it, as `schema.name`. */
      readonly views: readonly string[]
    }
  /** It could not be looked at, and why. */
  | { readonly state: 'unknown'; readonly message: string }

/** What becomes of something that was left (SEMANTICS 27). */
export type Fate =
  /** Nothing is left there, or another asset fills the place. */
  | { readonly fate: 'none' }
  /** It is ours and nothing reads it: `--prune` drops it. */
  | { readonly fate: 'drop'; readonly kind: 'table' | 'view' }
  | { readonly fate: 'keep'; readonly because: string }

/** Something that was left, or that a plan will leave, with what becomes of it. */
export interface LeftoverFate {
  readonly leftover: Leftover
  /** Where the asset belongs now, for people; null if the project has it no more. */
  readonly belongsAt: string | null
  readonly fate: Exclude<Fate, { readonly fate: 'none' }>
}

/** What was left by the assets that a command is about. Pure. */
export function leftoversInScope({ world, request }: Pick<Planned, 'world' | 'request'>) {
  const { graph, state } = world
  let isEverything: boolean | null = null
  return [...state.leftovers.values()].filter(({ asset }) => {
    const i = graph.indexOf(asset)
    if (i !== undefined) return request.inRun(i)
    // What an asset left that the project has no more belongs to a command about everything.
    isEverything ??= Array.from({ length: graph.assetCount }, (_, k) => k).every(request.inRun)
    return isEverything
  })
}

/** What the certain steps of a plan will leave behind. Pure. */
export function leftoversOfPlan({ world, plan }: Pick<Planned, 'world' | 'plan'>): Leftover[] {
  return plan.steps.flatMap(({ asset, action, verdict }) => {
    if (action === 'check' || verdict !== 'stale') return []
    const { definition, record } = world.facts(world.graph.indexOf(asset)!)
    if (definition === null || record === null || moveOf(record, definition) === null) return []
    const { relation, outputs, codeVersion, accumulates } = definition
    const shape = relation === null ? null : { relation, columns: null }
    const run = Number.POSITIVE_INFINITY
    return leftBehind(record, { ...record, run, shape, outputs, codeVersion, accumulates })
  })
}

/** What a decision about leftovers looks at. */
export interface LeftoverWorld {
  readonly world: World
  /** By `leftoverKey`. */
  readonly found: ReadonlyMap<string, LeftoverFound>
  /** Relations, in lower case, that other targets have built in the same warehouse. */
  readonly ofOtherTargets: ReadonlySet<string>
  /** Whether the plan is certain to build an asset again: then it reads the old place no more. */
  readonly isReplaced: (asset: string) => boolean
}

/** What becomes of each, in the given order; those with the fate `none` are left out. Pure. */
export function fatesOf(leftovers: readonly Leftover[], facts: LeftoverWorld): LeftoverFate[] {
  const claims = new Claims(facts.world)
  const own = leftovers.map((leftover) => ({
    leftover,
    fate: fateAlone(leftover, facts, claims),
    readers: readersOf(leftover, facts, claims.views),
  }))
  const dropped = new Set(
    own.flatMap(({ leftover, fate }) =>
      fate.fate === 'drop' ? [leftover.place.toLowerCase()] : [],
    ),
  )
  // A view that is dropped itself reads nothing, so repeat until no more relations have to stay.
  const readerThatStays = (readers: readonly string[]) =>
    readers.find((view) => !dropped.has(view.toLowerCase()))
  for (let size = -1; size !== dropped.size; ) {
    size = dropped.size
    for (const { leftover, readers } of own) {
      if (readerThatStays(readers) !== undefined) dropped.delete(leftover.place.toLowerCase())
    }
  }
  return own.flatMap(({ leftover, fate, readers }) => {
    if (fate.fate === 'none') return []
    const view = fate.fate === 'drop' ? readerThatStays(readers) : undefined
    const final = view === undefined ? fate : keep(`view ${view} may read it`)
    return [{ leftover, belongsAt: belongsAt(leftover, facts.world), fate: final }]
  })
}

/** Those whose place is empty or filled by an asset: the state can forget them. Pure. */
export function forgettable(leftovers: readonly Leftover[], facts: LeftoverWorld): Leftover[] {
  const claims = new Claims(facts.world)
  return leftovers.filter((leftover) => fateAlone(leftover, facts, claims).fate === 'none')
}

/** The fate of one, apart from the views that read it. */
function fateAlone(leftover: Leftover, facts: LeftoverWorld, claims: Claims): Fate {
  const { asset, is, place, accumulates, record } = leftover
  const claim = claims.on(leftover)
  if (claim !== null) return claim
  const found = facts.found.get(leftoverKey(leftover)) ?? UNSEEN
  if (found.state === 'absent') return { fate: 'none' }
  if (is === 'file') return keep('nobody can tell who reads a file')
  if (isFunctionRelation(place)) return keep('nobody can tell what calls a function')
  if (accumulates === null) return keep('an older version of assets built it')
  if (accumulates !== 'no') {
    return keep(`${asset} is built on its own content, and this may exist nowhere else`)
  }
  const elsewhere = inAnotherDatabase(place, facts.world.parts.definitions.get(asset))
  if (elsewhere !== null) return keep(elsewhere)
  if (facts.ofOtherTargets.has(place.toLowerCase())) return keep('another target built it, too')
  if (found.state === 'unknown') return keep(found.message)
  if (!found.isAsRecorded || found.kind === 'file') {
    return keep(`it is not proved to be what run ${record.run} built there`)
  }
  return { fate: 'drop', kind: found.kind }
}

/**
 * Why what was left is not ours to drop, if databases are the reason (SEMANTICS 44). A record of an earlier version
 * has no database in it, so its relation may be that of another table.
 */
function inAnotherDatabase(place: string, definition: Definition | undefined): string | null {
  const database = databaseOf(place)
  if (database !== null) return `assets drops nothing in another database, ${database}`
  const now = definition?.relation ?? null
  const isNow =
    now !== null && databaseOf(now) !== null && isSameRelation(inOwnDatabase(now), place)
  return isNow ? `it may be another table than that of ${definition!.asset}, which is ${now}` : null
}

const UNSEEN: LeftoverFound = { state: 'unknown', message: 'it was not looked at' }
const keep = (because: string) => ({ fate: 'keep', because }) as const

/** Which places definitions and records name. Reads all of them once. */
class Claims {
  /** The records of views, by asset. */
  readonly views: readonly Materialization[]
  readonly #defined = new Map<string, Definition>()
  readonly #recorded = new Map<string, string[]>()

  constructor({ parts, state }: World) {
    for (const definition of parts.definitions.values()) {
      for (const key of placesOf(definition)) this.#defined.set(key, definition)
    }
    const views: Materialization[] = []
    for (const record of state.records.values()) {
      const relation = record.shape?.relation ?? null
      if (relation === null) continue
      const key = leftoverKey({ is: 'relation', place: relation })
      this.#recorded.set(key, [...(this.#recorded.get(key) ?? []), record.asset])
      if (record.installed !== null) views.push(record)
    }
    this.views = views
  }

  /** The fate of a place that a definition, or the record of another asset, names; null for no other. */
  on(leftover: Leftover): Fate | null {
    const key = leftoverKey(leftover)
    const definition = this.#defined.get(key)
    if (definition !== undefined) {
      const { form, asset } = definition
      return form === 'external' ? keep(`external ${asset} names it`) : { fate: 'none' }
    }
    const other = this.#recorded.get(key)?.find((asset) => asset !== leftover.asset)
    return other === undefined ? null : keep(`the record of ${other} names it, too`)
  }
}

function placesOf({ relation, outputs }: Definition): readonly string[] {
  const files = outputs.map((place) => leftoverKey({ is: 'file', place }))
  return relation === null ? files : [leftoverKey({ is: 'relation', place: relation }), ...files]
}

/** Views that may read it: those that the warehouse shows, and those whose records say so. */
function readersOf(
  leftover: Leftover,
  { world, found, isReplaced }: LeftoverWorld,
  views: readonly Materialization[],
): readonly string[] {
  const { place, asset, run } = leftover
  const readers: string[] = []
  const replaced = new Set<string>()
  for (const record of views) {
    const view = record.shape!.relation!
    if (isSameRelation(view, place)) continue
    if (isReplaced(record.asset) && isInPlace(record, world)) {
      replaced.add(view.toLowerCase())
      continue
    }
    const reads = record.inputs.some(({ shape, under }) => {
      if (isSameRelation(shape?.relation ?? null, place)) return true
      // A view names what an ephemeral reads. Before the move that was the old place.
      const isBefore = record.run < run
      return isInlined(shape) && isBefore && under?.some((one) => one.name === asset) === true
    })
    if (reads) readers.push(view)
  }
  const one = found.get(leftoverKey(leftover))
  const shown = one?.state === 'present' ? one.views : []
  return [...readers, ...shown.filter((view) => !replaced.has(view.toLowerCase()))]
}

/** Whether a view will be replaced where it is. One that moves leaves the old view, which still reads. */
function isInPlace(record: Materialization, world: World): boolean {
  const definition = world.parts.definitions.get(record.asset)
  return definition !== undefined && moveOf(record, definition) === null
}

function belongsAt({ asset, record }: Leftover, world: World): string | null {
  const definition = world.parts.definitions.get(asset)
  const move = definition === undefined ? null : moveOf(record, definition)
  return move?.to ?? null
}
