import type { RecordedInput } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import { keyVersion, type Settled, type Version } from '../model/version.ts'
import { modeOf } from '../model/version-mode.ts'
import type { World } from './world.ts'

/** What changed about one virtual asset since a reader recorded what it showed. */
export interface Moved {
  /** The direct inputs that changed, or that are not known to be unchanged. */
  readonly below: readonly string[]
  /** The version of each of them that the reader recorded. */
  readonly seen: ReadonlyMap<string, Version | null>
  /**
   * How it may have changed in itself. `installed`: a build replaced it, or will. `code`: an ephemeral
   * with another statement. `always_new`: its policy makes it new in each run.
   */
  readonly own: 'installed' | 'code' | 'always_new' | null
}

/** The verdicts and versions of all nodes, by index. */
interface Known {
  readonly verdicts: readonly Verdict[]
  readonly settled: readonly Settled[]
}

/**
 * Follows a virtual input of a reader down to what changed, through all virtual assets that changed
 * themselves. A version is compared with the one that the reader recorded: the record of a view holds
 * the version of its creation (SEMANTICS 24e). Returns the virtual assets on the way, `input` among
 * them, by name; an input that is in no list of `below` and is no key holds its recorded version. Pure.
 * `run`: the run that recorded the reader.
 */
export function movedBelow(
  world: World,
  { verdicts, settled }: Known,
  input: RecordedInput,
  run: number,
): ReadonlyMap<string, Moved> {
  const seen = new Map<string, Version | null>([[input.name, input.version]])
  for (const { name, version } of input.under ?? []) seen.set(name, version)
  const moved = new Map<string, Moved>()
  const open = [input.name]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const i = world.graph.indexOf(name)
    if (i === undefined || moved.has(name) || !world.isVirtual(i)) continue
    const inputs = Array.from(world.graph.inputs(i), (one) => world.name(one))
    const below = inputs.filter((one) => seen.has(one) && hasMoved(one))
    moved.set(name, { below, seen, own: ownChange(i, inputs) })
    open.push(...below)
  }
  return moved

  function hasMoved(name: string): boolean {
    const now = settled[world.graph.indexOf(name)!]!
    return now.state !== 'settled' || now.version !== seen.get(name)
  }

  function ownChange(i: number, inputs: readonly string[]): Moved['own'] {
    if (verdicts[i]!.state !== 'fresh') return 'installed'
    const { asset, definition, record } = world.facts(i)
    if (definition === null) return null
    if (modeOf(asset, definition) === 'always_new') return 'always_new'
    if (record !== null && record.run <= run) return null
    const codeVersion = record?.codeVersion ?? definition.codeVersion
    if (showsSame(asset.name, codeVersion, inputs)) return null
    return record === null ? 'code' : 'installed'
  }

  /** Whether the code of now, over the recorded inputs, is known to show what the reader saw. */
  function showsSame(name: string, codeVersion: string, inputs: readonly string[]): boolean {
    const parts = [codeVersion]
    for (const input of inputs) {
      const version = seen.get(input) ?? null
      if (version === null) return false
      parts.push(input, version)
    }
    const before = seen.get(name)
    const key = keyVersion(...parts)
    return key === before || world.remembered(world.graph.indexOf(name)!).get(key) === before
  }
}

/**
 * A verdict whose reasons name what changed below the virtual assets that they are about: the history
 * of the run keeps them, because a later record of the reader holds later versions. Pure.
 */
export function withMoved(world: World, known: Known, i: number, verdict: Verdict): Verdict {
  const last = world.last(i)
  if (verdict.state !== 'stale' || last === null) return verdict
  const [first, ...rest] = verdict.reasons
  return { state: 'stale', reasons: [named(first), ...rest.map(named)] }

  function named(reason: Reason): Reason {
    const input = last!.inputs.find(({ name }) => name === reason.asset)
    if (input?.under === undefined) return reason
    const below = [...movedBelow(world, known, input, last!.run).values()]
    return { ...reason, moved: [...new Set(below.flatMap((one) => one.below))] }
  }
}

/**
 * The same as `movedBelow` of a past run, from the names that its reason recorded. A view that the
 * same run built may have changed in itself. Pure.
 */
export function movedInRun(
  world: World,
  virtual: string,
  names: readonly string[],
  run: number,
): ReadonlyMap<string, Moved> {
  const then = new Set(names)
  const moved = new Map<string, Moved>()
  const open = [virtual]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const i = world.graph.indexOf(name)
    if (i === undefined || moved.has(name) || !world.isVirtual(i)) continue
    const inputs = Array.from(world.graph.inputs(i), (one) => world.name(one))
    const below = inputs.filter((one) => then.has(one))
    const own = world.last(i)?.run === run ? 'installed' : null
    moved.set(name, { below, seen: new Map(), own })
    open.push(...below)
  }
  return moved
}
