import { formatBytes } from '../lib/bytes.ts'
import { formatDuration } from '../lib/duration.ts'
import type { Problem } from './problem.ts'

/** One finding of `doctor` about one subject. */
export interface HealthFact {
  /** What was examined: `login`, `slot airbyte_slot`. */
  readonly subject: string
  /** `bad`: it stops a run, now or soon. `warning`: a run works, but something should be checked. */
  readonly state: 'ok' | 'warning' | 'bad'
  /** One sentence. No trailing newline. */
  readonly message: string
  /** The command or setting that fixes it. */
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

/** A problem as a health fact, with the whole output of an outside program on one line. */
export function factOf(
  subject: string,
  { message, detail, hint }: Problem,
  state: 'warning' | 'bad' = 'bad',
): HealthFact {
  const text = detail === undefined ? message : `${message}: ${detail.replaceAll('\n', '; ')}`
  return { subject, state, message: text, ...(hint === undefined ? {} : { hint }) }
}

const GB = 1024 ** 3
const SCARCE = 5 * GB
const NOTHING_LEFT = 0.5 * GB

/** The free space of the disk that holds `where`. `free` in bytes. */
export function diskFact(where: string, free: number): HealthFact {
  const message = `${formatBytes(free)} free on the disk of ${where}`
  if (free < NOTHING_LEFT) return bad('disk', message, `free some space there: ${where} grows`)
  if (free < SCARCE) return doubtful('disk', message, `free some space there before it is full`)
  return good('disk', message)
}

/** With a larger difference, ages of loads and tokens are wrong: both clocks are used to compute them. */
const SKEW_MS = 30_000

/**
 * The difference between a server's clock and ours. The server read its clock between `asked` and
 * `answered` of our clock, rounded down to a multiple of `precision`. All in milliseconds.
 */
export function clockFact(
  theirs: number,
  { asked, answered }: { readonly asked: number; readonly answered: number },
  precision = 1,
): HealthFact {
  const ahead = Math.max(0, theirs - answered)
  const behind = Math.max(0, asked - (theirs + precision))
  const skew = Math.max(ahead, behind)
  if (skew <= SKEW_MS)
    return good('clock', skew < 1000 ? 'same as ours' : `${words(skew)} from ours`)
  return doubtful(
    'clock',
    `its clock is ${words(skew)} ${ahead > 0 ? 'ahead of' : 'behind'} ours, so ages of loads and tokens are wrong`,
    'synchronize the clock that is wrong with NTP',
  )
}

const words = formatDuration
