import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseCsv } from '../../../lib/csv.ts'
import type { AnswerFile } from '../../../ports/kind.ts'
import type { Answer, AnswersDocument } from '../../../ui/data/answers.ts'
import { chartOf } from '../../../ui/data/chart-of.ts'
import { labelOf } from '../../../ui/data/column-words.ts'
import { type TypedRows, typedRows } from '../../../ui/data/typed-rows.ts'
import type { View } from '../../view.ts'

/** The largest file that is drawn, in bytes. */
const LARGEST = 50_000_000

/** The charts of all files with rows that the project declares. Only those files are read. */
export async function answersDocument(view: View): Promise<AnswersDocument> {
  const { workspace, planned } = view
  const { world } = planned
  const { site, kinds } = workspace
  const answers: Answer[] = []
  for (const asset of site.project.assets) {
    const answer = (await kinds(asset.kind)).answers?.(asset, site.target.name) ?? null
    if (answer === null) continue
    const record = world.state.records.get(asset.name)
    const read = rowsOf(site.root, answer, record !== undefined)
    const { chart, notes } =
      typeof read === 'string' ? { chart: null, notes: [] } : chartOf(answer.chart, read)
    answers.push({
      name: asset.name,
      title: answer.chart?.title ?? (asset.description.trim() || labelOf(asset.name)),
      file: answer.file,
      owners: asset.owners,
      asOf: record?.finishedAt ?? null,
      message: typeof read === 'string' ? read : null,
      notes,
      chart,
    })
  }
  return { answers }
}

/** The rows of a file, or a sentence that says why there are none to show. */
function rowsOf(root: string, { file, format }: AnswerFile, isBuilt: boolean): TypedRows | string {
  const path = resolve(root, file)
  if (!isBuilt) return 'Not built yet.'
  try {
    const { size } = statSync(path)
    if (format !== 'csv') {
      return `The page draws CSV files only, and ${file} is a .${format} file.`
    }
    if (size > LARGEST) {
      const megabytes = Math.round(size / 1_000_000).toLocaleString('en-US')
      return `The file has ${megabytes} MB. The page draws files of up to ${LARGEST / 1_000_000} MB.`
    }
    const [header, ...records] = parseCsv(readFileSync(path, 'utf8'))
    return header === undefined ? 'The file is empty.' : typedRows(header, records)
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return isGone
      ? `The file ${file} is gone. The next run writes it again.`
      : `The file ${file} can't be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}.`
  }
}
