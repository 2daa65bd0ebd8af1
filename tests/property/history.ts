import type { Verdict } from '../../framework/model/verdict.ts'
import type { Plan } from '../../framework/plan/steps.ts'
import { type Ask, FakeProject, Killed, type Ran } from '../rig/fake-project.ts'
import { viewsThatName } from '../rig/fake-session.ts'
import type { FakeAsset } from '../rig/fake-world.ts'
import { gatesOf, inputsOf, isBelow, isVirtual } from './ground.ts'
import { type Expected, type Forecast, Reference } from './reference.ts'
import { type BuildCommand, type Command, declare, type Edit, fits, type Story } from './story.ts'
import { falselyFresh } from './truth.ts'

/** Outcomes that write a record. */
const DONE = ['built', 'unchanged', 'checked', 'adopted']

/** A difference between the engine and the reference. */
class Violation extends Error {}

/** A project, the engine that builds it, and the reference that follows it. */
export class History {
  readonly project = new FakeProject()
  readonly reference = new Reference()
  /** Built while others made changes: the engine may know less of these than the reference. */
  readonly #uncertain = new Set<string>()
  /** What the last run dropped. */
  readonly #dropped = new Set<string>()
  /** Built on top of a table without a record. */
  readonly #continued = new Set<string>()
  /** The content after the last build, by relation, for edits that restore it. */
  readonly #left = new Map<string, string>()
  /** Assets that left the project. */
  readonly #away = new Map<string, FakeAsset>()
  #names = 0

  constructor() {
    // Late enough that the clock can be set back.
    this.project.now = 1_000_000_000
  }

  async apply(command: Command): Promise<void> {
    switch (command.do) {
      case 'materialize':
        await this.#materialize(command)
        break
      case 'kill':
      case 'abort':
      case 'meddle':
        await this.#disturbed(command)
        break
      case 'status':
        break
      default:
        this.edit(command)
    }
    await this.#look()
  }

  /** Makes an edit. An edit that does not apply to the asset does nothing. */
  edit(edit: Edit): void {
    const { project } = this
    if (edit.do === 'wait') {
      project.now += edit.minutes * 60_000
      return
    }
    if (edit.do === 'check' || edit.do === 'recheck' || edit.do === 'result') {
      this.#editCheck(edit)
      return
    }
    if (edit.do === 'return') {
      for (const [name, asset] of this.#away) {
        if (!asset.deps.every((dep) => project.assets.has(dep))) continue
        project.assets.set(name, asset)
        this.#away.delete(name)
      }
      return
    }
    const names = [...project.assets.keys()]
    const name = names[edit.asset % names.length]!
    const asset = project.assets.get(name)!
    const relation = project.relationOf(name)
    switch (edit.do) {
      case 'code':
        asset.code = `select ${edit.to}`
        return
      case 'source':
        if (asset.source !== null) asset.source = `rows ${edit.to}`
        return
      case 'columns':
        if (asset.form !== 'external') asset.columns = `columns ${edit.to}`
        return
      case 'constant':
        if (asset.form !== 'external')
          asset.constant = edit.to === null ? null : `always ${edit.to}`
        return
      case 'alias':
        if (asset.form !== 'ephemeral') asset.alias = edit.to ? `alias_of_${name}` : null
        return
      case 'pivots':
        if (asset.kind === 'dbt') asset.pivots = edit.to
        return
      case 'form':
        if (asset.kind !== 'dbt' || asset.accumulates !== 'no') return
        asset.form = edit.to
        // An unfit mode is a problem, so the owner would choose a mode that fits.
        if (!fits(asset.policy.dataVersion, edit.to, true)) {
          asset.policy = { ...asset.policy, dataVersion: 'default' }
        }
        return
      case 'waive':
        asset.policy = { ...asset.policy, checks: { block: edit.to ? 'never' : 'error' } }
        return
      case 'dep':
        this.#toggle(asset, name, names[edit.dep % names.length]!)
        return
      case 'rename':
        this.#rename(name, asset)
        return
      case 'leave':
        this.#leave(name, asset, edit.to)
        return
      case 'drop':
        project.drop(name)
        return
      case 'restore': {
        const left = this.#left.get(relation)
        if (left !== undefined && project.tables.has(relation)) project.tables.set(relation, left)
        return
      }
      case 'edit':
        if (project.tables.has(relation) && asset.form !== 'external') {
          project.tables.set(relation, `edit ${edit.to}`)
        }
        return
      case 'redefine':
        if (project.views.has(relation)) {
          const columns = project.columns.get(relation)!
          const by = { is: 'select' as const, code: `by hand ${edit.to}`, constant: 'x', columns }
          project.views.set(relation, { ...by, reads: [] })
        }
        return
      case 'fail':
        asset.fails = edit.how !== 'no'
        asset.leavesHalf = edit.how === 'half' && asset.form === 'stored'
        return
      case 'external':
        if (asset.form !== 'external') return
        asset.unreadable = edit.to === 'locked'
        if (edit.to === 'gone') project.tables.delete(relation)
        else if (edit.to !== 'locked') project.tables.set(relation, `file ${edit.to}`)
    }
  }

  #editCheck(edit: Extract<Edit, { do: 'check' | 'recheck' | 'result' }>): void {
    const { project } = this
    // Checks are dbt's.
    if (![...project.assets.values()].some(({ kind }) => kind === 'dbt')) return
    const name = `check_${edit.check}`
    const check = project.checks.get(name)
    switch (edit.do) {
      case 'check': {
        const names = [...project.assets.keys()]
        const reads = [...new Set(edit.reads.map((read) => names[read % names.length]!))]
        if (check !== undefined) project.checks.delete(name)
        else if (reads.length > 0) project.check(name, reads)
        return
      }
      case 'recheck':
        if (check === undefined) return
        check.code = `test ${edit.code}`
        check.severity = edit.warn ? 'warn' : 'error'
        if (edit.warn && check.result === 'fail') check.result = 'warn'
        return
      case 'result':
        if (check === undefined) return
        check.result = edit.to === 'fail' && check.severity === 'warn' ? 'warn' : edit.to
    }
  }

  /** Adds or removes an input. Declaration order stays topological: an asset reads only earlier ones. */
  #toggle(asset: FakeAsset, name: string, dep: string): void {
    const order = [...this.project.assets.keys()]
    const takesDeps = asset.source === null && asset.form !== 'external'
    if (!takesDeps || order.indexOf(dep) >= order.indexOf(name)) return
    asset.deps = asset.deps.includes(dep)
      ? asset.deps.filter((one) => one !== dep)
      : [...asset.deps, dep]
  }

  #rename(name: string, asset: FakeAsset): void {
    if (asset.form === 'external') return
    const to = `renamed_${this.#names++}`
    const { assets, checks } = this.project
    const entries = [...assets]
    assets.clear()
    for (const [other, one] of entries) {
      one.deps = one.deps.map((dep) => (dep === name ? to : dep))
      assets.set(other === name ? to : other, one)
    }
    for (const one of this.#away.values()) {
      one.deps = one.deps.map((dep) => (dep === name ? to : dep))
    }
    for (const check of checks.values()) {
      check.reads = check.reads.map((read) => (read === name ? to : read))
    }
  }

  #leave(name: string, asset: FakeAsset, to: number | null): void {
    const { project } = this
    const isRead =
      [...project.assets.values()].some(({ deps }) => deps.includes(name)) ||
      [...project.checks.values()].some(({ reads }) => reads.includes(name))
    const rest = [...project.assets.values()].filter((one) => one !== asset)
    // Checks are dbt's.
    const hasDbt = rest.some(({ kind }) => kind === 'dbt') || project.checks.size === 0
    if (isRead || rest.length === 0 || !hasDbt) return
    const relation = project.relationOf(name)
    if (to !== null && project.tables.has(relation)) project.tables.set(relation, `away ${to}`)
    project.assets.delete(name)
    this.#away.set(name, asset)
  }

  #ask(request: BuildCommand): { select: readonly string[]; ask: Ask } {
    const names = [...this.project.assets.keys()]
    const named = (number: number) => names[number % names.length]!
    const select = request.select === null ? names : [...new Set(request.select.map(named))]
    const excluded = new Set(request.exclude === null ? [] : [named(request.exclude)])
    const ask = {
      only: request.only,
      excluded,
      prune: request.prune,
      ...(request.forced === null ? {} : { forced: request.forced }),
    }
    // dbt's project is parsed only if the run builds an asset of dbt's; its checks are not known before.
    const asked = this.reference.asked(this.project, this.project.scope(select, ask))
    const isOfDbt = (name: string) => this.project.assets.get(name)?.kind === 'dbt'
    return { select, ask: { ...ask, late: request.late && [...asked].some(isOfDbt) } }
  }

  /** An undisturbed run does exactly what the reference says. */
  async #materialize(request: BuildCommand): Promise<void> {
    const { project, reference } = this
    const { select, ask } = this.#ask(request)
    const scope = project.scope(select, ask)
    const now = project.now + 60_000
    const marked = reference.clone()
    for (const name of ask.forced === undefined ? [] : scope.selected) {
      if (marked.forced.get(name) !== 'full_refresh') marked.forced.set(name, ask.forced!)
    }
    const forecast = marked.forecast(project, scope, now)
    const inRun = marked.inRun(project, scope, now)
    const plan = ask.late ? null : await project.plan(select, ask)
    const ran = await this.#watched(inRun, now, () => project.materialize(select, ask))
    if (plan !== null) this.#agrees(plan, ran)
    const isUncertain = [...inRun].some((name) => this.#isUncertain(name))
    if (!isUncertain) this.#compare(ran, forecast, reference.asked(project, scope))
    for (const step of ran.steps) {
      const [uncertain, outcome] = step.split(': ') as [string, string]
      if (DONE.includes(outcome)) this.#uncertain.delete(uncertain)
    }
    this.#inOrder(ran, inRun)
    if (ran.result.outcome !== 'succeeded') return
    const verdicts = await project.status()
    const asked = reference.asked(project, scope)
    for (const name of asked) {
      // Law 1 is about the selection and its ancestors. An excluded ancestor, or an excluded member of
      // the same unit, may stay stale.
      const { assets } = project
      const isAbove = (other: string) => other === name || isBelow(project, name, other)
      const isLeftOut = (other: string) => {
        const unit = assets.get(other)!.unit
        const mates = [...assets].filter(([, mate]) => unit !== null && mate.unit === unit)
        const isWhole = mates.every(([mate]) => asked.has(mate))
        return isAbove(other) && !(asked.has(other) && isWhole)
      }
      if ([...assets.keys()].some(isLeftOut)) continue
      const state = verdicts.get(name)!.state
      const mayStay = this.#dependsOnUnknown(name) || forecast.outcomes.get(name) === 'waiting'
      if (state !== 'fresh' && !mayStay) {
        throw new Violation(`after success ${name} is ${JSON.stringify(verdicts.get(name))}`)
      }
    }
  }

  async #disturbed(command: Extract<Command, { do: 'kill' | 'abort' | 'meddle' }>): Promise<void> {
    const { project, reference } = this
    const { select, ask } = this.#ask(command)
    const now = project.now + 60_000
    const inRun = reference.inRun(project, project.scope(select, ask), now)
    project.onPoint = (number) => {
      if (number !== command.at) return
      if (command.do === 'kill') throw new Killed()
      if (command.do === 'abort') project.abort.abort()
      else if (command.do === 'meddle' && this.#isOpenTo(command.edit)) this.edit(command.edit)
    }
    const run = async () => {
      try {
        return await project.materialize(select, ask)
      } catch (error) {
        if (error instanceof Killed) return null
        throw error
      } finally {
        project.onPoint = () => {}
        project.abort = new AbortController()
      }
    }
    const ran = await this.#watched(inRun, now, run)
    if (command.do === 'meddle') {
      for (const name of inRun) this.#uncertain.add(name)
    } else if (ran !== null) this.#inOrder(ran, inRun)
  }

  /**
   * Whether an edit may happen during a run. Others can't write to an exclusive warehouse during a run.
   * An edit just before an incremental build continues the table can't be detected.
   */
  #isOpenTo(edit: Edit): boolean {
    const isWarehouse = ['drop', 'restore', 'edit', 'redefine'].includes(edit.do)
    if (!isWarehouse || !('asset' in edit)) return true
    const asset = [...this.project.assets.values()][edit.asset % this.project.assets.size]!
    return asset.accumulates === 'no' && this.project.warehouse?.resource == null
  }

  /** Shows the reference every build and every commit of a run. */
  async #watched<T>(inRun: ReadonlySet<string>, now: number, run: () => Promise<T>): Promise<T> {
    const { project, reference } = this
    project.onBuild = (name, full) => {
      if (full) this.#continued.delete(name)
      else if (!reference.built.has(name)) this.#continued.add(name)
      reference.starts(project, name, inRun, now)
    }
    this.#dropped.clear()
    project.onDrop = (relation) => this.#mayDrop(relation)
    project.onBuilt = (name) => {
      reference.ends(project, name, inRun, now)
      const relation = project.relationOf(name)
      const left = project.tables.get(relation)
      if (left !== undefined) this.#left.set(relation, left)
    }
    project.state.onChange = (change) => reference.follow(project, change, inRun, now)
    reference.isRunning = true
    reference.run++
    try {
      return await run()
    } finally {
      reference.isRunning = false
    }
  }

  /** Only what a moved asset left is dropped, as it was left, and if no view names it. */
  #mayDrop(relation: string): void {
    const { project, reference } = this
    const left = reference.leftovers.get(relation)
    const isFilled = [...project.assets.keys()].some(
      (name) => project.relationOf(name) === relation,
    )
    if (left === undefined || isFilled) throw new Violation(`${relation} was dropped, and not left`)
    if (left.accumulates !== 'no') throw new Violation(`${relation} had history, and was dropped`)
    const definition = project.shownDefinition(relation)
    const content = definition === null ? project.tables.get(relation) : null
    const isSame =
      definition === left.left.definition && (!left.left.isHashed || content === left.left.content)
    if (!isSame) throw new Violation(`${relation} was changed by others, and was dropped`)
    const [reader] = viewsThatName(project, relation)
    if (reader !== undefined) throw new Violation(`${relation} was dropped, and ${reader} names it`)
    this.#dropped.add(relation)
    reference.leftovers.delete(relation)
  }

  /** `status` agrees with the reference, says fresh only of what is, and offline only if online does. */
  async #look(): Promise<void> {
    const { project, reference } = this
    const all = new Set([...project.assets.keys(), ...project.checks.keys()])
    const verdicts = await project.status()
    reference.looks(project)
    const expected = reference.verdicts(project, all, project.now)
    for (const name of verdicts.keys()) {
      if (!this.#isUncertain(name)) this.#compareVerdict(name, verdicts, expected.get(name)!)
    }
    const [contradiction] = falselyFresh(project, verdicts, this.#continued)
    if (contradiction !== undefined) throw new Violation(contradiction)
    for (const [name, verdict] of await project.status('offline')) {
      if (verdict.state === 'fresh' && verdicts.get(name)!.state === 'stale') {
        throw new Violation(
          `offline ${name} is fresh, online it is ${JSON.stringify(verdicts.get(name))}`,
        )
      }
    }
  }

  #compareVerdict(name: string, verdicts: ReadonlyMap<string, Verdict>, expected: Expected): void {
    const verdict = verdicts.get(name)!
    const reasons =
      verdict.state === 'stale'
        ? [...new Set(verdict.reasons.map((reason) => reason.reason as string))].sort()
        : []
    const ofData = (reason: string) => reason === 'data' || reason === 'unknown'
    const certain = (all: readonly string[]) => all.filter((reason) => !ofData(reason)).join()
    const isView = this.project.assets.get(name)?.form === 'view'
    // The engine compares what a view was created against only when none of its ancestors waits.
    const isWaiting =
      isView &&
      [...verdicts].some(
        ([other, { state }]) => state === 'pending' && isBelow(this.project, name, other),
      )
    const isLater = (reason: string) => ofData(reason) || (isWaiting && reason === 'deps')
    const isUnseen = this.#readsView(name) && expected.reasons.every(isLater)
    const isSame =
      verdict.state === expected.state &&
      (this.#readsView(name)
        ? certain(reasons) === certain(expected.reasons)
        : reasons.join() === expected.reasons.join())
    // The content of a view is unknown until it is observed after a change below it. Readers wait for
    // that, except views, which depend on relation and columns only.
    const isOpen = verdict.state === 'pending' || (isView && verdict.state === 'fresh')
    if (isSame || (isOpen && isUnseen)) return
    throw new Violation(
      `${name} is ${JSON.stringify(verdict)}, expected ${JSON.stringify(expected)}`,
    )
  }

  /** A run executes all certain steps of its plan, and no step that is neither certain nor possible. */
  #agrees(plan: Plan, ran: Ran): void {
    const will = plan.steps.filter(({ verdict }) => verdict === 'stale')
    const possible = new Set([
      ...plan.steps.map(({ asset }) => asset),
      ...plan.mayReplace,
      ...plan.waiting.map(({ check }) => check),
    ])
    const executed = new Set(
      ran.events.flatMap((event) => {
        const isAdopted = event.event === 'step_finished' && event.outcome.state === 'adopted'
        return event.event === 'step_started' || isAdopted ? [event.asset] : []
      }),
    )
    const ended = new Set(ran.steps.map((step) => step.split(': ')[0]!))
    for (const { asset } of will) {
      if (!ended.has(asset)) throw new Violation(`${asset} is planned and was not executed`)
    }
    for (const name of executed) {
      if (!possible.has(name)) throw new Violation(`${name} was executed and is not in the plan`)
    }
  }

  #compare(ran: Ran, forecast: Forecast, asked: ReadonlySet<string>): void {
    const { project } = this
    const happened = new Map(
      ran.steps.map((step) => [step.split(': ')[0]!, step.split(': ')[1]!] as const),
    )
    const idle = ['released', 'blocked', 'none']
    for (const name of [...project.assets.keys(), ...project.checks.keys()]) {
      const was = happened.get(name) ?? 'none'
      const planned = forecast.outcomes.get(name) ?? 'none'
      const should = planned === 'waiting' ? 'none' : planned
      const isUnseen = this.#readsView(name) || project.assets.get(name)?.form === 'view'
      if (was === should || (isUnseen && idle.includes(was) && idle.includes(should))) continue
      throw new Violation(`${name} was ${was}, expected ${should} (${ran.steps.join(', ')})`)
    }
    const outcomes = [...asked].map((name) => forecast.outcomes.get(name))
    const isFailed = outcomes.includes('failed') || outcomes.includes('blocked')
    if ((ran.result.outcome === 'failed') !== isFailed) {
      throw new Violation(`the run ${ran.result.outcome} (${ran.steps.join(', ')})`)
    }
    for (const [relation, content] of forecast.world.tables) {
      if (this.#dropped.has(relation)) continue
      const holds = project.tables.get(relation)
      if (holds !== content) {
        throw new Violation(`${relation} holds ${holds}, expected ${content}`)
      }
    }
  }

  /** Every step came after its inputs and its gates. */
  #inOrder(ran: Ran, inRun: ReadonlySet<string>): void {
    const { project } = this
    // Steps do not wait for nodes outside the run, except for virtual assets, which show their inputs.
    const needs = (name: string, other: string): boolean =>
      gatesOf(project, name).includes(other) ||
      inputsOf(project, name).some((input) => {
        const isPassed = inRun.has(input) || isVirtual(project, input)
        return input === other || (isPassed && needs(input, other))
      })
    const acted = ran.steps.flatMap((step) => {
      const [name, outcome] = step.split(': ') as [string, string]
      return DONE.includes(outcome) ? [name] : []
    })
    acted.forEach((name, at) => {
      const late = acted.slice(at + 1).find((other) => needs(name, other))
      if (late !== undefined) throw new Violation(`${name} came before ${late}, which it needs`)
    })
  }

  #isUncertain(name: string): boolean {
    return [...this.#uncertain].some(
      (uncertain) =>
        uncertain === name ||
        (this.project.assets.has(uncertain) && isBelow(this.project, name, uncertain)) ||
        gatesOf(this.project, name).includes(uncertain),
    )
  }

  #readsView(name: string): boolean {
    const { assets } = this.project
    return [...assets].some(
      ([other, { form }]) => form === 'view' && isBelow(this.project, name, other),
    )
  }

  /** Below something that can't be read: built in each run, and never known to be fresh. */
  #dependsOnUnknown(name: string): boolean {
    const { assets } = this.project
    return [...assets].some(
      ([other, { unreadable }]) =>
        unreadable && (other === name || isBelow(this.project, name, other)),
    )
  }
}

/** Plays a story, then one run of everything. Throws the first violation. */
export async function play(story: Story): Promise<void> {
  const history = new History()
  declare(history.project, story)
  for (const command of story.commands) await history.apply(command)
  await history.apply({
    do: 'materialize',
    select: null,
    only: false,
    exclude: null,
    forced: null,
    late: false,
    prune: false,
  })
}
