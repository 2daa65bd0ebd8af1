import { formatBytes } from '../../../lib/bytes.ts'
import { formatDuration } from '../../../lib/duration.ts'
import { bad, doubtful, good, type HealthFact } from '../../../model/health-fact.ts'

/** One reading of a replication slot. Sizes in bytes, times in milliseconds since the epoch. */
export interface SlotReading {
  readonly name: string
  /** null for a physical slot. */
  readonly plugin: string | null
  readonly active: boolean
  /** `reserved`, `extended`, `unreserved` or `lost`; null before PostgreSQL 13. */
  readonly walStatus: string | null
  /** WAL that the server keeps for the slot; null for a slot that keeps none or has lost it. */
  readonly walKept: number | null
  /** WAL that can still be written before the slot is lost (`safe_wal_size`); null without a limit. */
  readonly walLeft: number | null
  /** null while the slot is active, and before PostgreSQL 17. */
  readonly inactiveSince: number | null
  /** Time of the reading, by the server's clock. */
  readonly at: number
}

/** The limits of the WAL that slots keep, in bytes; null if not known. */
export interface SlotLimits {
  /** `max_slot_wal_keep_size`; `none` if it sets no limit. */
  readonly keep: number | 'none' | null
  /** Size of the server's disk. */
  readonly disk: number | null
}

const HOUR = 3_600_000
/** Shares of the disk that the WAL of one slot takes: a warning, and bad. */
const LARGE_SHARE = 0.2
const TOO_LARGE_SHARE = 0.5
/** A warning if the size of the disk is not known. */
const LARGE_BYTES = 5 * 1024 ** 3
/** Longer than a day, for which a slot that is read every night is idle. */
const LONG_IDLE = 48 * HOUR
const SOON = 6 * HOUR

/** The health facts of a slot, from two readings some seconds apart. Pure. */
export function slotFacts(
  first: SlotReading,
  second: SlotReading,
  bounds: SlotLimits,
): readonly HealthFact[] {
  const { name, walStatus } = second
  const subject = `slot ${name}`
  if (walStatus === 'lost') {
    const why = 'its unread WAL was removed, so changes are lost (wal_status lost)'
    return [bad(subject, why, recreateHint(name))]
  }
  if (walStatus === 'unreserved') {
    const why =
      'it keeps more WAL than allowed and is lost at the next checkpoint (wal_status unreserved)'
    return [
      bad(subject, why, `sync now; once the slot is lost, recreate it: ${recreateHint(name)}`),
    ]
  }
  return [activityFact(second), walFact(first, second, bounds), ...limitFact(second, bounds)]
}

function activityFact({
  name,
  plugin,
  active,
  walStatus,
  inactiveSince,
  at,
}: SlotReading): HealthFact {
  const idle = inactiveSince === null ? null : at - inactiveSince
  const activity = active
    ? 'active'
    : `inactive${idle === null ? '' : ` for ${formatDuration(idle)}`}`
  const parts = [plugin ?? 'physical', activity, ...(walStatus === null ? [] : [walStatus])]
  const message = parts.join(', ')
  if (!active && idle !== null && idle > LONG_IDLE) {
    return doubtful(
      `slot ${name}`,
      message,
      `sync, or drop the slot if it is no longer used: ${dropStatement(name)}`,
    )
  }
  return good(`slot ${name}`, message)
}

function walFact(first: SlotReading, second: SlotReading, { disk }: SlotLimits): HealthFact {
  const subject = `WAL of ${second.name}`
  if (second.walKept === null) return good(subject, 'none kept')
  const share = disk === null ? second.walKept / (LARGE_BYTES / LARGE_SHARE) : second.walKept / disk
  const rate = growthRate(first, second)
  // An active slot frees WAL in jumps, so its momentary growth predicts nothing.
  const room = disk === null ? second.walLeft : disk - second.walKept
  const left = rate > 0 && room !== null && !second.active ? (room / rate) * HOUR : null
  const message = [
    `${formatBytes(second.walKept)} kept${disk === null ? '' : ` on a disk of ${formatBytes(disk)}`}`,
    rate > 0 ? `growing by ${formatBytes(rate)} an hour` : 'not growing',
    ...(left !== null && left < SOON ? [`full in ${formatDuration(left)} at this rate`] : []),
  ].join(', ')
  const fix = `sync, so that the slot advances, or drop it if it is no longer used: ${dropStatement(second.name)}`
  if (disk !== null && share > TOO_LARGE_SHARE) return bad(subject, message, fix)
  const isTight = share > LARGE_SHARE || (left !== null && left < SOON)
  return isTight ? doubtful(subject, message, fix) : good(subject, message)
}

function limitFact(
  { name, walLeft }: SlotReading,
  { keep, disk }: SlotLimits,
): readonly HealthFact[] {
  const subject = `limit of ${name}`
  if (keep === null) return []
  if (keep === 'none') {
    const why = 'max_slot_wal_keep_size is not set, so an unread slot can fill the disk'
    const size =
      disk === null ? '10GB' : `${Math.max(1, Math.floor((disk * TOO_LARGE_SHARE) / 1024 ** 2))}MB`
    return [doubtful(subject, why, setKeepHint(size))]
  }
  if (disk !== null && keep > disk) {
    const why = `a slot may keep ${formatBytes(keep)}, but the disk has only ${formatBytes(disk)}`
    return [
      doubtful(
        subject,
        why,
        setKeepHint(`${Math.max(1, Math.floor((disk * TOO_LARGE_SHARE) / 1024 ** 2))}MB`),
      ),
    ]
  }
  const left = walLeft === null ? '' : `, ${formatBytes(Math.max(0, walLeft))} left`
  const message = `a slot may keep ${formatBytes(keep)}${left}`
  return walLeft !== null && walLeft < LARGE_SHARE * keep
    ? [doubtful(subject, `${message} before it is lost`, 'sync, so that the slot advances')]
    : [good(subject, message)]
}

/** Bytes an hour. */
function growthRate(first: SlotReading, second: SlotReading): number {
  const hours = (second.at - first.at) / HOUR
  const more = (second.walKept ?? 0) - (first.walKept ?? 0)
  return hours > 0 && more > 0 ? more / hours : 0
}

const dropStatement = (name: string) => `select pg_drop_replication_slot('${name}')`
const recreateHint = (name: string) =>
  `${dropStatement(name)}; then create it (deploy/cdc.sql) and refresh the connection, which reads all rows again`
const setKeepHint = (size: string) =>
  `alter system set max_slot_wal_keep_size = '${size}'; select pg_reload_conf() (RDS: in the parameter group, in megabytes)`
