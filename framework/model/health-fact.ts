import { formatBytes } from '../lib/bytes.ts'
import { formatDuration } from '../lib/duration.ts'
import type { Problem } from './problem.ts'

/** One thing that `doctor` looked at, and how it was found. */
export interface HealthFact {
  /** What was looked at: `login`, `slot airbyte_slot`. */
  readonly subject: string
  /** `bad` stops a run or will; `warning` is worth a look. */
  readonly state: 'ok' | 'warning' | 'bad'
  /** One sentence. No trailing newline. */
  readonly message: string
  /** A command or a setting that mends it. */
  readonly hint?: string
}

export const good = (subject: string, message: string): HealthFact => ({
  subject,
  state: 'ok',
  message,
})

export const doubtful = (subject: string, message: string, hint?: string): HealthFact => ({
  subject,
  state: 'warning',
  message,
  ...(hint === undefined ? {} : { hint }),
})

export const bad = (subject: string, message: string, hint?: string): HealthFact => ({
  subject,
  state: 'bad',
  message,
  ...(hint === undefined ? {} : { hint }),
})

/** A problem as a fact; of what an outside program said, all of it. */
export function factOf(
  subject: string,
  { message, detail, hint }: Problem,
  state: 'warning' | 'bad' = 'bad',
): HealthFact {
  const told = detail === undefined ? message : `${message}: ${detail.replaceAll('\n', '; ')}`
  return { subject, state, message: told, ...(hint === undefined ? {} : { hint }) }
}

const GB = 1024 ** 3
const SCARCE = 5 * GB
const NOTHING_LEFT = 0.5 * GB

/** How much room a disk has; `free` in bytes. */
export function diskFact(where: string, free: number): HealthFact {
  const message = `${formatBytes(free)} free where ${where} lies`
  if (free < NOTHING_LEFT) return bad('disk', message, `free some space there: ${where} grows`)
  if (free < SCARCE) return doubtful('disk', message, `free some space there before it is full`)
  return good('disk', message)
}

/** Past this the age of a load or a token, which two clocks have a part in, is told wrong. */
const SKEW_MS = 30_000

/**
 * How far a server's clock is from ours. It was read at some moment between `asked` and `answered`
 * of our clock, and tells no more than multiples of `precision`. All in milliseconds.
 */
export function clockFact(
  theirs: number,
  { asked, answered }: { readonly asked: number; readonly answered: number },
  precision = 1,
): HealthFact {
  const ahead = Math.max(0, theirs - answered)
  const behind = Math.max(0, asked - (theirs + precision))
  const skew = Math.max(ahead, behind)
  if (skew <= SKEW_MS) return good('clock', skew < 1000 ? 'as ours' : `${words(skew)} from ours`)
  return doubtful(
    'clock',
    `its clock is ${words(skew)} ${ahead > 0 ? 'ahead of' : 'behind'} ours: ages of loads and tokens are told wrong`,
    'set the clock of the one that is wrong by NTP',
  )
}

const words = formatDuration
