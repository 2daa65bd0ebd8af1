import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { Plan } from '../plan/plan.ts'
import { eventJson } from '../report/json.ts'
import type { ProblemContext } from '../report/problem.ts'
import { eventLine, runSummary } from '../report/run-log.ts'
import type { Style } from '../report/style.ts'
import { nextLine } from '../report/text.ts'

export interface RunViewOptions {
  readonly json: boolean
  /** stderr is a terminal that can be drawn on. */
  readonly terminal: boolean
  readonly plan: Plan
  /** What to type to go on after a failure. */
  readonly command: string
  /** A line of results. */
  readonly out: (text: string) => void
  /** Progress, as it is. */
  readonly err: (text: string) => void
  readonly style: (stream: 'stdout' | 'stderr') => Style
  readonly problemContext: () => ProblemContext
  readonly locate: (problems: readonly Problem[]) => Promise<readonly Problem[]>
  readonly clock: () => number
}

/**
 * Shows a run as it goes. Events are shown in the order in which they came, also those whose problem
 * has to be placed in its file first.
 */
export class RunView {
  readonly #options: RunViewOptions
  #shown: Promise<void> = Promise.resolve()

  constructor(options: RunViewOptions) {
    this.#options = options
  }

  readonly take = (event: RunEvent): void => {
    this.#shown = this.#shown.then(async () => this.#show(await this.#located(event)))
  }

  /** Resolves when everything taken was shown. */
  async end(): Promise<void> {
    await this.#shown
  }

  #show(event: RunEvent): void {
    const { json, out, err, problemContext } = this.#options
    if (json) out(eventJson(event))
    else if (event.event === 'run_finished') this.#sumUp(event)
    else if (event.event !== 'run_started' || event.steps > 0) {
      const line = eventLine(event, problemContext())
      if (line !== null) err(`${line}\n`)
    }
  }

  #sumUp(event: Extract<RunEvent, { event: 'run_finished' }>): void {
    const { plan, command, out, style } = this.#options
    const onStdout = style('stdout')
    const ran = Object.values(event.counts).some((count) => count > 0)
    if (!ran && event.outcome === 'succeeded') {
      out(`nothing to do: ${plan.fresh.length} fresh\n\n${nextLine('assets status', onStdout)}`)
      return
    }
    const next = event.outcome === 'succeeded' ? 'assets status' : command
    out(runSummary(event, { fresh: plan.fresh.length, next }, onStdout))
  }

  async #located(event: RunEvent): Promise<RunEvent> {
    const { locate } = this.#options
    switch (event.event) {
      case 'problem': {
        const [problem = event.problem] = await locate([event.problem])
        return { ...event, problem }
      }
      case 'step_finished': {
        if (event.outcome.state !== 'failed') return event
        const [problem = event.outcome.problem] = await locate([event.outcome.problem])
        return { ...event, outcome: { ...event.outcome, problem } }
      }
      case 'run_started':
      case 'step_started':
      case 'step_progress':
      case 'check_finished':
      case 'notice':
      case 'run_finished':
        return event
    }
  }
}
