import type { Problem } from '../model/problem.ts'
import type { PlanStep } from '../model/step.ts'
import { commentsOf, counted, listed } from '../report/text.ts'
import type { Context } from './context.ts'
import type { Ask } from './person.ts'
import type { Workspace } from './workspace.ts'

/** What a command may change. */
export interface Changes {
  readonly steps: readonly PlanStep[]
  /** Assets whose comments are set without a build. */
  readonly comments: readonly string[]
  /** The number of relations that `--prune` drops. */
  readonly drops: number
}

/** The confirmation of a target with `confirm: true`. A command asks for it at most once. */
export class Consent {
  readonly #where: string
  #ask: Ask | null

  /** `ask`: null when no confirmation is needed. */
  constructor(target: string, destination: string | null, ask: Ask | null) {
    this.#where = destination === null ? target : `${target} (${destination})`
    this.#ask = ask
  }

  /** True while the question must still be asked. Always false without a terminal. */
  get isOpen(): boolean {
    return this.#ask !== null
  }

  /** Asks for confirmation of what a command changes, if needed. Returns the problem `declined` for any answer but yes. */
  async to(change: Changes): Promise<Problem | null> {
    const { steps, comments, drops } = change
    if (this.#ask === null || steps.length + comments.length + drops === 0) return null
    const answer = await this.#ask(`${this.#question(change)}? [y/N] `)
    if (!/^\s*y(es)?\s*$/i.test(answer)) return this.#declined()
    this.#ask = null
    return null
  }

  #question({ steps, comments, drops }: Changes): string {
    if (steps.length + drops === 0) return `set ${commentsOf(comments)} on ${this.#where}`
    const adopted = steps.filter(({ action }) => action === 'adopt')
    const assets = steps.filter(({ action }) => action === 'build')
    const upTo = assets.some(({ verdict }) => verdict === 'pending') ? 'up to ' : ''
    const checks = steps.length - adopted.length - assets.length
    const work = [
      ...(adopted.length > 0 ? [`adopt ${counted(adopted.length, 'asset')}`] : []),
      ...(assets.length > 0 ? [`build ${upTo}${counted(assets.length, 'asset')}`] : []),
    ]
    if (work.length === 0 && checks > 0) work.push(`run ${counted(checks, 'check')}`)
    if (drops > 0) work.push(`drop ${counted(drops, 'old relation')}`)
    return `${listed(work)} on ${this.#where}`
  }

  #declined(): Problem {
    return {
      code: 'declined',
      message: `cancelled: nothing was built on ${this.#where}`,
      hint: 'answer y to build, or run the same command with --yes',
    }
  }
}

/** The consent for a workspace's target. `given`: by `--yes`, or not needed for this command. */
export async function consentFor(
  { site: { target } }: Workspace,
  destination: string | null,
  { person }: Context,
  given: boolean,
): Promise<Consent> {
  const mustAsk = target.confirm && !given
  return new Consent(target.name, destination, mustAsk ? ((await person?.()) ?? null) : null)
}
