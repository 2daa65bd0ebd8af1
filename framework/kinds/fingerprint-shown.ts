import { ok, type Result } from '../model/problem.ts'
import type { Version } from '../model/version.ts'
import type { Fingerprint, FingerprintOptions, Reader } from '../ports/warehouse.ts'
import type { ShownFiles } from './shown-files.ts'

/** A fingerprint whose version is null if it can't be known what was read. */
export type ShownFingerprint = Omit<Fingerprint, 'version'> & { readonly version: Version | null }

/**
 * The fingerprint of a relation whose rows may be in files. These are read between two reads of their
 * token (SEMANTICS 1), which becomes the token of the fingerprint. Version and token are null if it moved,
 * or if other files would be read.
 */
export async function fingerprintShown(
  reader: Pick<Reader, 'fingerprint'>,
  relation: string,
  options: FingerprintOptions,
  filesNow: () => ShownFiles | null,
): Promise<Result<ShownFingerprint>> {
  const before = filesNow()
  const fingerprint = await reader.fingerprint(relation, options)
  if (!fingerprint.ok || before === null) return fingerprint
  const token = readableToken(before)
  const isSame = token !== undefined && token === readableToken(filesNow())
  return ok({ ...fingerprint.value, ...(isSame ? { token } : { version: null, token: null }) })
}

/** undefined if the files can't be read under their name. */
function readableToken(files: ShownFiles | null): string | null | undefined {
  return files?.state === 'exist' && files.hiddenBy === null ? files.token : undefined
}
