import { expectedAdoption } from '../../framework/execute/adopt/adoption.ts'
import { type Claiming, claim } from '../../framework/execute/adopt/claims.ts'
import { withAdoptions } from '../../framework/execute/adopt/steps.ts'
import { type RunResult, run } from '../../framework/execute/run.ts'
import type { KindName } from '../../framework/model/asset.ts'
import type { RunEvent } from '../../framework/model/event.ts'
import { fail, ok } from '../../framework/model/problem.ts'
import type { Forced } from '../../framework/model/record.ts'
import { AssetTable } from '../../framework/model/tables/asset-table.ts'
import type { Reason, Verdict } from '../../framework/model/verdict.ts'
import { type Planned, planFor } from '../../framework/plan/plan.ts'
import type { Scope } from '../../framework/plan/scope.ts'
import type { Plan } from '../../framework/plan/steps.ts'
import type { BatchStep } from '../../framework/ports/batch.ts'
import type { Kind } from '../../framework/ports/kind.ts'
import type { Site } from '../../framework/ports/site.ts'
import type { Warehouse } from '../../framework/ports/warehouse.ts'
import { type DefinedProject, define } from '../../framework/staleness/define.ts'
import { type Explanation, explain } from '../../framework/staleness/explain.ts'
import {
  declaredParts,
  type Gathered,
  gather,
  type Look,
} from '../../framework/staleness/gather.ts'
import { observationChanges } from '../../framework/staleness/record-observations.ts'
import type { DeclaredParts } from '../../framework/staleness/world.ts'
import { POLICY, plainAsset } from './asset.ts'
import { FakeKind } from './fake-kind.ts'
import { fakeSession } from './fake-session.ts'
import { digest, type FakeAsset, type FakeCheck, type FakeHook, FakeWorld } from './fake-world.ts'
import { MemoryState } from './memory-state.ts'

/** What a run did, by name, in the order of events. */
export interface Ran {
  readonly result: RunResult
  readonly plan: Plan
  readonly events: readonly RunEvent[]
  /** `name: outcome` in the order in which steps finished. */
  readonly steps: readonly string[]
  readonly batches: readonly (readonly string[])[]
}

export interface Ask extends Partial<Scope> {
  readonly forced?: Forced
  /** The definitions of dbt's assets are made during the run, as in a first build. */
  readonly late?: boolean
  readonly prune?: boolean
  /** With `--adopt`: what is vouched for. */
  readonly adopt?: readonly string[]
}

/** One process. */
interface Life {
  points: number
  dead: boolean
  /** Others wrote to the warehouse meanwhile. */
  meddled: boolean
  readonly late: boolean
}

/** Thrown at a point of a run to kill its process there. */
export class Killed extends Error {}

/** The real decision, plan, loop and recorder over a fake world. */
export class FakeProject extends FakeWorld {
  now = 1_000_000
  readonly state = new MemoryState(() => this.now)
  readonly batches: string[][] = []
  /** Of each step that ran, the steps of its call that must succeed first. */
  readonly after = new Map<string, readonly string[]>()
  abort = new AbortController()
  /** null: a shared warehouse without a change token. With `resource`, the warehouse is exclusive. */
  warehouse: { resource: string | null } | null = null
  /**
   * Called just before each write, with the number of the write in the run. Throw `Killed` to kill the
   * process there, or change the world as others would.
   */
  onPoint: (number: number) => void = () => {}
  /** Calls back at once: tests do not wait. */
  timer = (_milliseconds: number, call: () => void): (() => void) => {
    queueMicrotask(call)
    return () => {}
  }
  /** The work of a build. */
  work: (name: string, signal: AbortSignal) => Promise<void> = async () => {}
  /** Seconds by name, from the history. */
  durations: ReadonlyMap<string, number> = new Map()
  threads = 2
  /** The time that late definitions take. */
  defining: () => Promise<void> = async () => {}
  /** Whether a call reports its results at its end, the last one first. */
  reportsInReverse = false
  /** Whether the warehouse has a change token for each table. */
  hasTokens = true
  /** Whether an installed view can be compared with its code. */
  comparesViews = true
  /** Called before what exists is measured for an adoption, and between its two looks. */
  onMeasure: (moment: 'before' | 'between') => void = () => {}
  pools: Readonly<Record<string, number>> = {}
  /** Called when a build starts, before it reads. */
  onBuild: (name: string, full: boolean) => void = () => {}
  /** Called before a run drops what a moved asset left. */
  onDrop: (relation: string) => void = () => {}
  /** Called when a build has written, before it is reported. */
  onBuilt: (name: string) => void = () => {}

  add(name: string, deps: string[] = [], more: Partial<FakeAsset> = {}): this {
    this.assets.set(name, {
      deps,
      code: `code of ${name}`,
      form: 'stored',
      kind: 'dbt',
      policy: POLICY,
      accumulates: 'no',
      constant: null,
      columns: 'id',
      alias: null,
      source: null,
      probed: 'proof',
      unit: null,
      clock: false,
      pivots: false,
      fails: false,
      transient: false,
      leavesHalf: false,
      unreadable: false,
      words: null,
      refusesWords: false,
      ...more,
    })
    return this
  }

  raw(name: string, source = `rows of ${name}`, more: Partial<FakeAsset> = {}): this {
    return this.add(name, [], { kind: 'airbyte', source, ...more })
  }

  view(name: string, deps: string[], more: Partial<FakeAsset> = {}): this {
    return this.add(name, deps, { form: 'view', ...more })
  }

  ephemeral(name: string, deps: string[], more: Partial<FakeAsset> = {}): this {
    return this.add(name, deps, { form: 'ephemeral', ...more })
  }

  external(name: string, content: string | null = `file ${name}`): this {
    if (content !== null) this.tables.set(name, content)
    return this.add(name, [], { kind: 'external', form: 'external', columns: '' })
  }

  check(name: string, reads: string[], more: Partial<FakeCheck> = {}): this {
    this.checks.set(name, {
      reads,
      code: name,
      severity: 'error',
      result: 'pass',
      clock: false,
      codeOnly: false,
      ...more,
    })
    return this
  }

  /** A statement of dbt's project that writes to `target` after `of` was built, or in each call. */
  hook(of: FakeHook['of'], target: string, more: Partial<FakeHook> = {}): this {
    this.hooks.push({ of, target, leaves: (before) => `${before}+${of}`, ...more })
    return this
  }

  change(name: string, more: Partial<FakeAsset>): this {
    Object.assign(this.assets.get(name)!, more)
    return this
  }

  policy(name: string, more: Partial<FakeAsset['policy']>): this {
    return this.change(name, { policy: { ...this.assets.get(name)!.policy, ...more } })
  }

  /** Runs `materialize` on a selection (all when left out). */
  async materialize(select?: readonly string[], ask: Ask = {}): Promise<Ran> {
    this.now += 60_000
    const life = { points: 0, dead: false, meddled: false, late: ask.late ?? false }
    const { site, kinds } = this.#site(life)
    const scope = this.scope(select, ask)
    this.state.beforeWrite = () => this.#point(life)
    const lease = await this.state.acquire({ target: 'local', command: 'test', job: null })
    if (!lease.ok || lease.value.busy) throw new Error('no lease')
    if (ask.forced !== undefined) {
      const names = [...scope.selected]
      await lease.value.write([{ change: 'force', names, as: ask.forced }])
    }
    const { gathered, defined, ...plan } = await this.#plan(site, kinds, scope)
    const { planned, claims } = await this.#adopting(plan.planned, ask, kinds, site)
    const events: RunEvent[] = []
    const first = this.batches.length
    const result = await run({
      planned,
      ...(claims === undefined ? {} : { claims }),
      gathered,
      defined,
      lease: lease.value,
      state: this.state,
      kinds,
      site,
      durations: this.durations,
      emit: (event) => events.push(event),
      failFast: false,
      prune: ask.prune ?? false,
      threads: this.threads,
      timer: (milliseconds, call) => this.timer(milliseconds, call),
      random: () => 0.5,
    })
    const steps = events.flatMap((event) =>
      event.event === 'step_finished' ? [`${event.asset}: ${event.outcome.state}`] : [],
    )
    return { result, plan: planned.plan, events, steps, batches: this.batches.slice(first) }
  }

  /** Like `materialize`, in a process that is killed at a point. null when it was killed. */
  async materializeUntil(
    point: number,
    select?: readonly string[],
    ask: Ask = {},
  ): Promise<Ran | null> {
    const before = this.onPoint
    this.onPoint = (number) => {
      if (number === point) throw new Killed()
    }
    try {
      return await this.materialize(select, ask)
    } catch (error) {
      if (error instanceof Killed) return null
      throw error
    } finally {
      this.onPoint = before
    }
  }

  /** The plan that `materialize` would execute now. */
  async plan(select?: readonly string[], ask: Ask = {}): Promise<Plan> {
    this.state.beforeWrite = () => {}
    const { site, kinds } = this.#site({ points: 0, dead: false, meddled: false, late: false })
    const scope = this.scope(select, ask)
    this.now += 60_000
    try {
      const { planned } = await this.#plan(site, kinds, scope, ask.forced)
      return (await this.#adopting(planned, ask, kinds, site)).planned.plan
    } finally {
      this.now -= 60_000
    }
  }

  /** Verdicts as `status` shows them; online, it records what it observes. */
  async status(look: Look = 'online'): Promise<Map<string, Verdict>> {
    const { world, decisions } = await this.look(look)
    return new Map(world.graph.names.map((name, i) => [name, decisions.verdicts[i]!]))
  }

  /** What `status` and `why` decide from; online, it records what it observes. */
  async look(look: Look = 'online'): Promise<Planned> {
    this.state.beforeWrite = () => {}
    const { site, kinds } = this.#site({ points: 0, dead: false, meddled: false, late: false })
    const scope = { ...this.scope(undefined, {}), purpose: 'look' } as const
    const { planned, gathered } = await this.#plan(site, kinds, scope, undefined, look)
    if (look === 'online') {
      await this.state.recordObservations('local', observationChanges(gathered))
    }
    return planned
  }

  /** What the project declares now. */
  async declared(): Promise<DeclaredParts> {
    const { site, kinds } = this.#site({ points: 0, dead: false, meddled: false, late: false })
    const declared = declaredParts(
      await define(site.project.assets, kinds, site),
      site.project.assets,
    )
    if (!declared.ok) throw new Error(declared.problems[0]!.message)
    return declared.value
  }

  /** The chain of causes that `why` shows for a node. */
  async why(name: string): Promise<readonly Explanation[]> {
    const { world, decisions } = await this.look()
    const runs = new Map<number, ReadonlyMap<string, readonly Reason[]>>()
    for (let id = 1; ; id++) {
      const run = await this.state.run(id)
      if (!run.ok || run.value === null) break
      runs.set(id, new Map(run.value.steps.map((step) => [step.name, step.reasons])))
    }
    return explain(world, decisions, name, (node, run) => runs.get(run)?.get(node) ?? null)
  }

  scope(select: readonly string[] | undefined, { excluded, only }: Ask): Scope {
    const selected = new Set(select ?? this.assets.keys())
    for (const name of excluded ?? []) selected.delete(name)
    return { selected, excluded: excluded ?? new Set(), only: only ?? false, purpose: 'run' }
  }

  #point(life: Life): void {
    if (life.dead) throw new Killed()
    const before = this.#changeToken()
    try {
      this.onPoint(life.points++)
    } catch (error) {
      life.dead = true
      throw error
    }
    if (this.#changeToken() !== before) life.meddled = true
  }

  /** Defines, gathers and plans, as every verb does. `forced`: assets that the state does not have yet. */
  async #plan(
    site: Site,
    kinds: (name: KindName) => Promise<Kind>,
    scope: Scope,
    forced?: Forced,
    look: Look = 'online',
  ): Promise<{ planned: Planned; gathered: Gathered; defined: DefinedProject }> {
    const defined = await define(site.project.assets, kinds, site)
    const gathered = await gather(defined, this.state, look, kinds, site)
    if (!gathered.ok) throw new Error(gathered.problems[0]!.message)
    const { world } = gathered.value
    const asForced = forced === undefined ? world : world.withForced(scope.selected, forced)
    const planned = planFor(asForced, scope, this.now)
    return { planned, gathered: gathered.value, defined }
  }

  /** The plan with what is adopted, if that is asked for. */
  async #adopting(
    planned: Planned,
    { adopt }: Ask,
    kinds: (name: KindName) => Promise<Kind>,
    site: Site,
  ): Promise<{ planned: Planned; claims?: Claiming }> {
    if (adopt === undefined) return { planned }
    const claims = await claim(planned, new Set(adopt), kinds, site)
    const parts = {
      world: claims.world,
      scope: planned.scope,
      now: this.now,
      claims: claims.claims,
    }
    return { planned: withAdoptions(expectedAdoption(parts)), claims }
  }

  #site(life: Life): {
    site: Site
    kinds: (name: KindName) => Promise<Kind>
  } {
    const at = { file: 'assets.yaml', path: [] }
    const assets = [...this.assets].map(([name, { kind, deps, policy }]) =>
      plainAsset(name, { kind, deps, policy }),
    )
    const { warehouse } = this
    const site: Site = {
      root: '/fake',
      home: '/fake/.assets',
      project: {
        name: 'fake',
        defaultTarget: 'local',
        targets: {},
        assets: AssetTable.of(assets),
        jobs: {},
        pools: this.pools,
        selectors: {},
        policies: [],
        dbt: null,
        files: [],
      },
      target: {
        name: 'local',
        warehouse: warehouse === null ? null : { type: 'fake', settings: {}, at },
        connections: {},
        state: { type: 'memory', settings: {}, at },
        confirm: false,
        secrets: [],
      },
      env: {},
      shell: {},
      clock: () => this.now,
      signal: this.abort.signal,
      warehouse: async () => {
        if (warehouse === null) return fail({ code: 'none', message: 'none' })
        const lent: Pick<Warehouse, 'type' | 'resource' | 'changeToken' | 'whyUnseen' | 'open'> = {
          type: 'fake',
          resource: warehouse.resource,
          // After others wrote between two of its sessions, a process has no proof.
          changeToken: async () => (life.meddled ? null : this.#changeToken()),
          whyUnseen: () => null,
          open: async () =>
            ok(fakeSession(this, warehouse.resource === null, (relation) => this.onDrop(relation))),
        }
        return ok(lent as Warehouse)
      },
      connection: async () => fail({ code: 'none', message: 'none' }),
      publisher: async () => fail({ code: 'none', message: 'none' }),
      fileFormat: () => {
        throw new Error('no file format is used here')
      },
      pythonLibrary: async () => null,
      notice: () => {},
    }
    const made = new Map<KindName, Kind>()
    const stage = {
      world: this,
      late: life.late,
      defining: () => this.defining(),
      reportsInReverse: this.reportsInReverse,
      hasTokens: this.hasTokens,
      comparesViews: this.comparesViews,
      onMeasure: (moment: 'before' | 'between') => this.onMeasure(moment),
      now: () => this.now,
      point: async () => this.#point(life),
      onBuild: (name: string, full: boolean) => this.onBuild(name, full),
      work: (name: string, signal: AbortSignal) => this.work(name, signal),
      onBatch: (steps: readonly BatchStep[]) => {
        this.batches.push(steps.map(({ name }) => name))
        for (const { name, after } of steps) this.after.set(name, [...after].sort())
      },
      onBuilt: (name: string) => {
        this.onBuilt(name)
        this.now += 1_000
      },
    }
    const kinds = async (name: KindName) => {
      const kind = made.get(name) ?? new FakeKind(name, stage)
      made.set(name, kind)
      return kind
    }
    return { site, kinds }
  }

  /** The change token of the warehouse: a hash of its whole content. */
  #changeToken(): string {
    const views = [...this.views.keys()].map((name) => [name, this.shownDefinition(name)])
    const counts = [[...this.tables.writes], [...this.views.writes]]
    return digest(JSON.stringify([[...this.tables], views, counts]))
  }
}
