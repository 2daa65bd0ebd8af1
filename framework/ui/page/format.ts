// Numbers, times and durations as people read them.

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `14,597`. */
export const grouped = (count: number): string => count.toLocaleString('en-US')

/** `1 step`, `14,597 steps`. */
export const counted = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`

/** `just now`, `40 s ago`, `5 h ago`, `3 d ago`. */
export function ago(at: number, now: number): string {
  const passed = now - at
  if (passed <= -MINUTE) return 'in the future'
  if (passed < SECOND) return 'just now'
  if (passed < MINUTE) return `${Math.floor(passed / SECOND)} s ago`
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`
  if (passed < 2 * DAY) return `${Math.floor(passed / HOUR)} h ago`
  return `${Math.floor(passed / DAY)} d ago`
}

/** `0.3 s`, `12 s`, `2 min 5 s`, `1 h 20 min`. */
export function took(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** `2026-03-12 02:00:12` in the time zone of the reader. */
export function dateTime(at: number): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return '–'
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `02:00:12`. */
export const timeOfDay = (at: number): string => dateTime(at).slice(11)
