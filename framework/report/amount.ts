import type { Amount } from '../model/event.ts'
import { counted, grouped } from './text.ts'

const MB = 1_000_000

/** `26 %`; null without a total. An estimated total is never reached. */
export function percentOf({ done, of, isEstimate }: Amount): number | null {
  if (of === null || of <= 0) return null
  return Math.min(isEstimate ? 99 : 100, Math.floor((done / of) * 100))
}

/** `41,000 rows/s`, `3.1 MB/s`; empty if it is not known. */
export function rateText({ perSecond, unit }: Amount): string {
  if (perSecond === null || perSecond <= 0) return ''
  switch (unit) {
    case 'rows':
      return `${grouped(Math.max(1, Math.round(perSecond)))} rows/s`
    case 'bytes':
      return `${(perSecond / MB).toFixed(1)} MB/s`
    case 'percent':
      return ''
  }
}

/** `1,250,316 rows`, `31.4 MB`; empty for a share. */
export function doneText({ done, unit }: Pick<Amount, 'done' | 'unit'>): string {
  switch (unit) {
    case 'rows':
      return counted(done, 'row')
    case 'bytes':
      return `${(done / MB).toFixed(1)} MB`
    case 'percent':
      return ''
  }
}

/** `1,250,316 of about 4,900,000 rows`; empty for a share, and without a total. */
export function totalText({ done, of, isEstimate, unit }: Amount): string {
  if (of === null || unit === 'percent') return ''
  const number = unit === 'bytes' ? (done / MB).toFixed(1) : grouped(done)
  return `${number} of ${isEstimate ? 'about ' : ''}${doneText({ done: of, unit })}`
}

/** A bar of some columns: `█████░░░░░`. `share`: from 0 to 1. */
export function barOf(share: number, width: number): readonly [done: string, rest: string] {
  const done = Math.max(0, Math.min(width, Math.floor(share * width)))
  return ['█'.repeat(done), '░'.repeat(width - done)]
}
