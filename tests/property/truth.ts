import type { Verdict } from '../../framework/model/verdict.ts'
import type { FakeWorld } from '../rig/fake-world.ts'
import { isVirtual } from './ground.ts'

/**
 * The assets whose verdict is fresh although the warehouse does not hold what a build would give, one
 * message each. Uses only the warehouse, no record. The content of adopted edits, snapshots and kept
 * history does not follow from their inputs, so only part of it is compared. `continued` were built on
 * top of a table without a record and can hold anything.
 */
export function falselyFresh(
  world: FakeWorld,
  verdicts: ReadonlyMap<string, Verdict>,
  continued: ReadonlySet<string>,
): readonly string[] {
  const isFresh = (name: string) => verdicts.get(name)?.state === 'fresh'
  return [...world.assets.keys()].flatMap((name) => {
    if (!isFresh(name) || isAbsent(world, name) || continued.has(name)) return []
    // If an input is not fresh, this asset may still have to be built.
    if (!inputsAreFresh(world, name, isFresh)) return []
    const lie = contradictionOf(world, name)
    return lie === null ? [] : [`${name} is called fresh and ${lie}`]
  })
}

function inputsAreFresh(
  world: FakeWorld,
  name: string,
  isFresh: (name: string) => boolean,
): boolean {
  return world.assets.get(name)!.deps.every((dep) => {
    const { form, unreadable } = world.assets.get(dep)!
    if (!isFresh(dep) || unreadable) return false
    return form === 'stored' || form === 'external' || inputsAreFresh(world, dep, isFresh)
  })
}

function contradictionOf(world: FakeWorld, name: string): string | null {
  const asset = world.assets.get(name)!
  const { onDrift } = asset.policy
  if (asset.form === 'external' || asset.form === 'ephemeral') return null
  const relation = world.relationOf(name)
  if (asset.form === 'view') {
    const copy = world.clone()
    copy.build(name, true)
    if (copy.shownDefinition(relation) !== world.shownDefinition(relation)) {
      return `is defined as ${world.shownDefinition(relation)}, not as ${copy.shownDefinition(relation)}`
    }
    return world.see(name) === null ? 'does not work' : null
  }
  if (onDrift === 'adopt' || (asset.probed === 'no' && asset.source !== null)) return null
  const holds = world.see(name) ?? ''
  const should = world.wouldHold(name)
  if (should === null) return 'has nothing to be made of'
  if (asset.accumulates === 'no') return holds === should ? null : `holds ${holds}, not ${should}`
  if (asset.accumulates === 'snapshot') return null
  const [head, piece] = [should.slice(0, should.indexOf('[')), should.slice(should.indexOf('['))]
  const keeps = asset.policy.onCode === 'keep_history'
  const isWhole =
    holds.endsWith(piece.slice(1)) && (keeps || holds.startsWith(head)) && !/edit|half/.test(holds)
  return isWhole ? null : `holds ${holds}, which is no ${should} continued`
}

/** Whether there is nothing to read. */
function isAbsent(world: FakeWorld, name: string): boolean {
  const { form, deps } = world.assets.get(name)!
  if (form !== 'ephemeral' && !world.isThere(name)) return true
  return isVirtual(world, name) && deps.some((dep) => isAbsent(world, dep))
}
