import type { Style } from './style.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * `just now`, `40 s ago`, `5 h ago`, `3 d ago`; `dated in the future` if a clock was set back. Both times
 * are milliseconds since the epoch.
 */
export function ago(at: number, now: number): string {
  const passed = now - at
  if (passed <= -MINUTE) return 'dated in the future'
  if (passed < SECOND) return 'just now'
  if (passed < MINUTE) return `${Math.floor(passed / SECOND)} s ago`
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`
  if (passed < 2 * DAY) return `${Math.floor(passed / HOUR)} h ago`
  return `${Math.floor(passed / DAY)} d ago`
}

/** `02:00:12` (today), `02:00:12 yesterday` or `02:00:12 on 2026-03-12`, in the style's time zone. */
export function clockTime(at: number, { now, zone }: Pick<Style, 'now' | 'zone'>): string {
  const [day, time] = dayAndTime(at, zone)
  const [today] = dayAndTime(now, zone)
  if (day === today) return time
  // Compares calendar days: a day on which the clocks change has 23 or 25 hours.
  const next = Date.parse(`${day}T00:00:00Z`) + DAY
  return next === Date.parse(`${today}T00:00:00Z`) ? `${time} yesterday` : `${time} on ${day}`
}

/** `02:00:12` in a time zone. */
export function timeOfDay(at: number, zone: string | null): string {
  return dayAndTime(at, zone)[1]
}

/** `2026-03-12 02:00:12` in a time zone. */
export function dateTime(at: number, zone: string | null): string {
  return dayAndTime(at, zone).join(' ')
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** The Swedish format is that of ISO 8601. A `TZ` that Intl does not know (`CET-1`) becomes UTC. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const style = { dateStyle: 'short', timeStyle: 'medium' } as const
  try {
    return new Intl.DateTimeFormat('sv-SE', { ...style, timeZone: zone })
  } catch {
    return new Intl.DateTimeFormat('sv-SE', { ...style, timeZone: 'UTC' })
  }
}

function dayAndTime(at: number, zone: string | null): readonly [day: string, time: string] {
  if (zone === null) return localDayAndTime(at)
  let format = formats.get(zone)
  if (format === undefined) {
    format = formatOf(zone)
    formats.set(zone, format)
  }
  const [day = '', time = ''] = format.format(at).split(' ')
  return [day, time]
}

/** The machine's time zone needs no Intl, which takes longer to load than a small command runs. */
function localDayAndTime(at: number): readonly [day: string, time: string] {
  const date = new Date(at)
  const joined = (numbers: readonly number[], by: string) =>
    numbers.map((number) => String(number).padStart(2, '0')).join(by)
  return [
    joined([date.getFullYear(), date.getMonth() + 1, date.getDate()], '-'),
    joined([date.getHours(), date.getMinutes(), date.getSeconds()], ':'),
  ]
}

/** A duration: `0.3 s`, `12 s`, `2 min 5 s`, `1 h 20 min`. */
export function took(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** ISO 8601 in UTC, for JSON. */
export function isoTime(at: number): string {
  return new Date(at).toISOString()
}
