import type { Stream } from '../../model/stream.ts'
import type { BatchStep } from '../../ports/batch.ts'
import {
  brings,
  type Job,
  mayRun,
  originOf,
  type Reference,
  referenceOf,
  standingOf,
  startsOver,
} from './job.ts'

/** A stream that waits for a job. */
export interface Member {
  readonly stream: Stream
  readonly step: BatchStep
}

export interface Choosing {
  readonly members: readonly Member[]
  /** Whether a job of somebody else serves. */
  readonly adopt: boolean
  /** Jobs that this process started. */
  readonly own: ReadonlyMap<number, Reference>
  /** Jobs that turned out not to have brought every stream. */
  readonly passed: ReadonlySet<number>
}

export type Choice =
  /** It runs, and while it does no other can. */
  | { readonly choice: 'follow'; readonly job: Job }
  /** It ended, and no other is needed. */
  | { readonly choice: 'take'; readonly job: Job }
  /** `after`: the newest job there was, 0 for none. */
  | { readonly choice: 'start'; readonly after: number }

/**
 * What to do about a connection whose streams are to be brought up to date. `jobs` newest first. Only the
 * newest can be taken: a later one, however it ended, has written to the tables since. Pure.
 */
export function choose(jobs: readonly Job[], choosing: Choosing): Choice {
  const active = jobs.find((job, at) => standingOf(job) === 'active' || (at === 0 && mayRun(job)))
  if (active !== undefined) return { choice: 'follow', job: active }
  const [newest] = jobs
  if (newest === undefined) return { choice: 'start', after: 0 }
  const isGood = standingOf(newest) === 'succeeded' && !choosing.passed.has(newest.id)
  return isGood && serves(newest, choosing)
    ? { choice: 'take', job: newest }
    : { choice: 'start', after: newest.id }
}

/** What is known of a job as ours: from this process, or from the journal that another one left. */
export function ownOf(
  job: number,
  { own, members }: Pick<Choosing, 'own' | 'members'>,
): Reference | null {
  const started = own.get(job)
  if (started !== undefined) return started
  for (const { step } of members) {
    const left = step.subject.is === 'asset' ? step.subject.unfinished : null
    const reference = left === null ? null : referenceOf(left.reference)
    if (reference?.job === job && reference.ours) return reference
  }
  return null
}

/** Whether the job gives every stream what its step asks for, supposing that it ends well. Pure. */
export function serves(job: Job, choosing: Choosing): boolean {
  if (!brings(job)) return false
  const ours = ownOf(job.id, choosing)
  if (ours === null && !choosing.adopt) return false
  return choosing.members.every((member) =>
    member.step.reasons.every((reason) => accepts(reason.reason, job, member, ours)),
  )
}

function accepts(
  reason: BatchStep['reasons'][number]['reason'],
  job: Job,
  { stream, step }: Member,
  ours: Reference | null,
): boolean {
  if (step.subject.is !== 'asset') return false
  const { record, unfinished: left, freshSince } = step.subject
  const recorded = record === null ? null : originOf(record.source)
  const isNewer = recorded !== null && job.id > recorded.job
  const reference = left === null ? null : referenceOf(left.reference)
  // A job of ours began after our own journal's entry, whatever the clock of the service says.
  const isFromLeft = ours !== null && reference?.job === job.id
  const startedAt = Math.max(job.startedAt ?? 0, isFromLeft ? left!.at : 0)
  const isSinceLeft =
    left !== null && ((reference !== null && job.id >= reference.job) || startedAt >= left.at)
  const isYoung = freshSince !== null && startedAt >= freshSince
  switch (reason) {
    case 'shared':
      return true
    case 'expired':
      return isYoung
    case 'interrupted':
    case 'failed':
      return isSinceLeft
    case 'source':
    case 'drifted':
    case 'unknown':
      return isNewer
    case 'missing':
      if (record === null) return isSinceLeft || isYoung
      return isNewer && (stream.sync === 'full_refresh' || startsOver(job))
    case 'code':
      return isNewer && startsOver(job)
    case 'forced':
      // A first load that was cut off is marked so, too: what it started is what was asked for.
      if (ours?.forced === true || (record === null && isSinceLeft)) return true
      return step.full && isNewer && startsOver(job)
    case 'deps':
    case 'data':
    case 'unchecked':
      return false
  }
}

/**
 * Why a stream has to be loaded anew from its beginning, which no sync does; null when it doesn't, or when
 * that was done since. `jobs` are all those known. Pure.
 */
export function refreshReason({ stream, step }: Member, jobs: readonly Job[]): string | null {
  if (step.subject.is !== 'asset' || !step.full || stream.sync === 'full_refresh') return null
  const { record } = step.subject
  const recorded = record === null ? null : originOf(record.source)
  if (record === null || recorded === null) return null
  const newer = jobs.filter((job) => job.id > recorded.job)
  if (newer.some((job) => startsOver(job) && standingOf(job) === 'succeeded')) return null
  const has = (name: string) => step.reasons.some(({ reason }) => reason === name)
  if (has('missing')) return 'its table is gone'
  if (has('code')) return 'what it is made of was declared otherwise'
  // A job that ran since explains what changed, and its successor goes on from there.
  if (has('drifted')) return newer.length === 0 ? 'somebody else changed its table' : null
  return has('forced') ? 'that was asked for' : null
}
