import { Chalk, type ChalkInstance } from 'chalk'
import { canRedraw } from './terminal.ts'

/** How to lay out text for one stream at one moment. */
export interface Style {
  readonly paint: ChalkInstance
  /** Columns of a line; infinity for a file or a pipe, whose lines are not broken. */
  readonly width: number
  /** Do not shorten lists (`--all`). */
  readonly all: boolean
  /** The current time, from which "5 h ago" counts. Milliseconds since the epoch. */
  readonly now: number
  /** IANA name of the time zone of clock times; null for the machine's time zone. */
  readonly zone: string | null
  /** The `--target` of suggested commands; undefined for the default target. */
  readonly target?: string | undefined
  /** What a person types for this program; undefined for `assets`. */
  readonly calledAs?: string | undefined
  /** The command line that the result is of, beginning with `assets`. */
  readonly typed?: string | undefined
  /** Whether a server could not be reached, or refused the login. */
  readonly hasAccessFault?: boolean | undefined
}

/** The properties of a stream and its environment that determine the style. */
export interface StyleInput {
  readonly isTTY: boolean
  readonly columns: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: number
  readonly zone: string | null
  readonly all: boolean
  readonly target?: string | undefined
  readonly calledAs?: string | undefined
  readonly typed?: string | undefined
  readonly hasAccessFault?: boolean | undefined
}

/** A terminal that can't be redrawn gets no colours either. `NO_COLOR` (no-color.org) takes precedence over `FORCE_COLOR`, and both over the terminal. */
export function createStyle(input: StyleInput): Style {
  const { isTTY, columns, env, now, zone, all, target, calledAs, typed, hasAccessFault } = input
  return {
    paint: new Chalk({ level: colorLevel(isTTY, env) }),
    width: isTTY ? Math.max(columns ?? 80, 20) : Number.POSITIVE_INFINITY,
    all,
    now,
    zone,
    target,
    calledAs,
    typed,
    hasAccessFault,
  }
}

function colorLevel(isTTY: boolean, env: StyleInput['env']): 0 | 1 {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 0
  const forced = env.FORCE_COLOR
  if (forced !== undefined) return forced === '0' || forced === 'false' ? 0 : 1
  return canRedraw({ isTTY, env }) ? 1 : 0
}
