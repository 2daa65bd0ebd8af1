import type { Cell, ChartColumn } from '../../data/answers.ts'

// Values of charts as people read them.

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `1,234.50`, `12.3 %`, `5.02 days`, `Mar 2007`, `7 Feb 2007`, `yes`; `–` for no value. */
export function written(
  cell: Cell,
  column: Pick<ChartColumn, 'type' | 'format' | 'unit' | 'decimals'>,
): string {
  if (cell === null) return '–'
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  if (typeof cell === 'number') {
    const text = column.format === null ? String(cell) : amount(cell, column)
    return column.unit === null ? text : `${text} ${column.unit}`
  }
  switch (column.type) {
    case 'month':
      return monthOf(cell)
    case 'date':
      return dayOf(cell)
    case 'time':
      return `${cell.slice(0, 10)} ${cell.slice(11, 16)}`.trim()
    default:
      return cell
  }
}

/** The name of a bar: `India`, `Store 1` for a number that identifies something. */
export function nameOf(cell: Cell, column: ChartColumn): string {
  const text = written(cell, column)
  return typeof cell === 'number' && column.format === null ? `${column.label} ${text}` : text
}

/** The label of a column with its unit, for an axis. */
export function axisLabel({ label, unit }: Pick<ChartColumn, 'label' | 'unit'>): string {
  return unit === null ? label : `${label} (${unit})`
}

/** `Mar 2007` of `2007-03-01`. */
function monthOf(date: string): string {
  return `${MONTHS[Number(date.slice(5, 7)) - 1]} ${date.slice(0, 4)}`
}

/** `7 Mar 2007` of `2007-03-07`. */
function dayOf(date: string): string {
  return `${Number(date.slice(8, 10))} ${monthOf(date)}`
}

function amount(
  value: number,
  { format, decimals }: Pick<ChartColumn, 'format' | 'decimals'>,
): string {
  const isTiny = value !== 0 && Math.abs(value) < 10 ** -decimals
  const text = value.toLocaleString(
    'en-US',
    isTiny
      ? { maximumSignificantDigits: 2 }
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals },
  )
  return format === 'percent' ? `${text} %` : text
}

/** `950`, `23.5K`, `1.2M`, `40 %`: for the ticks of an axis. */
export function tick(value: number, format: ChartColumn['format']): string {
  const text = value.toLocaleString('en-US', {
    notation: 'compact',
    maximumFractionDigits: Math.abs(value) < 10 ? 2 : 1,
  })
  return format === 'percent' ? `${text} %` : text
}

/** The least round number at or above a value: 1, 2, 2.5 or 5 with zeros. */
export function roundUp(value: number): number {
  if (value <= 0) return 0
  const unit = 10 ** Math.floor(Math.log10(value))
  const step = [1, 2, 2.5, 5, 10].find((one) => one * unit >= value * (1 - 1e-12))!
  return step * unit
}

/**
 * The texts of ticks on an axis of time, seconds since the epoch in UTC: `Mar 2007`, `7 Mar`, `14:00`. The year stands
 * at the first one and where it changes.
 */
export function timeTicks(ticks: readonly number[], step: number): string[] {
  let lastYear = ''
  let lastDay = ''
  return ticks.map((seconds) => {
    const iso = new Date(seconds * 1000).toISOString()
    const day = dayOf(iso)
    const year = iso.slice(0, 4)
    const isNewYear = year !== lastYear
    lastYear = year
    if (step >= 360 * 86_400) return year
    if (step >= 27 * 86_400) return isNewYear ? monthOf(iso) : monthOf(iso).slice(0, 3)
    if (step < 86_400) {
      const isNewDay = day !== lastDay
      lastDay = day
      return isNewDay ? `${iso.slice(11, 16)}\n${day.slice(0, -5)}` : iso.slice(11, 16)
    }
    return isNewYear ? `${day.slice(0, -5)}\n${year}` : day.slice(0, -5)
  })
}
