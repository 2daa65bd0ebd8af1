import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseCsv } from '../../../lib/csv.ts'
import type { AnswerFile } from '../../../ports/kind.ts'
import type { Site } from '../../../ports/site.ts'
import type { TextTable } from '../../../ports/text-table.ts'
import type { Answer, AnswersDocument } from '../../../ui/data/answers.ts'
import { chartOf } from '../../../ui/data/chart-of.ts'
import { labelOf } from '../../../ui/data/column-words.ts'
import { type TypedRows, typedRows } from '../../../ui/data/typed-rows.ts'
import type { Registries } from '../../context.ts'
import type { View } from '../../view.ts'

/** The largest file that is drawn, in bytes. */
const LARGEST = 50_000_000

/** The charts of all files with rows that the project declares. Only those files are read. */
export async function answersDocument(
  view: View,
  { readParquet }: Registries,
): Promise<AnswersDocument> {
  const { workspace, planned } = view
  const { world } = planned
  const { site, kinds } = workspace
  const answers: Answer[] = []
  for (const asset of site.project.assets) {
    const answer = (await kinds(asset.kind)).answers?.(asset, site.target.name) ?? null
    if (answer === null) continue
    const record = world.state.records.get(asset.name)
    const read = record === undefined ? 'Not built yet.' : await rowsOf(site, answer, readParquet)
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
async function rowsOf(
  site: Site,
  { file, format }: AnswerFile,
  readParquet: Registries['readParquet'],
): Promise<TypedRows | string> {
  const path = resolve(site.root, file)
  try {
    const { size } = statSync(path)
    if (size > LARGEST) {
      const megabytes = Math.round(size / 1_000_000).toLocaleString('en-US')
      return `The file has ${megabytes} MB. The page draws files of up to ${LARGEST / 1_000_000} MB.`
    }
    const table = await tableIn(path, format, site, readParquet)
    if (table === null) {
      return `${file} is read by the program that writes .${format} files, which is not installed on this machine.`
    }
    return table.columns.length === 0 ? 'The file is empty.' : typedRows(table.columns, table.rows)
  } catch (error) {
    const { code = null } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return `The file ${file} is gone. The next run writes it again.`
    return `The file ${file} can't be read: ${code ?? `it is no .${format} file`}.`
  }
}

/** The rows of a file; null if the program that reads its format is not installed. Rejects if it can't be read. */
async function tableIn(
  path: string,
  format: string,
  site: Site,
  readParquet: Registries['readParquet'],
): Promise<TextTable | null> {
  if (format === 'parquet') return readParquet(path)
  if (format !== 'csv') return (await site.fileFormat(format)).rows(path)
  const [header = [], ...rows] = parseCsv(readFileSync(path, 'utf8'))
  return { columns: header.map((name) => name ?? ''), rows }
}
