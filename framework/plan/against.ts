import type { KindName } from '../model/asset.ts'
import type { Check, Definition } from '../model/definition.ts'
import { moveOf } from '../model/place.ts'
import type { PlanStep } from '../model/step.ts'
import type { Reason } from '../model/verdict.ts'
import type { Planned } from './plan.ts'

/** The commit that a working tree is compared with. */
export interface Base {
  /** As typed, or the branch of a remote that the name stands for. */
  readonly ref: string
  /** The full id. */
  readonly commit: string
  readonly short: string
  /**
   * `merge_base`: not the commit of `ref`, but where HEAD left it. `unrelated`: that of `ref`, because git knows no
   * merge base.
   */
  readonly relation: 'itself' | 'merge_base' | 'unrelated'
  /** Commits of `ref` that the commit lacks. */
  readonly behind: number
}

/** What the project of the base defines. */
export interface BaseProject {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly checks: ReadonlyMap<string, Check>
}

/** An asset that the working tree has no more, with what it leaves. */
export interface Removed {
  readonly asset: string
  readonly kind: KindName
  /** Its relation, unless another asset fills it now. */
  readonly relation: string | null
  readonly files: readonly string[]
}

/** An asset that belongs elsewhere now. */
export interface Moved {
  readonly asset: string
  readonly from: string
  readonly to: string
}

/** What differs between two projects, apart from what has to be built. In the order of the projects. */
export interface Differences {
  readonly added: readonly string[]
  readonly removed: readonly Removed[]
  readonly moved: readonly Moved[]
  readonly addedChecks: readonly string[]
  readonly removedChecks: readonly string[]
}

/** Compares what two projects define. `planned`: the plan of the working tree in the state of the base. Pure. */
export function differencesOf({ world }: Pick<Planned, 'world'>, base: BaseProject): Differences {
  const { definitions, checks } = world.parts
  const taken = new Set<string>()
  const added: string[] = []
  const moved: Moved[] = []
  for (const [asset, definition] of definitions) {
    for (const place of placesOf(definition)) taken.add(place)
    if (!base.definitions.has(asset)) added.push(asset)
    const record = world.state.records.get(asset)
    const move = record === undefined ? null : moveOf(record, definition)
    if (move !== null) moved.push({ asset, ...move })
  }
  const removed = [...base.definitions.values()].flatMap((definition): Removed[] => {
    const { asset, kind, form, relation, outputs } = definition
    if (definitions.has(asset)) return []
    const isKept = (place: string) => place !== '' && !taken.has(place.toLowerCase())
    const files = form === 'external' ? [] : outputs.filter(isKept)
    const own = form === 'external' || relation === null || !isKept(relation) ? null : relation
    return [{ asset, kind, relation: own, files }]
  })
  const names = [...checks.keys()]
  return {
    added,
    removed,
    moved,
    addedChecks: names.filter((name) => !base.checks.has(name)),
    removedChecks: [...base.checks.keys()].filter((name) => !checks.has(name)),
  }
}

function placesOf({ relation, outputs }: Definition): readonly string[] {
  return [...(relation === null ? [] : [relation]), ...outputs].map((place) => place.toLowerCase())
}

/**
 * The reasons of a step in words for a comparison: nothing was really built at the base, so no sentence speaks of a run.
 * `base` is its name for people. Pure.
 */
export function reasonsAgainst(
  { asset, reasons }: PlanStep,
  { moved, added, addedChecks }: Differences,
  base: string,
): readonly Reason[] {
  return reasons.map((reason) => {
    if (reason.reason === 'unchecked')
      return { ...reason, message: `new: ${base} has no such check` }
    if (reason.reason !== 'missing') return reason
    const move = moved.find((one) => one.asset === asset)
    if (move !== undefined) {
      return { ...reason, message: `it belongs at ${move.to} now; ${base} has it at ${move.from}` }
    }
    const isNew = added.includes(asset) || addedChecks.includes(asset)
    const message = isNew ? `new: ${base} does not have it` : `${base} does not build it`
    return { ...reason, message }
  })
}
