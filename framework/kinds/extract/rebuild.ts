import { statSync } from 'node:fs'
import { join } from 'node:path'
import { hashFile } from '../../lib/hash-file.ts'
import { makeTemporaryFolder, removeTemporaryFolder } from '../../lib/temporary-folder.ts'
import { fail, ok, type Result } from '../../model/problem.ts'
import type { Rebuilt } from '../../model/rebuilt.ts'
import { fileVersion, modeOfVersion } from '../../model/version.ts'
import type { RebuildStep } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import type { Session } from '../../ports/warehouse.ts'
import { measureFiles } from '../observe-files.ts'
import { exportFrom } from './origin.ts'
import { contentOf, rowsToFile } from './rows-to-file.ts'
import { extractSpec } from './spec.ts'

/** Writes each extract twice into a scratch folder and compares the bytes with those of its file. */
export async function rebuild(
  assets: readonly RebuildStep[],
  report: (name: string, rebuilt: Rebuilt) => void,
  site: Site,
): Promise<readonly string[]> {
  const warehouse = await site.warehouse()
  const session = warehouse.ok ? await warehouse.value.open() : warehouse
  const folder = makeTemporaryFolder(site.home)
  try {
    for (const step of assets) {
      if (site.signal.aborted) return []
      const rebuilt = session.ok ? await writeTwice(step, session.value, folder, site) : session
      const problem = rebuilt.ok ? null : { ...rebuilt.problems[0]!, asset: step.asset.name }
      if (!site.signal.aborted) {
        report(step.asset.name, rebuilt.ok ? rebuilt.value : { is: 'failed', problem: problem! })
      }
    }
    return []
  } finally {
    removeTemporaryFolder(folder)
    if (session.ok) await session.value.close()
  }
}

/**
 * Writes one extract twice. Problems: its file is gone, the SQL fails, a dependency has no relation, the
 * disk is full.
 */
async function writeTwice(
  { asset, definition, record, inputs }: RebuildStep,
  session: Session,
  folder: string,
  site: Site,
): Promise<Result<Rebuilt>> {
  const spec = extractSpec(asset, site.target.name)
  if (!spec.ok) return spec
  const { origin, columns, orderBy, format } = spec.value
  const from = exportFrom(asset.name, origin, inputs)
  if (!from.ok) return from
  const mode = record.dataVersion === null ? null : modeOfVersion(record.dataVersion)
  if (mode !== (format === 'hyper' ? 'content' : 'file')) {
    return ok({ is: 'left_out', because: 'its record has no hash of the file' })
  }
  // What is there, not what is recorded: a record can be of another file.
  const stored = await measureFiles(asset, site.root, definition.outputs, null, {
    contentOf: contentOf(format, site, 'must be read'),
  })
  if (!stored.ok) return stored
  if (stored.value.version === null) {
    return ok({ is: 'left_out', because: 'its file changed while it was read' })
  }
  const written: { readonly version: string; readonly rows: number }[] = []
  for (const copy of ['first', 'second']) {
    const file = join(folder, `${asset.name}.${copy}`)
    const request = { from: from.value, columns, orderBy, format, file }
    const rebuilt = await rowsToFile(request, session, site, site.signal)
    if (!rebuilt.ok) return fail(...rebuilt.problems)
    const { rows, content } = rebuilt.value
    const version = content ?? fileVersion(await hashFile(file, statSync(file).size))
    written.push({ version, rows })
  }
  const [first, second] = written as [(typeof written)[number], (typeof written)[number]]
  return ok({
    is: 'compared',
    versions: [stored.value.version, first.version, second.version],
    rows: record.rows === null ? null : [record.rows, first.rows, second.rows],
    differing: null,
  })
}
