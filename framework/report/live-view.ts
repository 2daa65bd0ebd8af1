import type { RunEvent } from '../model/event.ts'
import type { OutcomeName } from '../model/step.ts'
import { OUTCOMES, outcomeWord } from './outcome.ts'
import type { ProblemContext } from './problem.ts'
import { eventLine } from './run-log.ts'
import type { Style } from './style.ts'
import { clip, displayWidth, grouped, oneLine, pad } from './text.ts'
import { took } from './time.ts'

/** The terminal, clock and timer of a live view. Tests replace all of them. */
export interface Screen {
  write(text: string): void
  /** Called at every redraw, since a window can be resized. */
  columns(): number
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back once after some milliseconds. The returned function cancels the call. */
  later(milliseconds: number, call: () => void): () => void
}

/** Running steps that are shown; the others are counted. */
const SHOWN_STEPS = 6
/** Milliseconds between redraws. All events within this time share one redraw. */
const REDRAW_INTERVAL = 100
const ERASE_BELOW = '\x1b[J'

interface RunningStep {
  readonly name: string
  readonly since: number
  message: string
}

/**
 * Shows a run on a terminal: finished steps scroll up like a log. A status area of a few lines below
 * them shows the running steps and the progress of the run.
 */
export class LiveView {
  readonly #screen: Screen
  readonly #context: () => ProblemContext
  readonly #running = new Map<string, RunningStep>()
  /** What batches wait for, by their number. */
  readonly #waits = new Map<number, { readonly message: string; readonly since: number }>()
  readonly #counts = new Map<OutcomeName, number>()
  #steps = 0
  #finished = 0
  #startedAt: number | null = null
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
    const now = this.#screen.now()
    this.#update(event, now)
    const line = eventLine(event, this.#context())
    if (line !== null) this.#above.push(line)
    if (event.event === 'run_finished') this.end()
    else this.#cancel ??= this.#screen.later(REDRAW_INTERVAL, () => this.#tick())
  }

  /** Removes the status area and keeps the log lines. Safe to call twice. */
  end(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#running.clear()
    this.#startedAt = null
    this.#redraw()
  }

  #update(event: RunEvent, now: number): void {
    switch (event.event) {
      case 'run_started':
        this.#steps = event.steps
        this.#startedAt = now
        break
      case 'step_started':
        this.#running.set(event.asset, { name: event.asset, since: now, message: '' })
        break
      case 'step_progress': {
        const step = this.#running.get(event.asset)
        if (step !== undefined) step.message = oneLine(event.message)
        break
      }
      case 'step_finished': {
        const { state } = event.outcome
        this.#running.delete(event.asset)
        this.#finished += 1
        this.#counts.set(state, (this.#counts.get(state) ?? 0) + 1)
        break
      }
      case 'batch_progress':
        if (event.message === null) this.#waits.delete(event.batch)
        else this.#waits.set(event.batch, { message: oneLine(event.message), since: now })
        break
      case 'batch_started':
      case 'run_estimate':
      case 'step_note':
      case 'check_finished':
      case 'adopted':
      case 'comments_set':
      case 'notice':
      case 'problem':
      case 'warning':
      case 'run_finished':
    }
  }

  #tick(): void {
    this.#cancel = null
    this.#redraw()
    if (this.#startedAt === null) return
    this.#cancel = this.#screen.later(REDRAW_INTERVAL, () => this.#tick())
  }

  #redraw(): void {
    const columns = Math.max(20, this.#screen.columns())
    const { style } = this.#context()
    const lines =
      this.#startedAt === null ? [] : this.#statusLines(this.#startedAt, columns - 1, style)
    const above = this.#above.map((line) => `${line}\n`).join('')
    // A terminal that became narrower has wrapped each wider line into several rows.
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)),
      0,
    )
    const erase = rows === 0 ? '' : `\x1b[${rows}A\r${ERASE_BELOW}`
    const text = erase + above + lines.map((line) => `${line}\n`).join('')
    if (text !== '') this.#screen.write(text)
    this.#above = []
    this.#drawn = lines
  }

  #statusLines(startedAt: number, width: number, style: Style): readonly string[] {
    const now = this.#screen.now()
    const running = [...this.#running.values()]
    const shown = running.slice(0, SHOWN_STEPS)
    const name = Math.min(28, Math.max(12, ...shown.map((step) => step.name.length)))
    const rows = shown.map((step) => {
      const left = `${pad(clip(step.name, name), name)}  ${took((now - step.since) / 1000)}`
      return clip(`  ${left}${step.message && `  ${step.message}`}`, width)
    })
    const hidden = running.length - shown.length
    if (hidden > 0) rows.push(`  … ${grouped(hidden)} more running`)
    for (const { message, since } of this.#waits.values()) {
      rows.push(clip(`  ${message}  ${took((now - since) / 1000)}`, width))
    }
    const done = `${grouped(this.#finished)}/${grouped(Math.max(this.#steps, this.#finished))}`
    const parts = OUTCOMES.flatMap((outcome) => {
      const count = this.#counts.get(outcome)
      return count === undefined ? [] : [{ outcome, text: `${grouped(count)} ${outcome}` }]
    })
    const head = `${done} steps  ${took((now - startedAt) / 1000)}`
    const plain = [head, parts.map(({ text }) => text).join(' · ')].filter(Boolean).join('  ')
    if (displayWidth(plain) > width) return [...rows, clip(plain, width)]
    const painted = parts.map(({ outcome, text }) => outcomeWord(outcome, style, text)).join(' · ')
    return [...rows, [head, painted].filter(Boolean).join('  ')]
  }
}
