import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProject, locateAll } from '../config/index.ts'
import { isTooManyFiles } from '../lib/file-refusal.ts'
import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import { Console, type Progress } from '../report/console.ts'
import { calledAs } from './called-as.ts'
import { commandLine } from './command-line.ts'
import type { Context } from './context.ts'
import { withSystemCause } from './system-problems.ts'
import { ownPackage } from './version.ts'

export interface OutputOptions {
  readonly json: boolean
  /** Do not shorten lists (`--all`). */
  readonly all: boolean
  /** The words of the command line; absent if no person typed it. */
  readonly argv?: readonly string[]
}

/** A run that is being shown. `end` resolves once all of its events are shown. */
export interface LocatedProgress {
  readonly take: (event: RunEvent) => void
  end(summary: Parameters<Progress['end']>[0]): Promise<void>
}

/** The console of one command. It also resolves the pointers of problems to lines of YAML files. */
export class Output extends Console {
  readonly json: boolean
  readonly #root: string

  constructor(context: Context, { json, all, argv }: OutputOptions) {
    const root = findProject(context.cwd)
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
      calledAs: calledAs(context.env, ownPackage().folder),
      ...(argv === undefined ? {} : { typed: commandLine(argv) }),
      source: (file) => textOf(join(folder, file)),
    })
    this.json = json
    this.#root = folder
  }

  /** Shows problems with their lines and columns, and returns the exit code. */
  async fail(problems: readonly Problem[], code: number): Promise<number> {
    return this.problems(await this.locate(problems), code)
  }

  /**
   * Shows warnings of the project on stderr, unless the document on stdout holds them. Returns them with
   * lines and columns.
   */
  async warn(problems: readonly Problem[]): Promise<readonly Problem[]> {
    if (problems.length === 0) return problems
    const located = await this.locate(problems)
    if (!this.json) this.warnings(located)
    return located
  }

  /** The same problems with lines and columns in place of pointers. */
  async locate(problems: readonly Problem[]): Promise<readonly Problem[]> {
    const caused = problems.map(withSystemCause)
    try {
      return await locateAll(caused, this.#root)
    } catch (error) {
      // A problem without its line is better than none.
      if (isTooManyFiles(error)) return caused
      throw error
    }
  }

  /** Like `run`, with the problems of events located. Shows the events in their order. */
  follow(): LocatedProgress {
    const progress = this.run()
    let queue: Promise<void> | null = null
    return {
      take: (event) => {
        if (queue === null && problemOf(event) === null) progress.take(event)
        else
          queue = (queue ?? Promise.resolve()).then(async () =>
            progress.take(await this.#located(event)),
          )
      },
      end: async (summary) => {
        await queue
        progress.end(summary)
      },
    }
  }

  async #located(event: RunEvent): Promise<RunEvent> {
    const problem = problemOf(event)
    if (problem === null) return event
    const [located = problem] = await this.locate([problem])
    return event.event === 'step_finished'
      ? { ...event, outcome: { ...event.outcome, problem: located } as typeof event.outcome }
      : ({ ...event, problem: located } as RunEvent)
  }
}

/** The problem of an event; null for an event without one. */
function problemOf(event: RunEvent): Problem | null {
  if (event.event === 'problem' || event.event === 'warning') return event.problem
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
