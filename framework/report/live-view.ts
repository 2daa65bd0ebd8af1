import type { RunEvent } from '../model/event.ts'
import type { ProblemContext } from './problem.ts'
import { RunLines } from './run-lines.ts'
import { RunProgress } from './run-progress.ts'
import { statusLines } from './status-area.ts'
import { displayWidth } from './text.ts'
import { wrapped } from './wrap.ts'

/** The terminal, clock and timer of a live view. Tests replace all of them. */
export interface Screen {
  write(text: string): void
  /** Called at every redraw, since a window can be resized. */
  columns(): number
  rows(): number
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back once after some milliseconds. The returned function cancels the call. */
  later(milliseconds: number, call: () => void): () => void
}

/** Milliseconds between redraws. All events within this time share one redraw. */
const REDRAW_INTERVAL = 100
const ERASE_LINE = '\x1b[2K'
const ERASE_BELOW = '\x1b[J'

/**
 * Shows a run on a terminal: finished steps scroll up like a log. A status area of a few lines below
 * them shows the running steps and the progress of the run.
 */
export class LiveView {
  readonly #screen: Screen
  readonly #context: () => ProblemContext
  readonly #progress = new RunProgress()
  readonly #lines = new RunLines()
  /** Log lines to print above the status area at the next redraw. */
  #above: string[] = []
  /** The lines of the status area on the screen. */
  #drawn: readonly string[] = []
  #cancel: (() => void) | null = null

  constructor(screen: Screen, context: () => ProblemContext) {
    this.#screen = screen
    this.#context = context
  }

  take(event: RunEvent): void {
    this.#progress.take(event, this.#screen.now())
    this.#above.push(...this.#lines.take(event, this.#context()))
    if (event.event === 'run_finished') this.end()
    else this.#cancel ??= this.#screen.later(REDRAW_INTERVAL, () => this.#tick())
  }

  /** Removes the status area and keeps the log lines. Safe to call twice. */
  end(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#progress.end()
    this.#redraw()
  }

  #tick(): void {
    this.#cancel = null
    this.#redraw()
    if (this.#progress.startedAt === null) return
    this.#cancel = this.#screen.later(REDRAW_INTERVAL, () => this.#tick())
  }

  /**
   * Writes the new lines over the old ones, with one write. Each line is erased just before it is written: a screen that
   * is erased as a whole flickers.
   */
  #redraw(): void {
    const columns = Math.max(20, this.#screen.columns())
    const { style } = this.#context()
    const { startedAt } = this.#progress
    // A line as wide as the terminal would leave the cursor in another place on some of them.
    const area = { width: columns - 1, height: this.#screen.rows() }
    const status =
      startedAt === null
        ? []
        : statusLines(this.#progress, startedAt, this.#screen.now(), area, style)
    if (this.#above.length === 0 && isSame(status, this.#drawn)) return
    const above = this.#above.flatMap((line) => wrapped(line, columns).split('\n'))
    // A terminal that became narrower has wrapped each wider line into several rows.
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)),
      0,
    )
    const up = rows === 0 ? '' : `\x1b[${rows}A\r`
    const lines = [...above, ...status].map((line) => `${ERASE_LINE}${line}\n`).join('')
    const isShorter = above.length + status.length < rows
    this.#screen.write(up + lines + (isShorter ? ERASE_BELOW : ''))
    this.#above = []
    this.#drawn = status
  }
}

const isSame = (lines: readonly string[], others: readonly string[]): boolean =>
  lines.length === others.length && lines.every((line, at) => line === others[at])
