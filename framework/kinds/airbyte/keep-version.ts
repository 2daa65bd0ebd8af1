import type { Stream } from '../../model/stream.ts'
import { modeOfVersion, type Version } from '../../model/version.ts'
import type { BatchStep, Product } from '../../ports/batch.ts'
import type { Inspected } from '../../ports/warehouse.ts'

interface StreamAndStep {
  readonly stream: Stream
  readonly step: BatchStep
}

/** What is taken from the last record for a table that was not read. */
export type KeptVersion = Pick<Product, 'version' | 'shape' | 'rows' | 'bytes' | 'token'>

/**
 * Whether an incremental sync without new records leaves the table as recorded. That needs a committed
 * record with the current code, and its change token to prove that nothing else wrote to the table. Pure.
 */
export function mayKeepVersion({ stream, step }: StreamAndStep): boolean {
  if (stream.sync === 'full_refresh' || step.subject.is !== 'asset') return false
  const { record, unfinished } = step.subject
  if (record === null || record.token === null || unfinished !== null) return false
  return identifiesContent(record.dataVersion) && !step.reasons.some(forcesRehash)
}

/**
 * The recorded version, if it is still proved without reading the table; null if the content must be
 * hashed. Proof is that the change token is still the recorded one, or that it was so before the sync and
 * the sync reported zero records for this stream (SEMANTICS 6). The current token is recorded with it. Pure.
 */
export function keptVersion(
  member: StreamAndStep,
  records: number | null,
  before: Inspected | undefined,
  after: Inspected | undefined,
): KeptVersion | null {
  const { subject } = member.step
  const record = subject.is === 'asset' ? subject.record : null
  if (record === null || record.token === null || after?.token === undefined) return null
  const isUntouched = after.token === record.token
  const wasAsRecorded = before?.token === record.token
  if (!isUntouched && !(records === 0 && wasAsRecorded && mayKeepVersion(member))) return null
  // A new column may come without a record. Tokens of two relations cannot be compared.
  const { relation, columns } = after.shape
  const isSame = columns === record.shape?.columns && relation === record.shape.relation
  if (!isSame || !identifiesContent(record.dataVersion)) return null
  const { dataVersion: version, rows, bytes } = record
  return { version, shape: after.shape, rows, bytes, token: after.token }
}

function identifiesContent(version: Version | null): boolean {
  const mode = version === null ? null : modeOfVersion(version)
  return mode === 'content' || mode === 'token'
}

function forcesRehash({ reason }: BatchStep['reasons'][number]): boolean {
  return reason === 'code' || reason === 'drifted' || reason === 'missing' || reason === 'unknown'
}
