import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fail, ok, type Problem, ProblemError, type Result } from '../../model/problem.ts'
import type { Materialization } from '../../model/record.ts'
import type { Batch, BatchStep, DefinedAsset, Product, Report } from '../../ports/batch.ts'
import type { Site } from '../../ports/site.ts'
import type { Loan, Reader } from '../../ports/warehouse.ts'
import { wantedOf } from '../observe-relations.ts'
import { leftOut, nodeFailed, projectFailed, type Source, testFailed } from './problems.ts'
import type { DbtProject } from './project.ts'
import type { NodeResult, Worker } from './worker/worker.ts'

/** How long dbt may take to cancel its statements before it is ended. */
const PATIENCE_MS = 10_000

/** Builds and tests a batch in one call of dbt; every step of it gets exactly one outcome. */
export async function runBatch(
  batch: Batch,
  report: Report,
  site: Site,
  project: DbtProject,
): Promise<void> {
  const run = new BatchRun(batch, report, site, project)
  const problems = await run.go()
  await run.conclude(problems)
}

class BatchRun {
  readonly #batch: Batch
  readonly #report: Report
  readonly #site: Site
  readonly #project: DbtProject
  /** Steps without an outcome, by dbt's unique_id. */
  readonly #open: Map<string, BatchStep>
  readonly #names: ReadonlyMap<string, string>
  /** Outcomes are told one after the other, a model's before those of what reads it. */
  #telling: Promise<void> = Promise.resolve()

  constructor(batch: Batch, report: Report, site: Site, project: DbtProject) {
    this.#batch = batch
    this.#report = report
    this.#site = site
    this.#project = project
    this.#open = new Map(batch.steps.map((step) => [nodeOf(step).node, step]))
    this.#names = new Map(batch.steps.map((step) => [nodeOf(step).node, step.name]))
  }

  /** Why steps may be left without an outcome. */
  async go(): Promise<readonly Problem[]> {
    if (this.#batch.signal.aborted) return []
    const [warehouse, worker] = await Promise.all([this.#site.warehouse(), this.#project.worker()])
    if (!warehouse.ok) return warehouse.problems
    if (!worker.ok) return worker.problems
    const lent = await warehouse.value.lend((loan) => this.#build(loan, worker.value))
    return lent.ok ? lent.value : lent.problems
  }

  async conclude(problems: readonly Problem[]): Promise<void> {
    // A hook that failed beside its nodes belongs to no step.
    if (this.#open.size === 0 && problems[0] !== undefined) this.#site.notice(problems[0].message)
    for (const step of this.#open.values()) {
      if (this.#batch.signal.aborted) {
        await this.#report({ step: 'cancelled', name: step.name })
      } else {
        const problem = problems[0] ?? leftOut(step.name)
        await this.#report({
          step: 'failed',
          name: step.name,
          problem: { ...problem, asset: step.name },
        })
      }
    }
  }

  async #build(loan: Loan, worker: Worker): Promise<readonly Problem[]> {
    const unchanged = this.#project.unchanged()
    if (!unchanged.ok) return unchanged.problems
    const reader = loan.reader((sql) => worker.query(sql))
    const ending = this.#interruptible(worker)
    try {
      const reply = await worker.run(
        {
          steps: [...this.#open.values()].map(workerStep),
          profile: loan.profile,
          env: { ...loan.env, ASSETS_RUN: String(this.#batch.run) },
        },
        {
          starting: (node) => this.#starting(node),
          finished: (result) => {
            const endedAt = this.#site.clock()
            this.#telling = this.#telling.then(() => this.#finished(result, endedAt, reader))
          },
        },
      )
      await this.#telling
      if (reply.ok) return []
      return [projectFailed(reply.trouble, this.#project.dir, this.#site.target.secrets)]
    } finally {
      ending()
      await worker.release()
    }
  }

  /** The journal knows of a node before dbt touches anything for it. */
  async #starting(node: string): Promise<'go' | 'stop'> {
    const step = this.#open.get(node)
    if (step === undefined || this.#batch.signal.aborted) return 'stop'
    await this.#report({ step: 'started', name: step.name })
    return this.#batch.signal.aborted ? 'stop' : 'go'
  }

  async #finished(result: NodeResult, endedAt: number, reader: Reader): Promise<void> {
    const step = this.#open.get(result.node)
    if (step === undefined) return
    const ended = endOf(result)
    // dbt calls what it was made to cancel an error; `conclude` has the word for it.
    if (this.#batch.signal.aborted && (ended === 'error' || ended === 'skipped')) return
    this.#open.delete(result.node)
    const { name, subject } = step
    if (ended === 'skipped') {
      const by = result.by == null ? null : (this.#names.get(result.by) ?? result.by)
      return this.#report({ step: 'skipped', name, by })
    }
    const source = this.#source(step)
    const { secrets } = this.#site.target
    if (ended === 'error') {
      const problem = nodeFailed(result, source, this.#written(result), secrets)
      return this.#report({ step: 'failed', name, problem })
    }
    if (subject.is === 'check') {
      const verdict = ended === 'done' ? 'pass' : ended
      const query = result.compiled_path == null ? null : this.#shown(result.compiled_path)
      const problem =
        verdict === 'pass' ? null : testFailed(result, source, subject.check.reads, query, secrets)
      return this.#report({
        step: 'checked',
        name,
        result: verdict,
        failures: result.failures,
        problem,
        endedAt,
      })
    }
    const product = await this.#read(subject, reader)
    return product.ok
      ? this.#report({ step: 'built', name, product: product.value, endedAt })
      : this.#report({ step: 'failed', name, problem: product.problems[0]! })
  }

  /** The worker may die between a node's end and the look at what it made. */
  async #read(subject: Recorded, reader: Reader): Promise<Result<Product>> {
    try {
      return await productOf(subject, reader)
    } catch (error) {
      if (error instanceof ProblemError) return fail(...error.problems)
      const { name } = subject.asset
      return fail({
        code: 'relation-unreadable',
        message: `${name}: what dbt built could not be read`,
        detail: error instanceof Error ? error.message : String(error),
        hint: `assets materialize ${name}`,
        asset: name,
      })
    }
  }

  /** Has dbt cancel what runs, and ends it when it does not listen. */
  #interruptible(worker: Worker): () => void {
    const { signal } = this.#batch
    let patience: NodeJS.Timeout | undefined
    const interrupt = () => {
      worker.interrupt()
      patience = setTimeout(() => void worker.close(), PATIENCE_MS)
    }
    signal.addEventListener('abort', interrupt, { once: true })
    return () => {
      signal.removeEventListener('abort', interrupt)
      clearTimeout(patience)
    }
  }

  #source(step: BatchStep): Source {
    const { file } = nodeOf(step)
    return { name: step.name, file, text: read(join(this.#site.root, file)) }
  }

  #written({ written }: NodeResult): string | null {
    return written == null ? null : read(this.#absolute(written))
  }

  #absolute(path: string): string {
    return resolve(this.#site.root, this.#project.dir, path)
  }

  #shown(path: string): string {
    return relative(this.#site.root, this.#absolute(path))
  }
}

type End = 'done' | 'warn' | 'fail' | 'skipped' | 'error'

/** dbt's word for how a node ended, as ours. */
function endOf({ status }: NodeResult): End {
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

/** What `definitionOf` and `checkOf` wrote into `build`. */
function nodeOf({ subject }: BatchStep): { readonly node: string; readonly file: string } {
  const build = subject.is === 'asset' ? subject.definition.build : subject.check.build
  return build as { node: string; file: string }
}

function workerStep(step: BatchStep) {
  const { subject } = step
  const relation = subject.is === 'asset' ? subject.definition.relation : null
  return { node: nodeOf(step).node, relation, full: step.full }
}

/** What was built, and the record of the time before. */
type Recorded = DefinedAsset & { readonly record: Materialization | null }

async function productOf(
  { asset, definition, record }: Recorded,
  reader: Reader,
): Promise<Result<Product>> {
  const relation = definition.relation
  if (relation === null) throw new Error(`${asset.name} has no relation and can't be built`)
  const inspected = (await reader.inspect([relation])).get(relation)
  if (inspected === undefined) {
    return fail({
      code: 'relation-missing',
      message: `${asset.name}: dbt built it, and ${relation} is not there`,
      hint: `see that generate_schema_name and generate_alias_name give the same name in every call`,
      asset: asset.name,
    })
  }
  const { shape, installed } = inspected
  const plain = { installed, token: null, source: null, reference: null, bytes: null }
  // The version of such a view is made of its inputs' versions, which its reader knows.
  const isTold = definition.form === 'view' && definition.dataVersion !== 'content'
  if (isTold) return ok({ ...plain, version: null, shape, rows: null })
  const isTable = inspected.kind === 'table'
  const wanted = wantedOf({ asset, definition }, isTable)
  const before = record?.dataVersion ?? null
  const content = await reader.fingerprint(relation, { ...wanted, before })
  return content.ok ? ok({ ...plain, ...content.value }) : content
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
