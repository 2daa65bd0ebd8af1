import { resolve } from 'node:path'
import { whyUnwritable } from '../../lib/file-refusal.ts'
import { fileStats } from '../../lib/file-stats.ts'
import { hash } from '../../lib/hash.ts'
import { stableJson } from '../../lib/json.ts'
import { writtenFault } from '../../lib/real-place.ts'
import type { Asset } from '../../model/asset.ts'
import type { CodePart, Definition } from '../../model/definition.ts'
import { outputPathProblem } from '../../model/path-problem.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Batch, BatchStep, Product, Report } from '../../ports/batch.ts'
import type { Kind } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import type { Session } from '../../ports/warehouse.ts'
import { measureFiles, type Reading } from '../observe-files.ts'
import { columnsInFiles } from './columns-in-files.ts'
import { observeExtracts } from './observe.ts'
import { exportFrom, undeclaredInputs } from './origin.ts'
import {
  isSameFile,
  placeFile,
  prepareFolder,
  removeTemporary,
  temporaryPath,
} from './place-file.ts'
import { type Publishable, publicationOf, publicationProblems, publishFile } from './publication.ts'
import { rebuild } from './rebuild.ts'
import { contentOf, rowsToFile } from './rows-to-file.ts'
import { type ExtractSpec, extractSpec, formatTargetProblems, outputFile } from './spec.ts'

/** The kind `extract`: writes the rows of a relation or a query to a file. */
export function createKind(): Kind {
  return {
    name: 'extract',
    uses: 'warehouse',
    batches: 'together',
    async define(assets, site) {
      const definitions = new Map<string, Definition>()
      const problems: Problem[] = []
      const names = new Set(site.project.assets.arrays.names.texts)
      const reported = new Set<string>()
      for (const asset of assets) {
        const spec = extractSpec(asset, site.target.name)
        if (spec.ok) {
          problems.push(...(await unavailable(asset, spec.value, site)))
          problems.push(...(await publicationProblems(asset, spec.value, site, reported)))
          problems.push(...formatTargetProblems(asset, site.project.targets))
          definitions.set(asset.name, definition(asset, spec.value, site))
          problems.push(...undeclaredInputs(asset, spec.value.origin, names))
        } else {
          problems.push(...spec.problems)
        }
      }
      return { definitions, checks: [], problems, later: null }
    },
    columns: { read: columnsInFiles },
    shownIn(asset, target) {
      const spec = extractSpec(asset, target.name)
      const publication = spec.ok ? publicationOf(asset, spec.value, target) : null
      if (publication === null) return null
      const { project, name } = publication.place
      return { connection: publication.connection, project, publishes: name }
    },
    writes: { key: 'to', files: (asset, target) => [outputFile(asset, target)] },
    observe: async (requests, site) =>
      ok(await observeExtracts(requests, site, ({ asset }) => readingOf(asset, site))),
    measure: ({ asset, definition }, site) =>
      measureFiles(
        asset,
        site.root,
        definition.outputs,
        null,
        readingOf(asset, site, 'must be read'),
      ),
    async run(batch, report, site) {
      const files = await writeFiles(batch, report, site)
      await publishFiles(files, batch, report, site)
    },
    rebuilder: { rebuild },
    close: async () => {},
  }
}

/** Publications at once: most of their time is Tableau's. */
const PUBLICATIONS = 4

/** Writes the files of a batch. Reports those that are done, and returns those that are to be published. */
async function writeFiles(
  batch: Batch,
  report: Report,
  site: Site,
): Promise<readonly Publishable[]> {
  const written: Publishable[] = []
  const warehouse = await site.warehouse()
  const opened = warehouse.ok ? await warehouse.value.open(batch.signal) : warehouse
  try {
    for (const step of batch.steps) {
      const { name } = step
      if (batch.signal.aborted) {
        await report({ step: 'cancelled', name })
        continue
      }
      await report({ step: 'started', name })
      const product = await writeExtract(step, batch, opened, site)
      const publishable = product.ok ? toPublish(step, product.value, site) : null
      if (publishable !== null) written.push(publishable)
      else await reportEnd(name, product, batch, report)
    }
  } finally {
    if (opened.ok) await opened.value.close()
  }
  return written
}

/** What is to be published of a step; null if it only writes a file. */
function toPublish(step: BatchStep, product: Product, site: Site): Publishable | null {
  if (step.subject.is !== 'asset') return null
  const { asset } = step.subject
  const spec = extractSpec(asset, site.target.name)
  const publication = spec.ok ? publicationOf(asset, spec.value, site.target) : null
  return spec.ok && publication !== null
    ? { step, asset, publication, file: spec.value.to, product }
    : null
}

async function publishFiles(
  files: readonly Publishable[],
  batch: Batch,
  report: Report,
  site: Site,
): Promise<void> {
  const left = [...files]
  const work = { run: batch.run, signal: batch.signal, report, site }
  const publishNext = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { name } = next.step
      if (batch.signal.aborted) {
        await report({ step: 'cancelled', name })
        continue
      }
      const product = await publishFile(next, work)
      if (product !== null) await reportEnd(name, product, batch, report)
    }
  }
  await Promise.all(Array.from({ length: PUBLICATIONS }, publishNext))
}

async function reportEnd(
  name: string,
  product: Result<Product>,
  { signal }: Batch,
  report: Report,
): Promise<void> {
  if (product.ok) await report({ step: 'built', name, product: product.value })
  else if (signal.aborted) await report({ step: 'cancelled', name })
  else await report({ step: 'failed', name, problem: first(product.problems) })
}

function definition(asset: Asset, spec: ExtractSpec, site: Site): Definition {
  const publication = publicationOf(asset, spec, site.target)
  const parts: readonly CodePart[] = [
    part('origin', spec.origin),
    part('columns', spec.columns),
    part('order_by', spec.orderBy),
    part('format', spec.format),
    part('to', spec.to),
    ...(publication === null ? [] : [part('publish', publication.place)]),
  ].map((one) => ({ ...one, file: asset.file }))
  return {
    asset: asset.name,
    kind: 'extract',
    form: 'stored',
    codeVersion: hash('extract', ...parts.flatMap(({ label, version }) => [label, version])),
    parts,
    accumulates: 'no',
    relation: null,
    outputs: [spec.to],
    unit: null,
    dataVersion: 'content',
    onDrift: 'rebuild',
    clock: false,
    build: null,
  }
}

/**
 * How the version of an extract's file is made. `must be read`: a file that is none of its format is an error, and not
 * just another file.
 */
function readingOf(asset: Asset, site: Site, how?: 'must be read'): Reading {
  const spec = extractSpec(asset, site.target.name)
  return spec.ok ? { contentOf: contentOf(spec.value.format, site, how) } : {}
}

/** The problem of a format that this machine can't write. */
async function unavailable(
  asset: Asset,
  { format }: ExtractSpec,
  site: Site,
): Promise<readonly Problem[]> {
  if (format !== 'hyper') return []
  const problem = (await site.fileFormat(format)).unavailable()
  const at = { file: asset.file, path: ['assets', asset.name, 'to'] }
  return problem === null ? [] : [{ at, ...problem, asset: asset.name }]
}

function part(label: string, value: unknown): CodePart {
  return { label, version: hash(stableJson(value)) }
}

/**
 * Writes one extract. Problems: the warehouse can't be opened; the SQL fails; a dependency has no
 * relation; `extract-unwritable`; `invalid-path`: a link leads out of the project.
 */
async function writeExtract(
  { subject, name }: BatchStep,
  { run, signal }: Batch,
  session: Result<Session>,
  site: Site,
): Promise<Result<Product>> {
  if (subject.is !== 'asset') throw new Error(`${name} is not an extract`)
  if (!session.ok) return atAsset(subject.asset, session.problems)
  const spec = extractSpec(subject.asset, site.target.name)
  if (!spec.ok) return spec
  const { to, format, origin, columns, orderBy } = spec.value
  const from = exportFrom(name, origin, subject.inputs)
  if (!from.ok) return from
  const path = resolve(site.root, to)
  const misled = () => {
    const fault = writtenFault(site.root, to)
    return fault === null ? null : fail(outputPathProblem(fault, subject.asset, 'to', 0))
  }
  const refused = misled()
  if (refused !== null) return refused
  try {
    prepareFolder(path)
    try {
      const file = temporaryPath(path)
      const tag = `${run}/${name}`
      const request = { from: from.value, columns, orderBy, format, file, tag }
      const written = await rowsToFile(request, session.value, site, signal)
      if (!written.ok) return atAsset(subject.asset, written.problems)
      const { rows, content } = written.value
      // The query may have taken hours.
      const late = misled()
      if (late !== null) return late
      const read = contentOf(format, site)
      // Another order of the rows is no other content, but it is another file.
      const mayStay = subject.record?.codeVersion === subject.definition.codeVersion
      const isSame = async (old: string) => content !== null && (await read?.(old)) === content
      const placed = await placeFile(path, mayStay ? isSame : undefined)
      // Someone may have put another file there meanwhile. It is read, as every file that is not ours.
      const contentNow = async (file: string) =>
        isSameFile(placed, fileStats(file)) ? content : ((await read?.(file)) ?? null)
      const reading = content === null ? {} : { contentOf: contentNow }
      return await measureFiles(subject.asset, site.root, [to], rows, reading)
    } finally {
      removeTemporary(path)
    }
  } catch (error) {
    const { reason, hint } = whyUnwritable(path, error, 'change `to:`')
    return fail({
      code: 'extract-unwritable',
      message: `${name}: can't write ${to}: ${reason}`,
      at: { file: subject.asset.file, path: ['assets', name, 'to'] },
      detail: (error as Error).message,
      hint,
      asset: name,
    })
  }
}

/** Adds the asset's name and location to problems of the warehouse, which knows no assets. */
function atAsset(asset: Asset, problems: readonly Problem[]): Result<never> {
  const at = { file: asset.file, path: ['assets', asset.name] }
  return fail(
    ...problems.map((problem) => ({
      at,
      ...problem,
      message: `${asset.name}: ${problem.message}`,
      asset: asset.name,
    })),
  )
}

function first(problems: readonly Problem[]): Problem {
  if (problems[0] === undefined) throw new Error('a failed result without a problem')
  return problems[0]
}
