import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { locateAll } from '../config/index.ts'
import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import { Console, type Progress } from '../report/console.ts'
import type { Context } from './context.ts'
import { findRoot } from './workspace.ts'

export interface OutputOptions {
  readonly json: boolean
  /** Show every name where a list would be cut. */
  readonly all: boolean
}

/** A run that is shown; `end` resolves when everything was. */
export interface Following {
  readonly take: (event: RunEvent) => void
  end(summary: Parameters<Progress['end']>[0]): Promise<void>
}

/** The console of one command, which can also find the place in a file that a problem points to. */
export class Output extends Console {
  readonly json: boolean
  readonly #root: string

  constructor(context: Context, { json, all }: OutputOptions) {
    const root = findRoot(context.cwd)
    const folder = root.ok ? root.value : context.cwd
    super({
      stdout: context.stdout,
      stderr: context.stderr,
      env: context.env,
      json,
      all,
      zone: context.env.TZ || null,
      clock: context.clock,
      later: context.later,
      source: (file) => textOf(join(folder, file)),
    })
    this.json = json
    this.#root = folder
  }

  /** Shows problems, each at its line and column, and gives the exit code back. */
  async tell(problems: readonly Problem[], code: number): Promise<number> {
    return this.problems(await this.place(problems), code)
  }

  /** The same problems, each with the line and column that it points to. */
  place(problems: readonly Problem[]): Promise<readonly Problem[]> {
    return locateAll(problems, this.#root)
  }

  /**
   * Shows a run as it goes, in the order of its events, also those whose problem has to be placed in
   * its file first.
   */
  follow(): Following {
    const progress = this.run()
    let shown: Promise<void> | null = null
    return {
      take: (event) => {
        if (shown === null && problemOf(event) === null) progress.take(event)
        else
          shown = (shown ?? Promise.resolve()).then(async () =>
            progress.take(await this.#placed(event)),
          )
      },
      end: async (summary) => {
        await shown
        progress.end(summary)
      },
    }
  }

  async #placed(event: RunEvent): Promise<RunEvent> {
    const problem = problemOf(event)
    if (problem === null) return event
    const [placed = problem] = await this.place([problem])
    return event.event === 'step_finished'
      ? { ...event, outcome: { state: 'failed', problem: placed } }
      : ({ ...event, problem: placed } as RunEvent)
  }
}

/** The problem that an event carries, where it points into a YAML file. */
function problemOf(event: RunEvent): Problem | null {
  if (event.event === 'problem') return event.problem
  if (event.event === 'check_finished') return event.problem ?? null
  if (event.event !== 'step_finished' || event.outcome.state !== 'failed') return null
  return event.outcome.problem
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
