import type { Forced } from '../../framework/model/record.ts'
import type { Scope } from '../../framework/plan/scope.ts'
import type { Change } from '../../framework/ports/state.ts'
import type { FakeWorld } from '../rig/fake-world.ts'
import {
  addressOf,
  checkDefinition,
  contentOf,
  dataInputsOf,
  differ,
  drift,
  gatesOf,
  inOrder,
  inputsOf,
  isNode,
  isVirtual,
  keyOf,
  type Left,
  leftAt,
  shapeOf,
  statementOf,
  tokenOf,
} from './ground.ts'

/** What the reference remembers of a build: the actual contents, not what the engine recorded. */
interface Built {
  readonly definition: string
  /** What each input showed; null: can't be known. */
  readonly read: ReadonlyMap<string, string | null>
  /** What a view was created against: inlined statements, relations, columns. */
  readonly shapes: ReadonlyMap<string, { readonly statement: string; readonly shape: string }>
  readonly source: string | null
  readonly version: string | null
  readonly left: Left
  readonly relation: string
  readonly at: number
  /** The run that built it. */
  readonly run: number
}

interface Answered {
  readonly definition: string
  readonly read: ReadonlyMap<string, string | null>
  readonly outcome: 'pass' | 'warn' | 'fail'
}

export interface Expected {
  readonly state: 'fresh' | 'stale' | 'pending' | 'waiting'
  readonly reasons: readonly string[]
}

export interface Forecast {
  /** The outcome of each step, by name. A node that stays fresh is not in the map. */
  readonly outcomes: ReadonlyMap<string, string>
  readonly world: FakeWorld
}

const NOT_SEEN = undefined

/** The run of a version such as `new in run 7`; NaN for any other version. */
function since(version: string): number {
  const [, run] = /^new in run (\d+)$/.exec(version) ?? []
  return Number(run ?? Number.NaN)
}

function isAlwaysNew(world: FakeWorld, name: string): boolean {
  return world.assets.get(name)?.policy.dataVersion === 'always_new'
}

/**
 * A slow, simple implementation of the rules. It compares contents instead of hashes, takes one asset
 * after the other instead of batches, and has no fast path. It shares no code with the engine. It
 * follows every build and commit, so it knows the actual contents.
 */
export class Reference {
  readonly built = new Map<string, Built>()
  readonly answers = new Map<string, Answered>()
  readonly open = new Map<string, 'interrupted' | 'failed'>()
  readonly forced = new Map<string, Forced>()
  /** The versions of `always_new` assets in the last run that they were part of; null if absent. */
  readonly newVersions = new Map<
    string,
    { readonly is: string; readonly over: string | null } | null
  >()
  /** Whether this is a run. Outside a run, nothing is new. */
  isRunning = false
  /** The last run, or this one. Runs are counted, because the clock can be set back. */
  run = 0
  readonly #begun = new Map<string, number>()
  /** What moved assets left at their old relations: the last build there, by relation. */
  readonly leftovers = new Map<string, Built & { readonly accumulates: string }>()
  readonly #reading = new Map<string, Omit<Built, 'version' | 'left' | 'relation' | 'at' | 'run'>>()
  readonly #found = new Map<string, Pick<Built, 'version' | 'left' | 'relation'>>()

  clone(): Reference {
    const copy = new Reference()
    for (const [name, one] of this.built) copy.built.set(name, one)
    for (const [name, one] of this.answers) copy.answers.set(name, one)
    for (const [name, one] of this.open) copy.open.set(name, one)
    for (const [name, one] of this.forced) copy.forced.set(name, one)
    for (const [name, one] of this.newVersions) copy.newVersions.set(name, one)
    copy.run = this.run
    for (const [relation, one] of this.leftovers) copy.leftovers.set(relation, one)
    return copy
  }

  // Following builds and commits.

  starts(world: FakeWorld, name: string, inRun: ReadonlySet<string>, now: number): void {
    const { deps, source } = world.assets.get(name)!
    this.#reading.set(name, {
      definition: world.definitionOf(name),
      read: new Map(deps.map((dep) => [dep, this.version(world, dep, inRun, now)])),
      shapes: new Map(
        deps.map((dep) => [
          dep,
          { statement: statementOf(world, dep), shape: shapeOf(world, dep) },
        ]),
      ),
      source,
    })
  }

  ends(world: FakeWorld, name: string, inRun: ReadonlySet<string>, now: number): void {
    this.#found.set(name, {
      version: this.version(world, name, inRun, now, true),
      left: leftAt(world, name),
      relation: world.relationOf(name),
    })
  }

  follow(world: FakeWorld, change: Change, inRun: ReadonlySet<string>, now: number): void {
    switch (change.change) {
      case 'begin':
        this.open.set(change.name, 'interrupted')
        this.#begun.set(change.name, change.at)
        return
      case 'failed':
        this.open.set(change.name, 'failed')
        return
      case 'cancelled':
        this.open.set(change.name, 'interrupted')
        return
      case 'force':
        for (const name of change.names) {
          if (this.forced.get(name) !== 'full_refresh') this.forced.set(name, change.as)
        }
        return
      case 'commit': {
        const name = change.record.asset
        if (change.record.how === 'adopted') this.adopt(world, name)
        else {
          const [reading, found] = [this.#reading.get(name)!, this.#found.get(name)!]
          const at = this.#begun.get(name)!
          this.#commit(world, name, { ...reading, ...found, at, run: this.run })
        }
        return
      }
      case 'remember':
        if (isAlwaysNew(world, change.asset)) {
          const over = this.#under(world, change.asset, inRun, now)
          this.newVersions.set(change.asset, { is: `new in run ${this.run}`, over })
        }
        return
      case 'observed': {
        const { name, observation } = change
        const is = observation.version === null ? null : `new in run ${this.run}`
        const over = this.#under(world, name, inRun, now)
        if (isAlwaysNew(world, name)) this.newVersions.set(name, is === null ? null : { is, over })
        return
      }
      case 'checked':
        this.answer(world, change.result.check, change.result.outcome, inRun, now)
        return
      default:
    }
  }

  /** An observation records what was deleted, is unreadable or was written to since the last run. */
  looks(world: FakeWorld): void {
    for (const [name, { form, unreadable }] of world.assets) {
      if (form !== 'external' || !isAlwaysNew(world, name)) continue
      const isOther = this.newVersions.get(name)?.over !== tokenOf(world, name)
      if (unreadable || isOther) this.newVersions.set(name, null)
    }
  }

  adopt(world: FakeWorld, name: string): void {
    const left = leftAt(world, name)
    const version = isAlwaysNew(world, name) ? `new in run ${this.run}` : contentOf(world, name)
    this.#commit(world, name, { ...this.built.get(name)!, left, version })
  }

  answer(
    world: FakeWorld,
    check: string,
    outcome: Answered['outcome'],
    inRun: ReadonlySet<string>,
    now: number,
  ): void {
    const { reads } = world.checks.get(check)!
    const read = new Map(reads.map((name) => [name, this.version(world, name, inRun, now)]))
    this.answers.set(check, { definition: checkDefinition(world, check), read, outcome })
    this.open.delete(check)
    this.forced.delete(check)
  }

  #commit(world: FakeWorld, name: string, built: Built): void {
    const before = this.built.get(name)
    this.leftovers.delete(built.relation)
    if (before !== undefined && before.relation !== built.relation) {
      const { accumulates } = world.assets.get(name)!
      this.leftovers.set(before.relation, { ...before, accumulates })
    }
    this.built.set(name, built)
    this.open.delete(name)
    this.forced.delete(name)
  }

  // Predictions.

  /** The version that a reader sees now; null if unknown. */
  version(
    world: FakeWorld,
    name: string,
    inRun: ReadonlySet<string>,
    now: number,
    justBuilt = false,
  ): string | null {
    const asset = world.assets.get(name)!
    const below = () => asset.deps.map((dep) => this.version(world, dep, inRun, now))
    switch (asset.form) {
      case 'external':
        if (asset.unreadable || !world.isThere(name)) return null
        return isAlwaysNew(world, name)
          ? this.#newest(world, name, inRun, now)
          : contentOf(world, name)
      case 'stored': {
        const mode = asset.policy.dataVersion
        if (mode !== 'derived' && mode !== 'always_new') return contentOf(world, name)
        // The version of the last build counts as long as the asset needs no new build.
        const last = this.built.get(name)
        const isOfThisRun = this.isRunning && last?.run === this.run
        const isOurs = isOfThisRun || this.why(world, name, inRun, now).length === 0
        if (!justBuilt) return isOurs ? (last?.version ?? null) : null
        return mode === 'derived' ? keyOf(world, name, below()) : `new in run ${this.run}`
      }
      case 'ephemeral': {
        return keyOf(world, name, below())
      }
      case 'view': {
        if (!justBuilt && this.why(world, name, inRun, now).length > 0) return null
        const seen = below()
        if (isAlwaysNew(world, name) && justBuilt) return `new in run ${this.run}`
        if (seen.includes(null)) return null
        if (isAlwaysNew(world, name)) return this.#newest(world, name, inRun, now)
        return asset.policy.dataVersion === 'derived' ? keyOf(world, name, seen) : world.see(name)
      }
    }
  }

  /**
   * The version of an `always_new` asset: new in each run that it is part of. Otherwise it is the version
   * of the last such run, as long as its inputs (for an external, the asset itself) have not changed.
   */
  #newest(world: FakeWorld, name: string, inRun: ReadonlySet<string>, now: number): string | null {
    if (this.isRunning && inRun.has(name)) return `new in run ${this.run}`
    const last = this.newVersions.get(name) ?? null
    const isSame = last !== null && last.over === this.#under(world, name, inRun, now)
    // A later run built it again and was killed before it recorded the new version.
    const built = this.built.get(name)?.version ?? null
    const isOlder = last !== null && built !== null && since(last.is) < since(built)
    return isSame && !isOlder ? last.is : null
  }

  #under(world: FakeWorld, name: string, inRun: ReadonlySet<string>, now: number): string | null {
    const { form, deps } = world.assets.get(name)!
    if (form === 'external') return tokenOf(world, name)
    return keyOf(
      world,
      name,
      deps.map((dep) => this.version(world, dep, inRun, now)),
    )
  }

  /**
   * Why an asset or a check must be built or run now, apart from `shared`. Inputs for which `isKnown` is
   * false are skipped, except that a view knows the relation at which such an input `willBe`.
   */
  why(
    world: FakeWorld,
    name: string,
    inRun: ReadonlySet<string>,
    now: number,
    isKnown: (dep: string) => boolean = () => true,
    willBe: (dep: string) => string | null = () => null,
  ): string[] {
    if (world.checks.has(name)) return this.#whyCheck(world, name, inRun, now, isKnown)
    const asset = world.assets.get(name)!
    if (asset.form === 'ephemeral') return []
    if (asset.form === 'external') {
      return world.isThere(name) ? (asset.unreadable ? ['unknown'] : []) : ['missing']
    }
    const reasons = this.#whyAnything(name)
    const last = this.built.get(name)
    if (last === NOT_SEEN) return [...reasons, 'missing']
    const isMoved = last.relation !== world.relationOf(name)
    if (isMoved || !world.isThere(name)) reasons.push('missing')
    else reasons.push(...drift(last.left, leftAt(world, name)))
    if (world.definitionOf(name) !== last.definition) reasons.push('code')
    if (differ(asset.deps, last.read)) reasons.push('deps')
    else if (asset.form === 'view') {
      const moved = asset.deps.map((dep) => {
        const was = last.shapes.get(dep)!
        if (was.statement !== statementOf(world, dep)) return 'deps'
        if (!isKnown(dep) && willBe(dep) !== null) {
          if (last.read.get(dep) === null) return 'unknown'
          return JSON.parse(was.shape).relation === willBe(dep) ? null : 'deps'
        }
        if (!isKnown(dep) || this.version(world, dep, inRun, now) === null) return null
        if (last.read.get(dep) === null) return 'unknown'
        return was.shape === shapeOf(world, dep) ? null : 'deps'
      })
      reasons.push(...moved.filter((reason) => reason !== null).slice(0, 1))
    }
    if (asset.source !== null && asset.probed !== 'no' && asset.source !== last.source) {
      reasons.push('source')
    }
    const { freshness } = asset.policy
    const isProved = asset.probed === 'proof' && asset.source === last.source
    if (
      freshness !== null &&
      !isProved &&
      'maxAge' in freshness &&
      (now - last.at >= 0.95 * freshness.maxAge || last.at > now)
    ) {
      reasons.push('expired')
    }
    const decisive = dataInputsOf(world, name)
    reasons.push(...this.#data(world, decisive, last, inRun, now, isKnown))
    return reasons
  }

  #whyCheck(
    world: FakeWorld,
    name: string,
    inRun: ReadonlySet<string>,
    now: number,
    isKnown: (dep: string) => boolean,
  ): string[] {
    const check = world.checks.get(name)!
    const last = this.answers.get(name)
    const reasons = this.#whyAnything(name)
    if (last === NOT_SEEN) return [...reasons, 'unchecked']
    if (last.definition !== checkDefinition(world, name)) reasons.push('code')
    if (check.clock) reasons.push('expired')
    if (last.outcome === 'fail') reasons.push('failed')
    if (check.codeOnly) return reasons
    if (differ(check.reads, last.read)) reasons.push('deps')
    return [...reasons, ...this.#data(world, inputsOf(world, name), last, inRun, now, isKnown)]
  }

  #whyAnything(name: string): string[] {
    const reasons: string[] = this.forced.has(name) ? ['forced'] : []
    const open = this.open.get(name)
    return open === undefined ? reasons : [...reasons, open]
  }

  /** Whether there is nothing to read: it or an input it shows is absent. Not for a view that is stale. */
  #isAbsent(world: FakeWorld, name: string, inRun: ReadonlySet<string>, now: number): boolean {
    const { form, deps } = world.assets.get(name)!
    if (form !== 'ephemeral' && !world.isThere(name)) return true
    const shows = isVirtual(world, name) && this.why(world, name, inRun, now).length === 0
    return shows && deps.some((dep) => this.#isAbsent(world, dep, inRun, now))
  }

  #data(
    world: FakeWorld,
    reads: readonly string[],
    last: Pick<Built, 'read'>,
    inRun: ReadonlySet<string>,
    now: number,
    isKnown: (dep: string) => boolean,
  ): string[] {
    return [...last.read].flatMap(([dep, was]) => {
      if (!reads.includes(dep) || !isKnown(dep) || this.#isAbsent(world, dep, inRun, now)) return []
      const is = this.version(world, dep, inRun, now)
      return is === null || was === null ? ['unknown'] : is === was ? [] : ['data']
    })
  }

  /** The selection, its ancestors, and the checks that read any of them. */
  asked(world: FakeWorld, scope: Scope): Set<string> {
    const asked = new Set<string>()
    const enter = (name: string) => {
      asked.add(name)
      if (!scope.only) for (const input of inputsOf(world, name)) enter(input)
    }
    for (const name of scope.selected) if (isNode(world, name)) enter(name)
    for (const name of scope.excluded) asked.delete(name)
    for (const [check, { reads }] of world.checks) {
      if (reads.some((read) => asked.has(read)) && !scope.excluded.has(check)) asked.add(check)
    }
    return asked
  }

  /** Everything that a command may build, with all members of a unit if one of them needs a build. */
  inRun(world: FakeWorld, scope: Scope, now: number): ReadonlySet<string> {
    const inRun = this.asked(world, scope)
    for (const unit of this.#dueUnits(world, inRun, now)) {
      for (const [name, asset] of world.assets) if (asset.unit === unit) inRun.add(name)
    }
    return inRun
  }

  /** Units with a member in the run that needs a build; drift that is adopted needs none. */
  #dueUnits(world: FakeWorld, inRun: ReadonlySet<string>, now: number): Set<string> {
    const due = new Set<string>()
    for (const [name, { unit }] of world.assets) {
      if (unit === null || !inRun.has(name)) continue
      const reasons = this.why(world, name, inRun, now)
      if (reasons.length > 0 && !this.#isAdopted(world, name, reasons)) due.add(unit)
    }
    return due
  }

  /** Whether it is built because the call for another stream builds it, too. */
  #isShared(
    world: FakeWorld,
    name: string,
    due: ReadonlySet<string>,
    reasons: readonly string[],
  ): boolean {
    const unit = world.assets.get(name)?.unit ?? null
    if (unit === null || !due.has(unit)) return false
    return reasons.length === 0 || this.#isAdopted(world, name, reasons)
  }

  #isAdopted(world: FakeWorld, name: string, reasons: readonly string[]): boolean {
    const { policy, accumulates, form } = world.assets.get(name)!
    if (form !== 'stored') return false
    const byDefault = accumulates === 'snapshot' ? 'adopt' : 'rebuild'
    const onDrift = policy.onDrift === 'default' ? byDefault : policy.onDrift
    return onDrift === 'adopt' && reasons.every((reason) => reason === 'drifted')
  }

  /** The verdicts that `status` must show and that a run starts with. */
  verdicts(
    world: FakeWorld,
    inRun: ReadonlySet<string>,
    now: number,
  ): ReadonlyMap<string, Expected> {
    const verdicts = new Map<string, Expected>()
    const due = this.#dueUnits(world, inRun, now)
    const unsettled = new Set<string>()
    const nothing = new Set<string>()
    for (const name of inOrder(world)) {
      const inputs = inputsOf(world, name)
      const isKnown = (dep: string) => !unsettled.has(dep)
      // An input that is certain to be built will be at the relation of its definition.
      const willBe = (dep: string) =>
        inRun.has(dep) && verdicts.get(dep)?.state === 'stale' ? addressOf(world, dep) : null
      const reasons = this.why(world, name, inRun, now, isKnown, willBe)
      const asset = world.assets.get(name)
      if (this.#isShared(world, name, due, reasons)) reasons.push('shared')
      const waitsFor = world.checks.get(name)?.codeOnly ? [] : inputs.filter((dep) => !isKnown(dep))
      const outside = inputs.some((dep) => !inRun.has(dep) && verdicts.get(dep)!.state !== 'fresh')
      const shows = isVirtual(world, name)
      const decisive = dataInputsOf(world, name)
      const waits = waitsFor.some((dep) => decisive.includes(dep)) && asset?.form !== 'ephemeral'
      const open = reasons.length > 0 || waits
      const state =
        open && asset === undefined && outside
          ? 'waiting'
          : reasons.length > 0
            ? 'stale'
            : open
              ? 'pending'
              : 'fresh'
      verdicts.set(name, { state, reasons: [...new Set(reasons)].sort() })
      const isMissed = asset !== undefined && asset.form !== 'ephemeral' && !world.isThere(name)
      if (isMissed && (asset.form === 'external' || !inRun.has(name))) nothing.add(name)
      if (asset === undefined || asset.form === 'external') continue
      const isOpen = state !== 'fresh' && inRun.has(name)
      // Outside the run, but its version depends on what the run builds.
      const follows = shows || ['derived', 'always_new'].includes(asset.policy.dataVersion)
      // A virtual asset over an absent asset that this run does not build shows nothing.
      const isNothing = shows && inputs.some((dep) => nothing.has(dep))
      if (isNothing && !isOpen) nothing.add(name)
      else if (isOpen || (follows && waitsFor.length > 0)) unsettled.add(name)
    }
    return verdicts
  }

  /** The outcome of each step of an undisturbed run. */
  forecast(world: FakeWorld, scope: Scope, now: number): Forecast {
    const self = this.clone()
    self.isRunning = true
    self.run++
    return self.#run(world.clone(), self.inRun(world, scope, now), now)
  }

  #run(world: FakeWorld, inRun: ReadonlySet<string>, now: number): Forecast {
    const before = this.verdicts(world, inRun, now)
    const due = this.#dueUnits(world, inRun, now)
    const outcomes = new Map<string, string>()
    /** Nodes whose readers must not be built, and nodes whose content is unknown. */
    const stopped = new Set<string>()
    const broken = new Set<string>()
    for (const name of inOrder(world)) {
      if (!inRun.has(name)) {
        const isGate = world.checks.has(name) && this.why(world, name, inRun, now).length > 0
        const gates = gatesOf(world, name).filter((gate) => inRun.has(gate))
        const isHeldUp = [...inputsOf(world, name), ...gates].some((one) => stopped.has(one))
        if (isGate || (isVirtual(world, name) && isHeldUp)) stopped.add(name)
        continue
      }
      const asset = world.assets.get(name)
      const inputs = inputsOf(world, name)
      const gates = gatesOf(world, name)
      const isStopped =
        [...inputs, ...gates].some((one) => stopped.has(one)) ||
        inputs.some((one) => this.#isAbsent(world, one, inRun, now))
      const reasons = this.why(world, name, inRun, now)
      if (this.#isShared(world, name, due, reasons)) reasons.push('shared')
      // Reads a node outside the run that is not fresh. An absent external does not change its readers.
      const isUncertain = (above: string) =>
        broken.has(above) && world.assets.get(above)!.form !== 'external'
      const isOutside = inputs.some(
        (one) =>
          !inRun.has(one) &&
          (this.why(world, one, inRun, now).length > 0 ||
            (!isVirtual(world, one) && inputsOf(world, one).some(isUncertain))),
      )
      const isBroken = inputs.some((one) => broken.has(one))
      const outcome =
        isBroken && reasons.length === 0
          ? isVirtual(world, name) || (asset === undefined && isOutside)
            ? null
            : 'blocked'
          : this.#step(world, name, reasons, before.get(name)!, isStopped, isOutside, inRun, now)
      // A blocked node that was fresh keeps its content.
      const ended =
        outcome === 'failed' || (outcome === 'blocked' && before.get(name)!.state !== 'fresh')
      if (ended || (isVirtual(world, name) && isBroken)) broken.add(name)
      if (outcome !== null) outcomes.set(name, outcome)
      if (outcome === 'failed' || outcome === 'blocked' || outcome === 'waiting' || isStopped) {
        // A check that passed before on the same versions does not stop anything.
        if (asset !== undefined || outcome !== null) stopped.add(name)
      }
    }
    return { outcomes, world }
  }

  #step(
    world: FakeWorld,
    name: string,
    reasons: readonly string[],
    before: Expected,
    isStopped: boolean,
    isOutside: boolean,
    inRun: ReadonlySet<string>,
    now: number,
  ): string | null {
    const asset = world.assets.get(name)
    if (reasons.length === 0) {
      return before.state === 'fresh' ? null : 'released'
    }
    if (asset === undefined) {
      if (isOutside) return 'waiting'
      if (isStopped) return 'blocked'
      const { result } = world.checks.get(name)!
      this.answer(world, name, result, inRun, now)
      return result === 'fail' ? 'failed' : 'checked'
    }
    if (asset.form === 'external') return world.isThere(name) ? null : 'failed'
    if (isStopped) return 'blocked'
    if (this.#isAdopted(world, name, reasons)) {
      this.adopt(world, name)
      return 'adopted'
    }
    const last = this.built.get(name)
    const isLost = asset.accumulates === 'snapshot' && last !== undefined && !world.isThere(name)
    if (isLost && this.forced.get(name) !== 'full_refresh') return 'failed'
    if (asset.fails || world.wouldHold(name) === null) {
      if (asset.fails && asset.leavesHalf) world.tables.set(world.relationOf(name), 'half')
      this.open.set(name, 'failed')
      return 'failed'
    }
    this.starts(world, name, inRun, now)
    world.build(name, this.#isFull(world, name, reasons))
    this.ends(world, name, inRun, now)
    this.#commit(world, name, {
      ...this.#reading.get(name)!,
      ...this.#found.get(name)!,
      at: now,
      run: this.run,
    })
    const { version } = this.built.get(name)!
    return last !== undefined && version !== null && version === last.version
      ? 'unchanged'
      : 'built'
  }

  #isFull(world: FakeWorld, name: string, reasons: readonly string[]): boolean {
    const { accumulates, policy } = world.assets.get(name)!
    if (accumulates === 'no') return true
    if (accumulates === 'snapshot') return false
    if (this.forced.get(name) === 'full_refresh') return true
    const last = this.built.get(name)
    if (last === undefined) return !world.isThere(name)
    if (last.relation !== world.relationOf(name)) {
      const { source } = world.assets.get(name)!
      return !world.isThere(name) || source !== null || this.leftovers.has(world.relationOf(name))
    }
    if (drift(last.left, leftAt(world, name)).length > 0) return true
    return reasons.some(
      (reason) =>
        ['missing', 'deps', 'drifted'].includes(reason) ||
        (reason === 'code' && policy.onCode === 'full_refresh'),
    )
  }
}
