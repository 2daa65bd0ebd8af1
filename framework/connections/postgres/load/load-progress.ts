import type { Measured } from '../../../model/event.ts'
import type { Progress } from '../../../ports/batch.ts'
import type { LoadStage } from '../../../ports/warehouse.ts'

/** What is known of a load at one moment. */
export interface LoadMoment {
  /** Rows read so far. */
  readonly read: number
  /** The rows that the read was expected to give; null if nobody knows. */
  readonly expected: number | null
  /** Whether all rows are read. */
  readonly isRead: boolean
  /** null: the warehouse has not begun. */
  readonly stage: LoadStage | null
}

/** What a load does, for its step: it reads, then writes what is left to write, then makes the version. Pure. */
export function progressOf({ read, expected, isRead, stage }: LoadMoment): Progress {
  if (!isRead) {
    const amount = rows(read, expected, true)
    return { phase: 'reading', message: `${amountText(amount)} read`, amount }
  }
  switch (stage?.is) {
    case undefined:
    case 'inserting': {
      const amount = rows(stage?.rows ?? 0, read)
      return { phase: 'writing', message: `${amountText(amount)} written`, amount }
    }
    case 'merging':
      return {
        phase: 'writing',
        message: `merging ${rowsText(stage.rows)} into the table`,
        ...shared(null, stage.share),
      }
    case 'storing':
      return { phase: 'writing', message: `storing ${rowsText(stage.rows)}` }
    case 'hashing': {
      const of = stage.rows === null ? 'the rows of the table' : rowsText(stage.rows)
      return { phase: 'hashing', message: `hashing ${of}`, ...shared(stage.rows, stage.share) }
    }
  }
}

const rows = (done: number, of: number | null, isEstimate = false): Measured => ({
  ...{ done, of, isEstimate: isEstimate && of !== null, unit: 'rows' },
})

/** A share of some rows, or of a hundred. */
function shared(of: number | null, share: number | null): { readonly amount?: Measured } {
  if (share === null) return {}
  if (of !== null) return { amount: rows(Math.round(of * share), of) }
  return { amount: { done: Math.round(share * 100), of: 100, isEstimate: false, unit: 'percent' } }
}

function amountText({ done, of, isEstimate }: Measured): string {
  if (of === null || done > of) return rowsText(done)
  return `${count(done)} of ${isEstimate ? 'about ' : ''}${rowsText(of)}`
}

const rowsText = (number: number): string => `${count(number)} row${number === 1 ? '' : 's'}`

const count = (number: number): string => number.toLocaleString('en-US')

/** Milliseconds between two reports of a phase. */
const INTERVAL_MS = 250

/** Reports the progress of one load: each new phase at once, and the rest from time to time. */
export class LoadProgress {
  readonly #now: () => Omit<LoadMoment, 'stage'>
  readonly #report: (progress: Progress) => Promise<void>
  #stage: LoadStage | null = null
  #last: Progress | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(now: () => Omit<LoadMoment, 'stage'>, report: (progress: Progress) => Promise<void>) {
    this.#now = now
    this.#report = report
  }

  begin(): void {
    this.#say()
    this.#timer = setInterval(() => this.#say(), INTERVAL_MS)
    this.#timer.unref()
  }

  /** The warehouse goes on. */
  readonly onStage = (stage: LoadStage): void => {
    const isOther = stage.is !== this.#stage?.is && stage.is !== 'inserting'
    this.#stage = stage
    const hasRead = this.#last?.phase === 'reading' && this.#now().isRead
    if (isOther || hasRead) this.#say()
  }

  end(): void {
    clearInterval(this.#timer)
  }

  /** A report that fails stops the load where it is awaited next. */
  #say(): void {
    const progress = progressOf({ ...this.#now(), stage: this.#stage })
    if (progress.message === this.#last?.message && isSame(progress, this.#last)) return
    this.#last = progress
    void this.#report(progress).catch(() => undefined)
  }
}

const isSame = (one: Progress, other: Progress): boolean =>
  one.phase === other.phase && one.amount?.done === other.amount?.done
