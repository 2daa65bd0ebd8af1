import { resolve } from 'node:path'
import { whyUnwritable } from '../../lib/file-refusal.ts'
import { fileStats } from '../../lib/file-stats.ts'
import { writtenFault } from '../../lib/real-place.ts'
import { outputPathProblem } from '../../model/path-problem.ts'
import { fail, type Result } from '../../model/problem.ts'
import type { Batch, BatchStep, Product } from '../../ports/batch.ts'
import type { Site } from '../../ports/site.ts'
import type { Session } from '../../ports/warehouse.ts'
import { atKey } from '../at-key.ts'
import { measureFiles } from '../observe-files.ts'
import { exportFrom } from './origin.ts'
import {
  isSameFile,
  placeFile,
  prepareFolder,
  removeTemporary,
  temporaryPath,
} from './place-file.ts'
import { contentOf, type OnProgress, rowsToFile } from './rows-to-file.ts'
import { extractSpec } from './spec.ts'

/**
 * Writes one extract. Problems: the warehouse can't be opened; the SQL fails; a dependency has no
 * relation; `extract-unwritable`; `invalid-path`: a link leads out of the project.
 */
export async function writeExtract(
  { subject, name }: BatchStep,
  { run, signal }: Batch,
  session: Result<Session>,
  site: Site,
  onProgress: OnProgress,
): Promise<Result<Product>> {
  if (subject.is !== 'asset') throw new Error(`${name} is not an extract`)
  const { asset } = subject
  if (!session.ok) return fail(...session.problems.map((problem) => atKey(asset, problem)))
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
      const written = await rowsToFile(request, session.value, site, signal, onProgress)
      if (!written.ok) return fail(...written.problems.map((problem) => atKey(asset, problem)))
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
      onProgress({ phase: 'hashing', message: 'hashing the file' })
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
