import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import { eventJson } from './event-json.ts'
import { problemsJson } from './json.ts'
import type { LeftoverEvent } from './leftovers.ts'
import { LiveView } from './live-view.ts'
import { hasAccessFault, nextLines, spaced } from './next.ts'
import { type ProblemContext, problemsText, type ReadSource } from './problem.ts'
import { RedactingWriter, type Sink } from './redacting-writer.ts'
import { abbreviateRepeated } from './repeated-problems.ts'
import type { Reporter } from './reporter.ts'
import { RunLines } from './run-lines.ts'
import { timestamp } from './run-log.ts'
import { type RunEnd, runSummary } from './run-summary.ts'
import { SlowLines } from './slow-lines.ts'
import { createStyle, type Style } from './style.ts'
import { canRedraw } from './terminal.ts'
import { asTyped } from './text.ts'
import { wrapped } from './wrap.ts'

export interface Stream extends Sink {
  readonly isTTY: boolean
  /** Read at every redraw, since a window can be resized. */
  readonly columns: number | undefined
  /** Lines of the window; undefined if it has none. */
  readonly rows?: number | undefined
}

export interface ConsoleOptions {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly json: boolean
  /** Do not shorten lists (`--all`). */
  readonly all: boolean
  /** IANA name of the time zone of clock times; null for the machine's time zone. */
  readonly zone: string | null
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Calls back once after some milliseconds. The returned function cancels the call. */
  readonly later: (milliseconds: number, call: () => void) => () => void
  /** What a person types for this program, such as `npx assets`. */
  readonly calledAs: string
  /** The command line, beginning with `assets`; absent if nothing suggests a command. */
  readonly typed?: string
  readonly source: ReadSource
}

/** A run that is being shown. */
export interface Progress {
  readonly take: (event: RunEvent) => void
  end(summary: Omit<RunEnd, 'failed' | 'problems' | 'leftovers' | 'comments'>): void
}

/**
 * All output of a command: results to stdout, progress and problems to stderr. With `json`, stdout is
 * one JSON document, or one line per event of a run. Problems become that document when the command
 * has no result.
 */
export class Console {
  readonly #options: ConsoleOptions
  readonly #out: RedactingWriter
  readonly #err: RedactingWriter
  /** True once stdout has a result. */
  #hasResult = false
  #target: string | undefined
  #hasAccessFault = false
  /** A run that is being shown: on a terminal as a live view, else as a log. */
  #live: LiveView | null = null
  #slow: SlowLines | null = null

  constructor(options: ConsoleOptions) {
    this.#options = options
    this.#out = new RedactingWriter(options.stdout)
    this.#err = new RedactingWriter(options.stderr)
  }

  /** Sets the values to remove from all later output. */
  redact(secrets: readonly string[]): void {
    this.#out.redact(secrets)
    this.#err.redact(secrets)
  }

  /** Adds `--target` to all suggested commands. For a target that is not the default one. */
  showTarget(target: string): void {
    this.#target = target
  }

  /** Takes note of problems that follow the result, for its `next:`. */
  foresee(problems: readonly Problem[]): void {
    this.#hasAccessFault ||= hasAccessFault(problems)
  }

  /** Shows the result of a command, as text or as JSON. */
  show<T>(reporter: Reporter<T>, result: T): void {
    if (this.#options.json) this.document(reporter.json(result))
    else this.print(reporter.text(result, this.#style(this.#options.stdout), this.#options.source))
  }

  /** Prints a result that is already text. An empty text prints nothing. */
  print(text: string): void {
    this.#hasResult = true
    if (text !== '') this.#out.line(text)
  }

  /** Prints a result as JSON on one line. */
  document(document: unknown): void {
    this.print(JSON.stringify(document))
  }

  notice(text: string): void {
    const message = asTyped(text, this.#style(this.#options.stderr))
    if (this.#live === null) this.#err.line(message)
    else this.#live.take({ event: 'notice', message })
  }

  /** Shows the problems and returns the exit code, for `return console.problems(…)`. */
  problems(problems: readonly Problem[], code: number): number {
    this.foresee(problems)
    if (this.#options.json && !this.#hasResult) {
      this.document(problemsJson(problems))
      return code
    }
    const text = problemsText(problems, this.#problemContext('error'))
    // A result has its own `next:`.
    const next = this.#hasResult ? [] : spaced(nextLines(null, this.#style(this.#options.stderr)))
    this.#err.line([text, ...next].join('\n'))
    return code
  }

  warnings(problems: readonly Problem[]): void {
    if (problems.length > 0) this.#err.line(problemsText(problems, this.#problemContext('warning')))
  }

  /** Shows a run: JSON events on stdout, a live view on a terminal, or one log line per step. */
  run(): Progress {
    const failed: string[] = []
    const problems: Problem[] = []
    const leftovers: LeftoverEvent[] = []
    const comments: string[] = []
    let finished: Extract<RunEvent, { readonly event: 'run_finished' }> | null = null
    const show = this.#options.json ? this.#showAsJson() : abbreviateRepeated(this.#showAsText())
    return {
      take: (event) => {
        if (event.event === 'run_finished') finished = event
        if (event.event === 'leftover') leftovers.push(event)
        if (event.event === 'problem') {
          problems.push(event.problem)
          this.foresee([event.problem])
        }
        if (event.event === 'step_finished' && event.outcome.state === 'failed') {
          failed.push(event.asset)
          this.foresee([event.outcome.problem])
        }
        if (event.event === 'comments_set') comments.push(...event.assets)
        show(event)
      },
      end: (summary) => {
        this.end()
        if (finished === null || this.#options.json) return
        const style = this.#style(this.#options.stdout)
        const text = runSummary(
          finished,
          {
            ...summary,
            failed,
            problems: problems.map(({ message }) => message),
            leftovers,
            comments,
          },
          style,
        )
        this.#out.line(wrapped(text, style.width))
      },
    }
  }

  /** Shows an unexpected error, which is a bug, with its stack. */
  bug(error: unknown): void {
    this.end()
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const problem: Problem = {
      code: 'bug',
      message: 'this is a bug in assets, not in your project',
      detail,
      hint: 'report it with the text above; run the same command again to continue',
    }
    this.problems([problem], 1)
  }

  /** Removes the live view from the terminal. Safe to call twice. */
  end(): void {
    this.#live?.end()
    this.#slow?.end()
    this.#live = null
    this.#slow = null
  }

  #showAsJson(): (event: RunEvent) => void {
    this.#hasResult = true
    return (event) => this.#out.line(eventJson(event))
  }

  #showAsText(): (event: RunEvent) => void {
    const { stderr, clock, later, env } = this.#options
    if (!canRedraw({ isTTY: stderr.isTTY, env })) return this.#showAsLog()
    const screen = {
      write: (text: string) => this.#err.write(text),
      columns: () => stderr.columns ?? 80,
      rows: () => stderr.rows ?? 24,
      now: clock,
      later,
    }
    const live = new LiveView(screen, () => this.#problemContext('error'))
    this.#live = live
    return (event) => live.take(event)
  }

  #showAsLog(): (event: RunEvent) => void {
    const { stderr, clock, later } = this.#options
    const lines = new RunLines()
    const print = (line: string) => this.#err.line(`${timestamp(this.#style(stderr))}${line}`)
    const slow = new SlowLines({ clock, later, print })
    this.#slow = slow
    return (event) => {
      for (const line of lines.take(event, this.#problemContext('error'))) this.#err.line(line)
      slow.take(event)
    }
  }

  #style({ isTTY, columns }: Stream): Style {
    const { env, clock, zone, all, calledAs, typed } = this.#options
    const target = this.#target
    const hasAccessFault = this.#hasAccessFault
    const shown = { isTTY, columns, env, now: clock(), zone, all }
    return createStyle({ ...shown, target, calledAs, typed, hasAccessFault })
  }

  #problemContext(level: ProblemContext['level']): ProblemContext {
    const { stderr, source } = this.#options
    return { style: this.#style(stderr), level, source }
  }
}
