import type { RunEvent } from '../model/event.ts'
import { percentOf, rateText } from './amount.ts'
import { type BatchWait, type RunningStep, RunProgress } from './run-progress.ts'
import { grouped, printable } from './text.ts'
import { took } from './time.ts'

/** Milliseconds between two lines of one step or one batch. */
const INTERVAL = 30_000
/** The most lines at one time; the other steps are counted. */
const MOST_LINES = 6

export interface SlowLinesOptions {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Calls back once after some milliseconds. The returned function cancels the call. */
  readonly later: (milliseconds: number, call: () => void) => () => void
  readonly print: (line: string) => void
}

/** Says in a log, which is not redrawn, what still runs: every 30 seconds, one line for each step that takes longer. */
export class SlowLines {
  readonly #options: SlowLinesOptions
  readonly #progress = new RunProgress()
  /** When the next line of a step or a batch is due. */
  readonly #due = new Map<string, number>()
  #cancel: (() => void) | null = null

  constructor(options: SlowLinesOptions) {
    this.#options = options
  }

  take(event: RunEvent): void {
    const now = this.#options.clock()
    this.#progress.take(event, now)
    // What began later is due later, so a timer that runs is early enough.
    if (event.event === 'run_finished') this.end()
    else if (event.event === 'step_started' || event.event === 'batch_progress') this.#wait(now)
  }

  /** Safe to call twice. */
  end(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#progress.end()
  }

  #wait(now: number): void {
    if (this.#cancel !== null) return
    const due = this.#items().map(([key, { since }]) => this.#due.get(key) ?? since + INTERVAL)
    if (due.length === 0) return
    this.#cancel = this.#options.later(Math.max(0, Math.min(...due) - now), () => {
      this.#cancel = null
      this.#say()
    })
  }

  #say(): void {
    const now = this.#options.clock()
    const items = this.#items()
    const isDue = ([key, { since }]: Item) => (this.#due.get(key) ?? since + INTERVAL) <= now
    const due = items.filter(isDue)
    const left = new Set(items.map(([key]) => key))
    for (const key of this.#due.keys()) if (!left.has(key)) this.#due.delete(key)
    for (const [key] of due) this.#due.set(key, now + INTERVAL)
    for (const [, item] of due.slice(0, MOST_LINES)) this.#options.print(lineOf(item, now))
    const hidden = due.length - MOST_LINES
    if (hidden > 0) this.#options.print(`… ${grouped(hidden)} more running`)
    // A clock that stands still, as in tests, would make the timer call for ever.
    if (due.length > 0 || items.some(([, { since }]) => since < now)) this.#wait(now)
  }

  /** Waits first. A step of a batch that waits says nothing, unless its kind has said something of it. */
  #items(): readonly Item[] {
    const { waits, running } = this.#progress
    const steps = [...running.values()].filter(
      ({ batch, message }) => message !== '' || !waits.has(batch),
    )
    return [
      ...[...waits].map(([batch, wait]): Item => [`batch ${batch}`, wait]),
      ...steps.map((step): Item => [`step ${step.name}`, step]),
    ]
  }
}

type Item = readonly [key: string, item: BatchWait | RunningStep]

/** `raw_payment: 1,250,316 of about 4,900,000 rows read (26 %), 41,000 rows/s`; `dbt: starting, 30 s`. */
function lineOf(item: BatchWait | RunningStep, now: number): string {
  const time = took((now - item.since) / 1000)
  if (!('name' in item)) return printable(`${item.message}, ${time}`)
  const { name, phase, message, amount } = item
  const percent = amount === null ? null : percentOf(amount)
  const parts = [
    `${name}: ${message === '' ? phase : message}${percent === null ? '' : ` (${percent} %)`}`,
    (amount === null ? '' : rateText(amount)) || time,
  ]
  return printable(parts.join(', '))
}
