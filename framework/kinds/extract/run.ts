import type { Result } from '../../model/problem.ts'
import type { Batch, BatchStep, Product, Progress, Report } from '../../ports/batch.ts'
import type { Site } from '../../ports/site.ts'
import {
  type Publishable,
  publicationOf,
  publishedRecord,
  publishFile,
  stillThere,
} from './publication.ts'
import { outputFile } from './spec.ts'
import { writeExtract } from './write-extract.ts'

/** Builds a batch: writes all files, then publishes those that are to be published. */
export async function runExtracts(batch: Batch, report: Report, site: Site): Promise<void> {
  const files = await writeFiles(batch, report, site)
  await publishFiles(files, batch, report, site)
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
      // A report that fails also fails the next one, which is awaited.
      const onProgress = (progress: Progress) =>
        void report({ step: 'progress', name, ...progress }).catch(() => undefined)
      const product = await writeExtract(step, batch, opened, site, onProgress)
      const publishable = product.ok ? toPublish(step, product.value, site) : null
      if (publishable !== null) written.push(publishable)
      else {
        await noteRemoval(step, product, report)
        await reportEnd(name, product, batch, report)
      }
    }
  } finally {
    if (opened.ok) await opened.value.close()
  }
  return written
}

/** Says that the data source of an extract stays, if the extract is not published any more. */
async function noteRemoval(
  { name, subject }: BatchStep,
  product: Result<Product>,
  report: Report,
): Promise<void> {
  const source = subject.is === 'asset' ? (subject.record?.source ?? null) : null
  const published = publishedRecord(source)
  if (product.ok && published !== null) {
    await report({ step: 'note', name, message: stillThere(published) })
  }
}

/** What is to be published of a step; null if it only writes a file. */
function toPublish(step: BatchStep, product: Product, site: Site): Publishable | null {
  if (step.subject.is !== 'asset') return null
  const { asset } = step.subject
  const publication = publicationOf(asset, site.target)
  const file = outputFile(asset, site.target.name)
  return publication === null ? null : { step, asset, publication, file, product }
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
  else await report({ step: 'failed', name, problem: product.problems[0]! })
}
