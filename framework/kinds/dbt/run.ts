import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fail, ok, type Problem, ProblemError, type Result } from '../../model/problem.ts'
import { programReference } from '../../model/program-reference.ts'
import type { Materialization } from '../../model/record.ts'
import type { Batch, BatchStep, DefinedAsset, Product, Report } from '../../ports/batch.ts'
import type { Site } from '../../ports/site.ts'
import type { Loan, Reader } from '../../ports/warehouse.ts'
import { fingerprintShown } from '../fingerprint-shown.ts'
import { fingerprintOptions } from '../observe-relations.ts'
import { shownFiles } from '../shown-files.ts'
import { type NodeSource, nodeFailed, notReported, projectFailed, testFailed } from './problems.ts'
import type { DbtProject } from './project.ts'
import { sourceTooOld } from './source-freshness.ts'
import type { ForeignWrite, NodeResult, Worker, WorkerStep } from './worker/worker.ts'

/** dbt is ended if it needs longer than this to cancel its statements. */
const CANCEL_TIMEOUT_MS = 10_000

/** Builds and tests a batch in one dbt invocation, and reports exactly one outcome for every step. */
export async function runBatch(
  batch: Batch,
  report: Report,
  site: Site,
  project: DbtProject,
): Promise<void> {
  const run = new BatchRun(batch, report, site, project)
  const problems = await run.build()
  await run.reportUnfinished(problems)
}

class BatchRun {
  readonly #batch: Batch
  readonly #report: Report
  readonly #site: Site
  readonly #project: DbtProject
  /** Steps without an outcome, by dbt's unique_id. */
  readonly #unfinished: Map<string, BatchStep>
  /** Names of all steps, by dbt's unique_id. */
  readonly #names: ReadonlyMap<string, string>
  /** Names of the steps that dbt has built. A microbatch model is measured at the end, after its readers. */
  readonly #built = new Map<string, 'measured' | 'unmeasured'>()
  #hasStarted = false
  /** Outcomes are reported one after the other, so that a model comes before its readers. */
  #reporting: Promise<void> = Promise.resolve()

  constructor(batch: Batch, report: Report, site: Site, project: DbtProject) {
    this.#batch = batch
    this.#report = report
    this.#site = site
    this.#project = project
    this.#unfinished = new Map(batch.steps.map((step) => [nodeOf(step).node, step]))
    this.#names = new Map(batch.steps.map((step) => [nodeOf(step).node, step.name]))
  }

  /** Runs dbt. Problems: why steps may be left without an outcome. */
  async build(): Promise<readonly Problem[]> {
    if (this.#batch.signal.aborted) return []
    const [warehouse, worker] = await Promise.all([
      this.#site.warehouse(),
      this.#project.worker(this.#batch.onWait),
    ])
    if (!warehouse.ok) return warehouse.problems
    if (!worker.ok) return worker.problems
    const lent = await warehouse.value.lend((loan) => this.#buildWith(loan, worker.value))
    return lent.ok ? lent.value : lent.problems
  }

  async reportUnfinished(problems: readonly Problem[]): Promise<void> {
    // If every node has a result, the failure is that of a hook and belongs to no step.
    if (this.#unfinished.size === 0 && problems[0] !== undefined)
      this.#site.notice(problems[0].message)
    const steps = [...this.#unfinished.values()]
    const together = steps.length > 1 && problems.length > 0 ? steps.map(({ name }) => name) : null
    for (const step of steps) {
      if (this.#batch.signal.aborted) {
        await this.#report({ step: 'cancelled', name: step.name })
      } else {
        const problem = problems[0] ?? notReported(step.name)
        await this.#report({
          step: 'failed',
          name: step.name,
          problem: { ...problem, asset: step.name },
          ...(together === null ? {} : { together }),
        })
      }
    }
  }

  async #buildWith(loan: Loan, worker: Worker): Promise<readonly Problem[]> {
    const unchanged = this.#project.unchanged()
    if (!unchanged.ok) return unchanged.problems
    const reader = loan.reader((sql) => worker.query(sql))
    const stopListening = this.#interruptOnAbort(worker)
    const { length } = this.#batch.steps
    this.#batch.onWait(`dbt: preparing ${length} step${length === 1 ? '' : 's'}`)
    try {
      const reply = await worker.run(
        {
          steps: this.#workerSteps(),
          env: { ...this.#project.envOf(loan), ASSETS_RUN: String(this.#batch.run) },
        },
        {
          starting: (node) => this.#starting(node, worker),
          finished: (result) => {
            const endedAt = this.#site.clock()
            this.#reporting = this.#reporting
              .then(() => this.#finished(result, endedAt, reader))
              .then(() => this.#waitForHooks())
          },
          writing: (write) => this.#writing(write),
        },
      )
      await this.#reporting
      if (reply.ok) return []
      return [projectFailed(reply.failure, this.#project.dir, this.#site.target.secrets)]
    } finally {
      stopListening()
      await worker.release()
    }
  }

  /**
   * A statement is about to write elsewhere. What was built before it is measured first, so that its
   * version is that of the build.
   */
  async #writing({ by, relations }: ForeignWrite): Promise<void> {
    const isBeforeSteps = !this.#hasStarted
    if (isBeforeSteps && by !== null) this.#batch.onWait(`dbt: running ${this.#writer(by)}`)
    await this.#reporting
    this.#batch.onSideWrite({
      relations,
      by: by === null ? null : this.#writer(by),
      isBeforeSteps,
      built: new Map(this.#built),
    })
  }

  /** After its last step dbt runs the hooks of the project, and closes its connections. */
  #waitForHooks(): void {
    if (this.#unfinished.size === 0) this.#batch.onWait('dbt: finishing')
  }

  /** How messages name what sent a statement: a node, or an operation such as `operation.shop.shop-on-run-end-0`. */
  #writer(node: string): string {
    const [resource, project] = node.split('.')
    const when = /-(on-run-(?:start|end))-\d+$/.exec(node)?.[1]
    if (resource === 'operation' && when !== undefined) return `${when} of dbt project ${project}`
    return `the hooks or SQL of ${this.#names.get(node) ?? node}`
  }

  #workerSteps(): readonly WorkerStep[] {
    const nodes = new Map([...this.#names].map(([node, name]) => [name, node]))
    return [...this.#unfinished.values()].map((step) => ({
      node: nodeOf(step).node,
      relation: step.subject.is === 'asset' ? step.subject.definition.relation : null,
      full: step.full,
      after: step.after.flatMap((name) => nodes.get(name) ?? []),
    }))
  }

  /** Journals the beginning of a node before dbt changes anything. */
  async #starting(node: string, { leader }: Worker): Promise<'go' | 'stop'> {
    const step = this.#unfinished.get(node)
    if (step === undefined || this.#batch.signal.aborted) return 'stop'
    if (!this.#hasStarted) this.#batch.onWait(null)
    this.#hasStarted = true
    for (const name of step.after) if (!this.#built.has(name)) this.#built.set(name, 'unmeasured')
    const { name } = step
    // In one turn, so that both are one write.
    await Promise.all([
      this.#report({ step: 'started', name }),
      this.#report({ step: 'reference', name, reference: programReference(leader) }),
    ])
    return this.#batch.signal.aborted ? 'stop' : 'go'
  }

  async #finished(result: NodeResult, endedAt: number, reader: Reader): Promise<void> {
    const step = this.#unfinished.get(result.node)
    if (step === undefined) return
    const outcome = outcomeOf(result)
    // dbt reports a cancelled node as an error; `reportUnfinished` reports it as cancelled.
    if (this.#batch.signal.aborted && (outcome === 'error' || outcome === 'skipped')) return
    this.#unfinished.delete(result.node)
    const { name, subject } = step
    if (outcome === 'skipped') {
      const { blocked_by } = result
      const by = blocked_by == null ? null : (this.#names.get(blocked_by) ?? blocked_by)
      return this.#report({ step: 'skipped', name, by })
    }
    const source = this.#source(step)
    const { secrets } = this.#site.target
    if (outcome === 'error') {
      const problem = nodeFailed(result, source, this.#statement(result), secrets)
      return this.#report({ step: 'failed', name, problem })
    }
    if (subject.is === 'check') {
      const verdict = outcome === 'done' ? 'pass' : outcome
      const query = result.compiled_path == null ? null : this.#fromRoot(result.compiled_path)
      const { reads } = subject.check
      const found = (failed: 'warn' | 'fail') =>
        result.age === undefined
          ? testFailed(result, source, reads, query, secrets)
          : sourceTooOld(failed, result.age, source, reads)
      const problem = verdict === 'pass' ? null : found(verdict)
      return this.#report({
        step: 'checked',
        name,
        result: verdict,
        failures: result.failures,
        problem,
        endedAt,
      })
    }
    if (isHashed(subject)) {
      const message = 'hashing its rows'
      await this.#report({ step: 'progress', name, phase: 'hashing', message })
    }
    const product = await this.#measure(subject, reader)
    if (product.ok) this.#built.set(name, 'measured')
    return product.ok
      ? this.#report({
          step: 'built',
          name,
          product: product.value,
          endedAt,
          unread: result.unread ?? [],
        })
      : this.#report({ step: 'failed', name, problem: product.problems[0]! })
  }

  /** Problem `relation-unreadable`: the worker died after dbt built the node. */
  async #measure(subject: BuildSubject, reader: Reader): Promise<Result<Product>> {
    try {
      return await productOf(subject, reader, this.#site.root)
    } catch (error) {
      if (error instanceof ProblemError) return fail(...error.problems)
      const { name } = subject.asset
      return fail({
        code: 'relation-unreadable',
        message: `${name}: dbt built it, but its result could not be read`,
        detail: error instanceof Error ? error.message : String(error),
        hint: `assets materialize ${name}`,
        asset: name,
      })
    }
  }

  /** Makes dbt cancel its statements on Ctrl-C, and ends it if that takes too long. */
  #interruptOnAbort(worker: Worker): () => void {
    const { signal } = this.#batch
    let timeout: NodeJS.Timeout | undefined
    const interrupt = () => {
      worker.interrupt()
      timeout = setTimeout(() => void worker.close(), CANCEL_TIMEOUT_MS)
    }
    signal.addEventListener('abort', interrupt, { once: true })
    return () => {
      signal.removeEventListener('abort', interrupt)
      clearTimeout(timeout)
    }
  }

  #source(step: BatchStep): NodeSource {
    const { file } = nodeOf(step)
    return { name: step.name, file, text: readText(join(this.#site.root, file)) }
  }

  /** The SQL statement that dbt sent. */
  #statement({ statement_path }: NodeResult): string | null {
    return statement_path == null ? null : readText(this.#absolute(statement_path))
  }

  #absolute(path: string): string {
    return resolve(this.#site.root, this.#project.dir, path)
  }

  /** A path as dbt gives it, relative to the project root. */
  #fromRoot(path: string): string {
    return relative(this.#site.root, this.#absolute(path))
  }
}

type NodeOutcome = 'done' | 'warn' | 'fail' | 'skipped' | 'error'

/** Translates dbt's status of a node. */
function outcomeOf({ status }: NodeResult): NodeOutcome {
  switch (status) {
    case 'success':
    case 'pass':
    case 'no-op':
    case 'reused':
      return 'done'
    case 'warn':
    case 'fail':
    case 'skipped':
      return status
    default:
      return 'error'
  }
}

/** dbt's unique_id and file, which `definitionOf` and `checkOf` stored in `build`. */
function nodeOf({ subject }: BatchStep): { readonly node: string; readonly file: string } {
  const build = subject.is === 'asset' ? subject.definition.build : subject.check.build
  return build as { node: string; file: string }
}

/** The asset that was built, with its previous record. */
type BuildSubject = DefinedAsset & { readonly record: Materialization | null }

/** Whether its rows are read for its version. */
const isHashed = ({ definition }: Pick<BuildSubject, 'definition'>): boolean =>
  definition.form !== 'view' || definition.dataVersion === 'content'

async function productOf(
  { asset, definition, record }: BuildSubject,
  reader: Reader,
  root: string,
): Promise<Result<Product>> {
  const relation = definition.relation
  if (relation === null) throw new Error(`${asset.name} has no relation and can't be built`)
  const inspected = (await reader.inspect([relation])).get(relation)
  if (inspected === undefined) {
    return fail({
      code: 'relation-missing',
      message: `${asset.name}: dbt built it, but ${relation} does not exist`,
      hint: 'make generate_schema_name and generate_alias_name give the same name in every call',
      asset: asset.name,
    })
  }
  const { shape, installed } = inspected
  const common = { installed, token: null, source: null, reference: null, bytes: null }
  // The version of such a view is a key of its inputs' versions, which the caller knows.
  if (!isHashed({ definition })) return ok({ ...common, version: null, shape, rows: null })
  const options = fingerprintOptions({ asset, definition }, inspected.kind === 'table')
  const before = record?.dataVersion ?? null
  const content = await fingerprintShown(reader, relation, { ...options, before }, () =>
    shownFiles(root, null, definition),
  )
  return content.ok ? ok({ ...common, ...content.value }) : content
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
