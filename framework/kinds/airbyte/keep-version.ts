import type { Stream } from '../../model/stream.ts'
import { modeOfVersion } from '../../model/version.ts'
import type { BatchStep, Product } from '../../ports/batch.ts'
import type { Inspected } from '../../ports/warehouse.ts'

interface Member {
  readonly stream: Stream
  readonly step: BatchStep
}

/** What is recorded once more of a table that was not looked at. */
export type Kept = Pick<Product, 'version' | 'shape' | 'rows' | 'bytes' | 'token'>

/**
 * Whether an incremental sync that brings nothing would leave a table as recorded: it was committed last,
 * by the same code, and has a token to prove that nobody else wrote to it. Pure.
 */
export function mayKeep({ stream, step }: Member): boolean {
  if (stream.sync === 'full_refresh' || step.subject.is !== 'asset') return false
  const { record, unfinished } = step.subject
  if (record === null || record.token === null || unfinished !== null) return false
  const mode = record.dataVersion === null ? null : modeOfVersion(record.dataVersion)
  return (mode === 'content' || mode === 'token') && !step.reasons.some(changesWhatCounts)
}

/**
 * The recorded version where nobody has to read the table to know that it holds it: its token is the
 * recorded one still, or else the sync reported zero records for this stream and the token was that before
 * it (SEMANTICS 6). The token of now is recorded beside it. null when the content has to be hashed. Pure.
 */
export function keptVersion(
  member: Member,
  records: number | null,
  before: Inspected | undefined,
  after: Inspected | undefined,
): Kept | null {
  const { subject } = member.step
  const record = subject.is === 'asset' ? subject.record : null
  if (record === null || record.token === null || after?.token === undefined) return null
  const isUntouched = after.token === record.token
  const wasAsRecorded = before?.token === record.token
  if (!isUntouched && !(records === 0 && wasAsRecorded && mayKeep(member))) return null
  // A column may come without a record, and tokens of two places say nothing of each other.
  const { relation, columns } = after.shape
  const isSame = columns === record.shape?.columns && relation === record.shape.relation
  if (!isSame || !/^[ct]:/.test(record.dataVersion ?? '')) return null
  const { dataVersion: version, rows, bytes } = record
  return { version, shape: after.shape, rows, bytes, token: after.token }
}

function changesWhatCounts({ reason }: BatchStep['reasons'][number]): boolean {
  return reason === 'code' || reason === 'drifted' || reason === 'missing' || reason === 'unknown'
}
