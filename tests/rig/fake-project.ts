import { type RunResult, run } from '../../framework/execute/run.ts'
import { requestOf, type Scope } from '../../framework/execute/scope.ts'
import { hash } from '../../framework/lib/hash.ts'
import type { Asset, KindName, Policy } from '../../framework/model/asset.ts'
import type { Check, Definition, Form } from '../../framework/model/definition.ts'
import type { RunEvent } from '../../framework/model/event.ts'
import type { Observation } from '../../framework/model/observation.ts'
import { fail, ok } from '../../framework/model/problem.ts'
import type { Verdict } from '../../framework/model/verdict.ts'
import { type Plan, plan } from '../../framework/plan/plan.ts'
import type { Batch, Kind, ObserveRequest, Product, Report } from '../../framework/ports/kind.ts'
import type { Site } from '../../framework/ports/site.ts'
import { fold } from '../../framework/staleness/fold.ts'
import { gather } from '../../framework/staleness/gather.ts'
import { define } from '../../framework/staleness/observe.ts'
import { MemoryState } from './memory-state.ts'

export const POLICY: Policy = {
  freshness: null,
  dataVersion: 'default',
  volatileColumns: [],
  onDrift: 'default',
  onCode: 'full_refresh',
  codeVersion: null,
  retries: 0,
  timeout: null,
}

/** One asset of a fake project: what a test may change between two commands. */
export interface FakeAsset {
  deps: string[]
  /** What it is built by: another code, another content — unless `drops` says otherwise. */
  code: string
  form: Form
  kind: KindName
  policy: Policy
  accumulates: Definition['accumulates']
  /** Content that a build gives, whatever the inputs: a model that drops what changed. */
  constant: string | null
  /** Raw assets: what the source holds now. */
  source: string | null
  fails: boolean
}

export interface FakeCheck {
  reads: string[]
  code: string
  severity: 'error' | 'warn'
  result: 'pass' | 'warn' | 'fail'
}

/** What a run did, by name, in the order of events. */
export interface Ran {
  readonly result: RunResult
  readonly plan: Plan
  readonly events: readonly RunEvent[]
  /** `name: outcome` in the order in which steps finished. */
  readonly steps: readonly string[]
  readonly batches: readonly (readonly string[])[]
}

/**
 * A project without files, processes or databases: contents are strings, and a build's content is
 * the hash of its code and what it read. Real decision, plan, loop and recorder run over it.
 */
export class FakeProject {
  readonly assets = new Map<string, FakeAsset>()
  readonly checks = new Map<string, FakeCheck>()
  /** What the warehouse holds. */
  readonly tables = new Map<string, string>()
  readonly installed = new Map<string, string>()
  now = 1_000_000
  readonly state = new MemoryState(() => this.now)
  readonly batches: string[][] = []
  /** Called when a build starts, before it reads; a test kills or interferes here. */
  onBuild: (name: string) => void = () => {}
  abort = new AbortController()

  add(name: string, deps: string[] = [], more: Partial<FakeAsset> = {}): this {
    this.assets.set(name, {
      deps,
      code: `code of ${name}`,
      form: 'stored',
      kind: 'dbt',
      policy: POLICY,
      accumulates: 'no',
      constant: null,
      source: null,
      fails: false,
      ...more,
    })
    return this
  }

  raw(name: string, source = `rows of ${name}`): this {
    return this.add(name, [], { kind: 'airbyte', source })
  }

  view(name: string, deps: string[], more: Partial<FakeAsset> = {}): this {
    return this.add(name, deps, { form: 'view', ...more })
  }

  external(name: string, content: string | null = `file ${name}`): this {
    if (content !== null) this.tables.set(name, content)
    return this.add(name, [], { kind: 'external', form: 'external' })
  }

  check(name: string, reads: string[], more: Partial<FakeCheck> = {}): this {
    this.checks.set(name, { reads, code: name, severity: 'error', result: 'pass', ...more })
    return this
  }

  change(name: string, more: Partial<FakeAsset>): this {
    Object.assign(this.assets.get(name)!, more)
    return this
  }

  /** Runs `materialize` on a selection (all when left out). */
  async materialize(select?: readonly string[], options: Partial<Scope> = {}): Promise<Ran> {
    this.now += 60_000
    const { site, kinds } = this.#site()
    const scope = this.#scope(select, options)
    const lease = await this.state.acquire({ target: 'local', command: 'test', job: null })
    if (!lease.ok || lease.value.busy) throw new Error('no lease')
    const defined = await define(site.project.assets, kinds, site)
    const gathered = await this.#gather(site, kinds)
    const request = requestOf(gathered.world.graph, scope, this.now)
    const decisions = fold(gathered.world, request)
    const planned = plan(gathered.world, request, decisions, new Map(), defined.together)
    const events: RunEvent[] = []
    const first = this.batches.length
    const result = await run({
      gathered,
      defined,
      scope,
      now: this.now,
      lease: lease.value,
      kinds,
      site,
      durations: new Map(),
      emit: (event) => events.push(event),
      failFast: false,
      threads: 2,
      steps: planned.steps.length,
      regather: async () => gathered,
      sleep: async () => {},
      random: () => 0.5,
    })
    const steps = events.flatMap((event) =>
      event.event === 'step_finished' ? [`${event.asset}: ${event.outcome.state}`] : [],
    )
    return { result, plan: planned, events, steps, batches: this.batches.slice(first) }
  }

  /** Verdicts as `status` sees them. */
  async status(look: 'online' | 'offline' = 'online'): Promise<Map<string, Verdict>> {
    const { site, kinds } = this.#site()
    const { world } = await this.#gather(site, kinds, look)
    const request = requestOf(world.graph, this.#scope(undefined, {}), this.now)
    const { verdicts } = fold(world, request)
    return new Map(world.graph.names.map((name, index) => [name, verdicts[index]!]))
  }

  #scope(select: readonly string[] | undefined, options: Partial<Scope>): Scope {
    const selected = new Set(select ?? this.assets.keys())
    return { selected, excluded: new Set(), only: false, ...options }
  }

  async #gather(
    site: Site,
    kinds: (name: KindName) => Promise<Kind>,
    look: 'online' | 'offline' = 'online',
  ) {
    const state = await this.state.snapshot()
    if (!state.ok) throw new Error('no state')
    const defined = await define(site.project.assets, kinds, site)
    const gathered = await gather(defined, state.value, look, kinds, site)
    if (!gathered.ok) throw new Error(gathered.problems[0]!.message)
    return gathered.value
  }

  #site(): { site: Site; kinds: (name: KindName) => Promise<Kind> } {
    const assets = [...this.assets].map(
      ([name, fake]): Asset => ({
        name,
        kind: fake.kind,
        deps: fake.deps,
        group: null,
        owners: [],
        tags: {},
        description: '',
        policy: fake.policy,
        spec: {},
        file: 'assets.yaml',
      }),
    )
    const at = { file: 'assets.yaml', path: [] }
    const site: Site = {
      root: '/fake',
      home: '/fake/.assets',
      project: {
        name: 'fake',
        defaultTarget: 'local',
        targets: {},
        assets,
        jobs: {},
        selectors: {},
        dbt: null,
        files: [],
      },
      target: {
        name: 'local',
        warehouse: null,
        connections: {},
        state: { type: 'memory', settings: {}, at },
        confirm: false,
        secrets: [],
      },
      env: {},
      clock: () => this.now,
      signal: this.abort.signal,
      warehouse: async () => fail({ code: 'none', message: 'none' }),
      connection: async () => fail({ code: 'none', message: 'none' }),
      notice: () => {},
    }
    const made = new Map<KindName, Kind>()
    const kinds = async (name: KindName) => {
      const kind = made.get(name) ?? new FakeKind(name, this)
      made.set(name, kind)
      return kind
    }
    return { site, kinds }
  }
}

/** What readers see: a view shows its inputs through its installed code. */
export function contentOf(project: FakeProject, name: string): string | null {
  const fake = project.assets.get(name)
  if (fake === undefined || fake.form === 'stored' || fake.form === 'external') {
    return project.tables.get(name) ?? null
  }
  const code = fake.form === 'view' ? project.installed.get(name) : fake.code
  if (code === undefined) return null
  if (fake.constant !== null) return hash(code, fake.constant)
  return hash(code, ...fake.deps.map((dep) => contentOf(project, dep) ?? 'nothing'))
}

class FakeKind implements Kind {
  readonly name: KindName
  readonly uses = 'warehouse'
  readonly batches: Kind['batches']
  readonly #project: FakeProject

  constructor(name: KindName, project: FakeProject) {
    this.name = name
    this.#project = project
    this.batches = name === 'command' ? 'apart' : 'together'
  }

  async define(assets: readonly Asset[]) {
    const definitions = new Map(
      assets.map((asset): [string, Definition] => {
        const fake = this.#project.assets.get(asset.name)!
        return [
          asset.name,
          {
            asset: asset.name,
            kind: this.name,
            form: fake.form,
            codeVersion: hash(fake.code),
            parts: [{ label: 'model', version: hash(fake.code) }],
            accumulates: fake.accumulates,
            relation: asset.name,
            outputs: [],
            unit: null,
            dataVersion: fake.policy.dataVersion === 'derived' ? 'derived' : 'content',
            onDrift: 'rebuild',
            clock: false,
            build: null,
          },
        ]
      }),
    )
    const checks =
      this.name !== 'dbt'
        ? []
        : [...this.#project.checks].map(
            ([name, fake]): Check => ({
              name,
              kind: 'dbt',
              reads: fake.reads,
              severity: fake.severity,
              codeVersion: hash(fake.code),
              parts: [],
              clock: false,
              codeOnly: false,
              file: null,
              build: null,
            }),
          )
    return { definitions, checks, problems: [], later: null }
  }

  async observe(requests: readonly ObserveRequest[]) {
    const observations = new Map<string, Observation>()
    for (const { asset, record } of requests) {
      const fake = this.#project.assets.get(asset.name)!
      const content = contentOf(this.#project, asset.name)
      const isView = fake.form === 'view'
      const found: Observation['found'] =
        content === null
          ? { state: 'absent' }
          : {
              state: 'present',
              version: isView ? null : `c:${content}`,
              shape: null,
              installed: isView ? hash(this.#project.installed.get(asset.name)!) : null,
              token: null,
              rows: null,
            }
      const probe: Observation['probe'] =
        fake.source === null
          ? { answer: 'not_asked' }
          : record?.source === fake.source
            ? { answer: 'unchanged' }
            : { answer: 'moved', message: 'changed in the source' }
      observations.set(asset.name, { at: this.#project.now, found, probe })
    }
    return ok({ observations, positions: new Map(), problems: [] })
  }

  async measure({ asset }: { readonly asset: Asset }) {
    const content = contentOf(this.#project, asset.name)
    if (content === null) return fail({ code: 'gone', message: `${asset.name} is gone` })
    return ok(this.#product(asset.name, content))
  }

  async run(batch: Batch, report: Report) {
    this.#project.batches.push(batch.steps.map((step) => step.name))
    /** What must not start, and who stops it. */
    const stopped = new Map<string, string>()
    for (const { name, subject } of batch.steps) {
      if (subject.is === 'check') {
        await this.#check(name, report, stopped)
        continue
      }
      const fake = this.#project.assets.get(name)!
      const by = [name, ...fake.deps].map((one) => stopped.get(one)).find((one) => one)
      if (by !== undefined) {
        stopped.set(name, by)
        await report({ step: 'skipped', name, by })
        continue
      }
      this.#project.onBuild(name)
      await report({ step: 'started', name })
      if (fake.fails) {
        stopped.set(name, name)
        const problem = { code: 'broken', message: `${name} is broken`, asset: name }
        await report({ step: 'failed', name, problem })
        continue
      }
      if (fake.form === 'view') this.#project.installed.set(name, fake.code)
      else this.#project.tables.set(name, this.#build(fake))
      this.#project.now += 1_000
      await report({
        step: 'built',
        name,
        product: this.#product(name, contentOf(this.#project, name)!),
      })
    }
  }

  async close() {}

  async #check(name: string, report: Report, stopped: Map<string, string>): Promise<void> {
    const { result, reads } = this.#project.checks.get(name)!
    const by = reads.map((read) => stopped.get(read)).find((one) => one)
    if (by !== undefined) return report({ step: 'skipped', name, by })
    await report({ step: 'started', name })
    const failures = result === 'pass' ? 0 : 3
    if (result === 'fail') {
      // dbt's build leaves out what is below a failed test of the same call.
      for (const [below, fake] of this.#project.assets) {
        if (fake.deps.some((dep) => reads.includes(dep))) stopped.set(below, name)
      }
    }
    await report({ step: 'checked', name, result, failures, problem: null })
  }

  #build(fake: FakeAsset): string {
    if (fake.source !== null) return hash(fake.code, fake.source)
    if (fake.constant !== null) return hash(fake.code, fake.constant)
    return hash(fake.code, ...fake.deps.map((dep) => contentOf(this.#project, dep) ?? 'nothing'))
  }

  #product(name: string, content: string): Product {
    const fake = this.#project.assets.get(name)!
    return {
      version: `c:${content}`,
      shape: { relation: name, columns: null },
      installed: fake.form === 'view' ? hash(this.#project.installed.get(name)!) : null,
      rows: 1,
      bytes: null,
      token: null,
      source: fake.source,
      reference: null,
    }
  }
}
