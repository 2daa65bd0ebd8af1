import { formatBytes } from '../../../lib/bytes.ts'
import { formatDuration } from '../../../lib/duration.ts'
import { bad, doubtful, good, type HealthFact } from '../../../model/health-fact.ts'

/** A replication slot as its server tells of it. Sizes in bytes, times in milliseconds since the epoch. */
export interface SlotReading {
  readonly name: string
  /** null for a physical one. */
  readonly plugin: string | null
  readonly active: boolean
  /** `reserved`, `extended`, `unreserved` or `lost`; null before PostgreSQL 13. */
  readonly walStatus: string | null
  /** How much of the log the server keeps for it; null for a slot that never kept any, or lost it. */
  readonly kept: number | null
  /** What may be written yet before the slot is lost; null where nothing limits it. */
  readonly safe: number | null
  /** null while it is read, and before PostgreSQL 17. */
  readonly inactiveSince: number | null
  /** When this was read, by the server's clock. */
  readonly at: number
}

/** What bounds the log that slots keep, in bytes; null where it is not known. */
export interface Bounds {
  /** `max_slot_wal_keep_size`; `none` when a slot may keep everything. */
  readonly keep: number | 'none' | null
  /** Size of the server's disk. */
  readonly disk: number | null
}

const HOUR = 3_600_000
/** Shares of the disk that the log of one slot may take. */
const MUCH = 0.2
const TOO_MUCH = 0.5
/** What is much where the size of the disk is not known. */
const MUCH_BYTES = 5 * 1024 ** 3
/** A slot that is read every night is idle for a day. */
const IDLE = 48 * HOUR
const SOON = 6 * HOUR

/** What two readings of a slot come to, the second some seconds after the first. Pure. */
export function slotFacts(
  first: SlotReading,
  second: SlotReading,
  bounds: Bounds,
): readonly HealthFact[] {
  const { name, walStatus } = second
  const subject = `slot ${name}`
  if (walStatus === 'lost') {
    const why = 'what it had not read yet is gone from the log (wal_status lost)'
    return [bad(subject, why, anew(name))]
  }
  if (walStatus === 'unreserved') {
    const why =
      'it keeps more than it may, and is lost at the next checkpoint (wal_status unreserved)'
    return [bad(subject, why, `sync now, or it has to be made anew: ${anew(name)}`)]
  }
  return [standing(second), kept(first, second, bounds), ...limit(second, bounds)]
}

function standing({ name, plugin, active, walStatus, inactiveSince, at }: SlotReading): HealthFact {
  const idle = inactiveSince === null ? null : at - inactiveSince
  const reading = active
    ? 'being read'
    : `not being read${idle === null ? ' just now' : ` for ${formatDuration(idle)}`}`
  const told = [plugin ?? 'physical', reading, ...(walStatus === null ? [] : [walStatus])]
  if (!active && idle !== null && idle > IDLE) {
    return doubtful(
      `slot ${name}`,
      told.join(', '),
      `sync, or drop it if nobody will: ${drop(name)}`,
    )
  }
  return good(`slot ${name}`, told.join(', '))
}

function kept(first: SlotReading, second: SlotReading, { disk }: Bounds): HealthFact {
  const subject = `log of ${second.name}`
  if (second.kept === null) return good(subject, 'none is kept')
  const share = disk === null ? second.kept / (MUCH_BYTES / MUCH) : second.kept / disk
  const rate = growth(first, second)
  // The log of a slot that is being read shrinks in leaps: what it grows by now says little of then.
  const room = disk === null ? second.safe : disk - second.kept
  const left = rate > 0 && room !== null && !second.active ? (room / rate) * HOUR : null
  const message = [
    `${formatBytes(second.kept)} kept${disk === null ? '' : ` on a disk of ${formatBytes(disk)}`}`,
    rate > 0 ? `growing by ${formatBytes(rate)} an hour` : 'not growing',
    ...(left !== null && left < SOON ? [`full in ${formatDuration(left)} at this rate`] : []),
  ].join(', ')
  const fix = `sync, so that the slot moves on, or drop it if nobody will: ${drop(second.name)}`
  if (disk !== null && share > TOO_MUCH) return bad(subject, message, fix)
  const isTight = share > MUCH || (left !== null && left < SOON)
  return isTight ? doubtful(subject, message, fix) : good(subject, message)
}

function limit({ name, safe }: SlotReading, { keep, disk }: Bounds): readonly HealthFact[] {
  const subject = `limit of ${name}`
  if (keep === null) return []
  if (keep === 'none') {
    const why = 'max_slot_wal_keep_size is not set: a slot that nobody reads fills the disk'
    const size =
      disk === null ? '10GB' : `${Math.max(1, Math.floor((disk * TOO_MUCH) / 1024 ** 2))}MB`
    return [doubtful(subject, why, setKeep(size))]
  }
  if (disk !== null && keep > disk) {
    const why = `slots may keep ${formatBytes(keep)}, and the disk has ${formatBytes(disk)}`
    return [
      doubtful(
        subject,
        why,
        setKeep(`${Math.max(1, Math.floor((disk * TOO_MUCH) / 1024 ** 2))}MB`),
      ),
    ]
  }
  const left = safe === null ? '' : `, ${formatBytes(Math.max(0, safe))} left`
  const message = `slots may keep ${formatBytes(keep)}${left}`
  return safe !== null && safe < MUCH * keep
    ? [doubtful(subject, `${message}: then it is lost`, 'sync, so that the slot moves on')]
    : [good(subject, message)]
}

/** Bytes an hour. */
function growth(first: SlotReading, second: SlotReading): number {
  const hours = (second.at - first.at) / HOUR
  const more = (second.kept ?? 0) - (first.kept ?? 0)
  return hours > 0 && more > 0 ? more / hours : 0
}

const drop = (name: string) => `select pg_drop_replication_slot('${name}')`
const anew = (name: string) =>
  `${drop(name)}; then make it again (deploy/cdc.sql) and refresh the connection, which reads all rows anew`
const setKeep = (size: string) =>
  `alter system set max_slot_wal_keep_size = '${size}'; select pg_reload_conf() (RDS: in the parameter group, in megabytes)`
