import type { SecondsLeft } from '../model/event.ts'

const MINUTE = 60
const HOUR = 3600

/**
 * `about 2–3 min left`, `up to 40 s left`; `at least 2 min left` if some steps were never timed. null if there is
 * nothing to say. Pure.
 */
export function leftText({ low, high }: SecondsLeft, untimed: number): string | null {
  if (untimed > 0) return low < 1 ? null : `at least ${rounded(low)} left`
  if (high < 1) return null
  const [from, to] = [rounded(low), rounded(high)]
  if (low < 1) return `up to ${to} left`
  if (from === to) return `about ${to} left`
  // `2–3 min`, but `50 s–2 min`.
  const [number, unit] = split(from)
  return `about ${split(to)[1] === unit ? number : from}–${to} left`
}

/** A time that nobody takes for exact: `5 s`, `40 s`, `3 min`, `1 h 20 min`. */
function rounded(seconds: number): string {
  if (seconds < MINUTE - 2.5) return `${Math.max(5, Math.round(seconds / 5) * 5)} s`
  if (seconds < HOUR - 30) return `${Math.max(1, Math.round(seconds / MINUTE))} min`
  const tens = Math.round(seconds / 600)
  const minutes = (tens % 6) * 10
  return minutes === 0 ? `${tens / 6} h` : `${Math.floor(tens / 6)} h ${minutes} min`
}

/** The number and the unit of a time of one unit. */
function split(text: string): readonly [number: string, unit: string] {
  const [number = '', unit = '', ...more] = text.split(' ')
  return more.length === 0 ? [number, unit] : [text, 'several']
}
