const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** `1h`, `90m`, `1d12h`: whole numbers of d, h, m and s, from the largest unit to the smallest. */
export const DURATION = /^(?=.)(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/

/** The milliseconds of a duration such as `1d12h`; null when the text is not a duration. */
export function parseDuration(text: string): number | null {
  const counts = DURATION.exec(text)?.slice(1)
  if (counts === undefined) return null
  return UNITS.reduce((sum, [, unit], index) => sum + Number(counts[index] ?? 0) * unit, 0)
}

/** Formats milliseconds as `1d12h`, `5m3s` or `0s`, rounded down to the two largest units. */
export function formatDuration(milliseconds: number): string {
  let rest = Math.max(0, milliseconds)
  const largest = UNITS.findIndex(([, unit]) => rest >= unit)
  if (largest === -1) return '0s'
  let text = ''
  for (const [name, unit] of UNITS.slice(largest, largest + 2)) {
    const count = Math.floor(rest / unit)
    if (count > 0) text += `${count}${name}`
    rest -= count * unit
  }
  return text
}
