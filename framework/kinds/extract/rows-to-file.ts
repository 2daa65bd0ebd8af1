import { join } from 'node:path'
import { makeTemporaryFolder, removeTemporaryFolder } from '../../lib/temporary-folder.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { Version } from '../../model/version.ts'
import type { Progress } from '../../ports/batch.ts'
import type { Site } from '../../ports/site.ts'
import type { ExportRequest, Session } from '../../ports/warehouse.ts'
import type { ExtractFormat } from './spec.ts'

/** Rows to write, and the file, which does not exist yet. */
export interface RowsRequest extends Omit<ExportRequest, 'format' | 'plain'> {
  readonly format: ExtractFormat
}

/** Called when another phase begins, or when one has got further. */
export type OnProgress = (progress: Progress) => void

const writing = (share: number): Progress => ({
  phase: 'writing',
  message: 'reading and writing the rows',
  amount: { done: Math.round(share * 100), of: 100, isEstimate: false, unit: 'percent' },
})

export interface WrittenFile {
  readonly rows: number
  /** What the file holds; null if the bytes of the file are its version. */
  readonly content: Version | null
}

/**
 * Writes rows to a file. The warehouse writes CSV and Parquet; a .hyper file is made from a Parquet file of it. Problems:
 * those of `Session.export` and `FileFormat.write`.
 */
export async function rowsToFile(
  { format, ...request }: RowsRequest,
  session: Session,
  site: Site,
  signal: AbortSignal,
  onProgress: OnProgress = () => {},
): Promise<Result<WrittenFile>> {
  if (format !== 'hyper') {
    const exported = await session.export({
      ...request,
      format,
      onShare: (share) => onProgress(writing(share)),
    })
    return exported.ok ? ok({ rows: exported.value.rows, content: null }) : exported
  }
  const folder = makeTemporaryFolder(site.home)
  try {
    const parquet = join(folder, 'rows.parquet')
    const exported = await session.export({
      ...request,
      format: 'parquet',
      file: parquet,
      plain: true,
      onShare: (share) =>
        onProgress({ ...writing(share), phase: 'reading', message: 'reading the rows' }),
    })
    if (!exported.ok) return exported
    const { rows } = exported.value
    const count = rows.toLocaleString('en-US')
    onProgress({ phase: 'writing', message: `writing ${count} rows as ${format}` })
    const written = await (await site.fileFormat(format)).write(parquet, request.file, signal)
    if (!written.ok) return written
    if (written.value.rows !== rows) {
      return fail({
        code: 'hyper-failed',
        message: `Hyper wrote ${written.value.rows} of ${rows} rows to ${request.file}`,
      })
    }
    return ok({ rows, content: written.value.version })
  } finally {
    removeTemporaryFolder(folder)
  }
}

/**
 * What a file holds, for `observeFiles` and `measureFiles`; undefined for a format whose bytes are its version. With
 * `must be read` it throws for a file that is none of the format.
 */
export function contentOf(format: ExtractFormat, site: Site, how?: 'must be read') {
  if (format !== 'hyper') return undefined
  return async (path: string): Promise<Version | null> => {
    const content = await (await site.fileFormat(format)).read(path)
    if (content === null) throw new Error('Hyper, which reads it, is not installed')
    if (content.rows === null && how !== undefined) throw new Error(`${path} is no .hyper file`)
    return content.version
  }
}
