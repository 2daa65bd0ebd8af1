import { Chalk, type ChalkInstance } from 'chalk'

/** How text is laid out for one stream and one moment. */
export interface Style {
  readonly paint: ChalkInstance
  /** Columns of a line, or infinity where lines are not broken: a file, a pipe. */
  readonly width: number
  /** Show every name where a list would be cut. */
  readonly all: boolean
  /** Milliseconds since the epoch: what "5 h ago" counts from. */
  readonly now: number
  /** IANA name of the time zone that clock times are shown in; null for the machine's own. */
  readonly zone: string | null
  /** The target that commands to type next have to name; left out for the default one. */
  readonly target?: string | undefined
}

/** What of a stream and its surroundings decides about the style. */
export interface Surroundings {
  readonly isTTY: boolean
  readonly columns: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: number
  readonly zone: string | null
  readonly all: boolean
  readonly target?: string | undefined
}

/** `NO_COLOR` (no-color.org) wins over `FORCE_COLOR`, which wins over what the stream is. */
export function createStyle({ isTTY, columns, env, now, zone, all, target }: Surroundings): Style {
  return {
    paint: new Chalk({ level: colorLevel(isTTY, env) }),
    width: isTTY ? Math.max(columns ?? 80, 20) : Number.POSITIVE_INFINITY,
    all,
    now,
    zone,
    target,
  }
}

function colorLevel(isTTY: boolean, env: Surroundings['env']): 0 | 1 {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 0
  const forced = env.FORCE_COLOR
  if (forced !== undefined) return forced === '0' || forced === 'false' ? 0 : 1
  return isTTY && env.TERM !== 'dumb' ? 1 : 0
}
