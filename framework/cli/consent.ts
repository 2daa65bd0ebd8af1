import type { Problem } from '../model/problem.ts'
import type { PlanStep } from '../model/step.ts'
import { counted } from '../report/text.ts'
import type { Context } from './context.ts'
import type { Ask } from './person.ts'
import type { Workspace } from './workspace.ts'

/** Whether a command may build on a target that says `confirm: true`. One yes is enough for a command. */
export class Consent {
  readonly #where: string
  #ask: Ask | null

  /** `place`: where the target is, in its warehouse's words. */
  constructor(target: string, place: string | null, ask: Ask | null) {
    this.#where = place === null ? target : `${target} (${place})`
    this.#ask = ask
  }

  /** Whether somebody has still to be asked. Where nobody sits at a terminal, nobody is. */
  get isOpen(): boolean {
    return this.#ask !== null
  }

  /** Asks, unless there is nothing to ask or it was answered. Problem: `declined`. */
  async to(steps: readonly PlanStep[]): Promise<Problem | null> {
    if (this.#ask === null || steps.length === 0) return null
    const answer = await this.#ask(`${this.#question(steps)}? [y/N] `)
    if (!/^\s*y(es)?\s*$/i.test(answer)) return this.#declined()
    this.#ask = null
    return null
  }

  #question(steps: readonly PlanStep[]): string {
    const assets = steps.filter(({ action }) => action !== 'check')
    if (assets.length === 0) return `run ${counted(steps.length, 'check')} on ${this.#where}`
    const most = assets.some(({ verdict }) => verdict === 'pending') ? 'up to ' : ''
    return `build ${most}${counted(assets.length, 'asset')} on ${this.#where}`
  }

  #declined(): Problem {
    return {
      code: 'declined',
      message: `nothing was built on ${this.#where}`,
      hint: 'y builds; --yes answers beforehand',
    }
  }
}

/** The consent that building on a workspace's target takes; `given`: beforehand, or not needed. */
export async function consentFor(
  { site: { target } }: Workspace,
  place: string | null,
  { person }: Context,
  given: boolean,
): Promise<Consent> {
  const asks = target.confirm && !given
  return new Consent(target.name, place, asks ? ((await person?.()) ?? null) : null)
}
