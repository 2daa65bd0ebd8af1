import { hash } from '../../framework/lib/hash.ts'
import type { Asset, KindName } from '../../framework/model/asset.ts'
import type { Check, Definition } from '../../framework/model/definition.ts'
import type { Observation } from '../../framework/model/observation.ts'
import { fail, ok, type Problem } from '../../framework/model/problem.ts'
import type {
  Batch,
  BatchStep,
  DefinedAsset,
  Product,
  Report,
  StepReport,
} from '../../framework/ports/batch.ts'
import type {
  Defined,
  Described,
  Inspections,
  Kind,
  ObserveRequest,
} from '../../framework/ports/kind.ts'
import type { Site } from '../../framework/ports/site.ts'
import type { Inspected, ViewComparison } from '../../framework/ports/warehouse.ts'
import { digest, type FakeHook, type FakeWorld } from './fake-world.ts'

/** How a fake kind reports to its project while it works. */
export interface Stage {
  readonly world: FakeWorld
  /** dbt's project was never parsed, so its definitions are made during the run. */
  readonly late: boolean
  /** The time that late definitions take. */
  readonly defining: () => Promise<void>
  /** A call reports its results at its end, the last one first. */
  readonly reportsInReverse: boolean
  /** Whether the warehouse has a change token for each table. */
  readonly hasTokens: boolean
  /** Whether an installed view can be compared with its code. */
  readonly comparesViews: boolean
  /** Called before what exists is measured, and between its two looks. */
  readonly onMeasure: (moment: 'before' | 'between') => void
  readonly now: () => number
  /** Called before each write; throws when the process is killed. */
  readonly point: () => Promise<void>
  readonly onBuild: (name: string, full: boolean) => void
  /** Resolves when the work of a build or check is done, or when the signal aborts. */
  readonly work: (name: string, signal: AbortSignal) => Promise<void>
  readonly onBatch: (steps: readonly BatchStep[]) => void
  readonly onBuilt: (name: string) => void
}

export class FakeKind implements Kind {
  readonly name: KindName
  readonly uses: Kind['uses']
  readonly batches: Kind['batches']
  readonly rebuilder = { unverifiable: 'a fake' }
  readonly #stage: Stage
  readonly #world: FakeWorld

  constructor(name: KindName, stage: Stage) {
    this.name = name
    this.#stage = stage
    this.#world = stage.world
    this.uses = name === 'command' || name === 'external' ? 'nothing' : 'warehouse'
    this.batches = name === 'command' ? 'apart' : 'together'
  }

  async define(assets: readonly Asset[]): Promise<Defined> {
    if (!this.#stage.late || this.name !== 'dbt') return this.#defineNow(assets)
    const define = async () => {
      await this.#stage.defining()
      return this.#defineNow(assets)
    }
    const later = { needs: 'environment', define } as const
    return { definitions: new Map(), checks: [], problems: [], later }
  }

  #defineNow(assets: readonly Asset[]): Defined {
    const definitions = new Map(assets.map(({ name }) => [name, this.#definition(name)]))
    const checks =
      this.name !== 'dbt'
        ? []
        : [...this.#world.checks].map(([name, fake]): Check => {
            const version = hash(fake.code, fake.severity)
            return {
              name,
              kind: 'dbt',
              reads: fake.reads,
              severity: fake.severity,
              codeVersion: version,
              parts: [{ label: 'check', version }],
              clock: fake.clock,
              codeOnly: fake.codeOnly,
              file: null,
              build: null,
            }
          })
    return { definitions, checks, problems: [], later: null }
  }

  async observe(requests: readonly ObserveRequest[], site: Site) {
    const warehouse = await site.warehouse()
    const gate = warehouse.ok ? await warehouse.value.changeToken() : null
    const observations = new Map<string, Observation>()
    for (const { asset, record, lastObserved: seen, warehouseToken } of requests) {
      const fake = this.#world.assets.get(asset.name)!
      if (fake.form === 'ephemeral') continue
      // The proof holds only for an asset at its recorded relation.
      const isThere = record?.shape?.relation === this.#world.relationOf(asset.name)
      const proved = gate !== null && gate === warehouseToken && isThere
      const probe: Observation['probe'] =
        fake.source === null || fake.probed === 'no'
          ? { answer: 'not_asked' }
          : record?.source === fake.source
            ? { answer: 'unchanged', ...(fake.probed === 'cursor' ? { asFarAs: 'at' } : {}) }
            : { answer: 'moved', message: 'changed in the source' }
      // A file with unchanged size and times is not read again.
      const isAsSeen =
        fake.form === 'external' && !fake.unreadable && this.#isAsSeen(asset.name, seen)
      const isKnown = proved || isAsSeen
      const found: Observation['found'] = isKnown ? { state: 'recorded' } : this.#find(asset.name)
      observations.set(asset.name, { at: this.#stage.now(), found, probe })
    }
    return ok({ observations, positions: new Map(), problems: [] })
  }

  #isAsSeen(name: string, seen: ObserveRequest['lastObserved']): boolean {
    const isThere = seen?.present === true && seen.version !== null && this.#world.isThere(name)
    return isThere && seen.token === this.#token(this.#world.relationOf(name))
  }

  async measure({ asset }: { readonly asset: Asset }) {
    if (this.#world.see(asset.name) === null) {
      return fail({ code: 'gone', message: `${asset.name} does not work`, asset: asset.name })
    }
    return ok(this.#product(asset.name))
  }

  /** Reads all contents between two looks, between which others may write. */
  async measureAll(subjects: readonly DefinedAsset[], site: Site) {
    const warehouse = await site.warehouse()
    const isExclusive = warehouse.ok && warehouse.value.resource !== null
    const names = subjects
      .map(({ asset }) => asset.name)
      .filter((name) => this.#world.isThere(name))
    const look = () => new Map(names.map((name) => [name, this.#look(name)]))
    this.#stage.onMeasure('before')
    const before = look()
    const products = new Map(names.map((name) => [name, this.#product(name)]))
    this.#stage.onMeasure('between')
    const after = look()
    for (const [name, { version, token, installed }] of products) {
      const canTell = installed !== null || token !== null || isExclusive
      const isUnmoved = before.get(name) === after.get(name)
      if (version === null || !canTell || !isUnmoved) products.delete(name)
    }
    return ok(products)
  }

  #look(name: string): string {
    const relation = this.#world.relationOf(name)
    const { tables, views } = this.#world
    return digest(JSON.stringify([tables.writes.get(relation), views.writes.get(relation)]))
  }

  readonly prover = {
    compare: async (subjects: readonly DefinedAsset[]) => {
      const compared = new Map<string, ViewComparison>()
      if (!this.#stage.comparesViews) return ok(compared)
      for (const { asset } of subjects) {
        const relation = this.#world.relationOf(asset.name)
        const shown = this.#world.shownDefinition(relation)
        if (shown === null) continue
        const would = this.#world.clone()
        would.build(asset.name, true)
        const isSame =
          would.shownDefinition(relation) === shown &&
          would.columns.get(relation) === this.#world.columns.get(relation)
        compared.set(asset.name, { is: isSame ? 'same' : 'other', installed: hash(shown) })
      }
      return ok(compared)
    },
  }

  async run(batch: Batch, report: Report) {
    this.#stage.onBatch(batch.steps)
    const unit = batch.steps.map(({ name }) => this.#world.assets.get(name)?.unit).find(Boolean)
    if (unit) this.#syncRest(unit, batch)
    /** Steps that must not start, with the check that blocks each. */
    const stopped = new Map<string, string>()
    const held: StepReport[] = []
    const hold: Report = async (one) => {
      if (one.step === 'started') await report(one)
      else held.push(one)
    }
    const tell = this.#stage.reportsInReverse ? hold : report
    const built = new Map<string, 'measured'>()
    const isDbt = this.name === 'dbt'
    const runHooks = (of: string) => {
      if (isDbt)
        for (const hook of this.#world.hooks) if (hook.of === of) this.#runHook(hook, batch, built)
    }
    runHooks('on-run-start')
    for (const step of batch.steps) {
      if (batch.signal.aborted) await tell({ step: 'cancelled', name: step.name })
      else if (step.subject.is === 'check') await this.#check(step.name, tell, stopped)
      else {
        // A hook runs after its model was written and before the next one starts.
        await this.#build(step, tell, stopped, batch.signal, () => runHooks(step.name))
        if (!stopped.has(step.name)) built.set(step.name, 'measured')
      }
    }
    runHooks('on-run-end')
    for (const one of held.reverse()) await report(one)
  }

  #runHook(
    { of, target, leaves, isOpaque }: FakeHook,
    batch: Batch,
    built: ReadonlyMap<string, 'measured'>,
  ): void {
    const relation = this.#world.relationOf(target)
    const before = this.#world.tables.get(relation)
    if (before === undefined) return
    batch.onSideWrite({
      relations: isOpaque ? null : [relation],
      by: of,
      isBeforeSteps: of === 'on-run-start',
      built: new Map(built),
    })
    this.#world.tables.set(relation, leaves(before))
  }

  readonly describer = {
    describe: async (subjects: readonly DefinedAsset[]): Promise<Described> => {
      const set = new Map<string, Inspections>()
      const problems: Problem[] = []
      for (const { asset } of subjects) {
        const { name } = asset
        await this.#stage.point()
        if (this.#world.assets.get(name)!.refusesWords) {
          problems.push({ code: 'broken', message: `${name} refuses words`, asset: name })
          continue
        }
        const before = this.#inspect(name)
        this.#world.describe(name)
        set.set(name, { before, after: this.#inspect(name) })
      }
      return { set, problems }
    },
  }

  async close() {}

  #inspect(name: string): Inspected {
    const { shape, installed, token } = this.#product(name)
    const form = installed === null ? 'table' : 'view'
    return {
      kind: form,
      columns: [],
      shape: shape!,
      installed,
      ...(token === null ? {} : { token }),
    }
  }

  async #build(
    { name, full }: BatchStep,
    report: Report,
    stopped: Map<string, string>,
    signal: AbortSignal,
    runHooks: () => void,
  ) {
    const fake = this.#world.assets.get(name)!
    const by = [name, ...this.#named(fake.deps)].map((one) => stopped.get(one)).find(Boolean)
    if (by !== undefined) {
      stopped.set(name, by)
      return report({ step: 'skipped', name, by })
    }
    await report({ step: 'started', name })
    await this.#stage.point()
    this.#stage.onBuild(name, full)
    await this.#stage.work(name, signal)
    if (signal.aborted) return report({ step: 'cancelled', name, detail: `${name} was at work` })
    // A statement over an absent or broken relation fails, too.
    if (fake.fails || this.#world.wouldHold(name) === null) {
      if (fake.fails && fake.leavesHalf)
        this.#world.tables.set(this.#world.relationOf(name), 'half')
      stopped.set(name, name)
      const passing = fake.transient ? { transient: true as const } : {}
      const problem = {
        code: 'broken' as const,
        message: `${name} is broken`,
        asset: name,
        ...passing,
      }
      return report({ step: 'failed', name, problem })
    }
    const source = fake.source
    this.#world.build(name, full)
    this.#stage.onBuilt(name)
    runHooks()
    const unread = this.#world.hooks
      .filter(({ of, isUnread }) => of === name && isUnread === true)
      .map(({ target }) => this.#world.relationOf(target))
    await report({ step: 'built', name, product: { ...this.#product(name), source }, unread })
  }

  /** Syncs the streams that were not requested: one sync loads all streams of a connection. */
  #syncRest(unit: string, batch: Batch): void {
    const asked = new Set(batch.steps.map((step) => step.name))
    for (const [name, fake] of this.#world.assets) {
      if (fake.unit === unit && !asked.has(name) && !fake.fails) this.#world.build(name, true)
    }
  }

  /** The assets that a statement over these inputs names, through ephemerals. */
  #named(inputs: readonly string[]): string[] {
    return inputs.flatMap((name) => {
      const { form, deps } = this.#world.assets.get(name)!
      return form === 'ephemeral' ? [name, ...this.#named(deps)] : [name]
    })
  }

  async #check(name: string, report: Report, stopped: Map<string, string>): Promise<void> {
    const { result, reads } = this.#world.checks.get(name)!
    const by = this.#named(reads)
      .map((read) => stopped.get(read))
      .find(Boolean)
    if (by !== undefined) return report({ step: 'skipped', name, by })
    await report({ step: 'started', name })
    await this.#stage.point()
    if (result === 'fail') {
      // dbt skips everything below all inputs of a failed test of the same call.
      for (const below of this.#world.assets.keys()) {
        if (reads.every((read) => this.#isBelow(below, read))) stopped.set(below, name)
      }
    }
    const failures = result === 'pass' ? 0 : 3
    await report({ step: 'checked', name, result, failures, problem: null })
  }

  #isBelow(name: string, above: string): boolean {
    const { deps } = this.#world.assets.get(name)!
    return deps.some((dep) => dep === above || this.#isBelow(dep, above))
  }

  #definition(name: string): Definition {
    const fake = this.#world.assets.get(name)!
    // The code of an external is where it is.
    const version = hash(
      fake.form === 'external' ? this.#world.relationOf(name) : this.#world.definitionOf(name),
    )
    return {
      asset: name,
      kind: this.name,
      form: fake.form,
      codeVersion: version,
      parts: [{ label: 'model', version }],
      accumulates: fake.accumulates,
      relation: fake.form === 'ephemeral' ? null : this.#world.relationOf(name),
      outputs: [],
      unit: fake.unit,
      dataVersion: 'content',
      onDrift: fake.accumulates === 'snapshot' ? 'adopt' : 'rebuild',
      ...(fake.pivots ? { isRenderedFromData: true } : {}),
      ...(fake.words === null
        ? {}
        : { words: { version: hash(fake.words), kept: fake.accumulates !== 'no' } }),
      clock: fake.clock,
      build: null,
      ...(fake.source === null ? {} : { readsSource: true }),
    }
  }

  #find(name: string): Observation['found'] {
    const fake = this.#world.assets.get(name)!
    if (!this.#world.isThere(name)) return { state: 'absent' }
    if (fake.unreadable) return { state: 'unreadable', message: 'permission denied' }
    const relation = this.#world.relationOf(name)
    const content = this.#world.tables.get(relation)
    const definition = this.#world.shownDefinition(relation)
    return {
      state: 'present',
      version: content === undefined ? null : `c:${digest(content)}`,
      shape: this.#shape(relation),
      installed: definition === null ? null : hash(definition),
      token: this.#token(relation),
      rows: null,
    }
  }

  #shape(relation: string) {
    return { relation, columns: hash(this.#world.columns.get(relation) ?? '') }
  }

  #token(relation: string): string | null {
    if (!this.#stage.hasTokens) return null
    const writes = this.#world.tables.writes.get(relation)
    return writes === undefined ? null : String(writes)
  }

  #product(name: string): Product {
    const relation = this.#world.relationOf(name)
    const content = this.#world.see(name)
    const definition = this.#world.shownDefinition(relation)
    return {
      version: content === null ? null : `c:${digest(content)}`,
      shape: this.#shape(relation),
      installed: definition === null ? null : hash(definition),
      rows: 1,
      bytes: null,
      token: this.#token(relation),
      source: null,
      reference: null,
    }
  }
}
