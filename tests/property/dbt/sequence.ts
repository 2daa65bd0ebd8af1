import { compareBuilds, type Fault, falseStale, type Oracle, taintedAfter } from './compare.ts'
import { type Change, changed, type ProjectState, type SoakProject } from './state.ts'
import { type Built, type Failed, type Status, Twin } from './twin.ts'

/** What came of one change. */
export type Outcome =
  | { readonly is: 'equal'; readonly falseStale: readonly string[] }
  /** `status` refused the project with exit code 2. The change was taken back. */
  | { readonly is: 'refused'; readonly text: string }
  /** It could not be built, so the change was taken back. */
  | { readonly is: 'broken' }
  /**
   * It could not be built, and neither can the project before it: an earlier change broke the part for
   * increments, and only now something is built on top.
   */
  | { readonly is: 'stuck' }
  | { readonly is: 'fault'; readonly fault: Fault }

/** How a change is tried. */
export interface Trial {
  /** An asset that is built alone before everything is built; null for none. */
  readonly alone: string | null
  /** Whether dbt parses the project of the oracle from nothing. */
  readonly parses: boolean
}

/**
 * A project with a history, and a second folder in which each state of it is built from nothing. A
 * sequence ends at its first fault.
 */
export class Sequence {
  readonly #old: Twin
  readonly #new: Twin
  readonly #project: SoakProject
  #state: ProjectState
  #oracle: Oracle = { content: {}, compiled: {} }
  /** Assets that were built on top, and whose content therefore depends on the history. */
  #tainted: ReadonlySet<string> = new Set()

  constructor(project: SoakProject, python: string, state: ProjectState = project) {
    this.#project = project
    this.#state = state
    this.#old = new Twin(python)
    this.#new = new Twin(python)
  }

  get state(): ProjectState {
    return this.#state
  }

  /** The first build of both folders. Null if they are equal. */
  async begin(): Promise<Fault | null> {
    this.#old.become(this.#state)
    const built = await this.#old.materialize()
    const rebuilt = await this.#rebuild(this.#state, false)
    return this.#compared(built, rebuilt, null)
  }

  /** Applies a change, and compares everything. */
  async try(change: Change, trial: Trial): Promise<Outcome> {
    const before = this.#state
    const after = changed(before, change)
    this.#old.become(after)
    const looked = await this.#old.status()
    if (!looked.ok) {
      if (looked.code !== 2) return fault('status failed', looked.text)
      this.#old.become(before)
      return { is: 'refused', text: looked.text }
    }
    const earlier = this.#oracle
    const alone = trial.alone === null ? null : await this.#old.materialize([trial.alone])
    const all = await this.#old.materialize()
    const built = all.ok ? { ...all, reasons: joined(alone, all.reasons) } : all
    const rebuilt = await this.#rebuild(after, !trial.parses)
    if (this.#isBroken(built, rebuilt, looked.status)) return this.#takeBack(before)
    this.#state = after
    const found = await this.#compared(built, rebuilt, looked.status)
    if (found !== null) return { is: 'fault', fault: found }
    return {
      is: 'equal',
      falseStale: falseStale(looked.status, earlier, this.#oracle, this.#project),
    }
  }

  remove(): void {
    this.#old.remove()
    this.#new.remove()
  }

  async #rebuild(state: ProjectState, keepsParse: boolean): Promise<Built> {
    this.#new.become(state)
    this.#new.empty(keepsParse)
    return this.#new.materialize()
  }

  /**
   * Whether a change can't be judged because it can't be built: in neither folder; only on top of what is
   * there, as with a mistake in the part for increments; or only with what the past left in the warehouse,
   * such as functions of a hook that is gone, or the table of a materialization that writes nothing any more, for
   * assets that were built again. What fails below another failure does not count.
   */
  #isBroken(built: Built, rebuilt: Built, { assets }: Status): boolean {
    if (built.ok) {
      const fresh = new Set(assets.flatMap((one) => (one.verdict === 'fresh' ? [one.name] : [])))
      if (rebuilt.ok || rebuilt.failed.length === 0) return false
      const isBelow = (name: string): boolean =>
        (this.#project.deps[name] ?? []).some((dep) => rebuilt.failed.includes(dep) || isBelow(dep))
      return !rebuilt.failed.some((name) => fresh.has(name) && !isBelow(name))
    }
    return !rebuilt.ok || this.#failsOnTop(built)
  }

  #failsOnTop({ failed }: Failed): boolean {
    const { accumulating, custom } = this.#project
    const mayFail = (name: string) => name in accumulating || custom.includes(name)
    return failed.length > 0 && failed.every(mayFail)
  }

  /** The project as it was before a change that can't be built: the same command builds it again. */
  async #takeBack(before: ProjectState): Promise<Outcome> {
    this.#old.become(before)
    const built = await this.#old.materialize()
    if (!built.ok) {
      return this.#failsOnTop(built)
        ? { is: 'stuck' }
        : fault('not built again after a failure', built.text)
    }
    const content = await this.#old.content()
    const expected = this.#oracle.content
    this.#tainted = taintedAfter(this.#tainted, this.#project, null, content, expected)
    const found = compareBuilds(content, expected, this.#project, this.#tainted, null)
    return found === null ? { is: 'broken' } : { is: 'fault', fault: found }
  }

  async #compared(built: Built, rebuilt: Built, status: Status | null): Promise<Fault | null> {
    if (!rebuilt.ok) {
      if (built.ok) return { what: 'only the build from nothing fails', text: rebuilt.text }
      return { what: 'no build succeeds', text: rebuilt.text }
    }
    if (!built.ok) return { what: 'only the build with a history fails', text: built.text }
    const content = await this.#old.content()
    const expected = await this.#new.content()
    this.#oracle = { content: expected, compiled: this.#new.compiled() }
    this.#tainted = taintedAfter(this.#tainted, this.#project, built.reasons, content, expected)
    const found = compareBuilds(content, expected, this.#project, this.#tainted, status)
    if (found !== null) return found
    const [after, other] = [await this.#old.status(), await this.#new.status()]
    if (!after.ok || !other.ok) return { what: 'status fails after the build', text: '' }
    return this.#settled(after.status, other.status)
  }

  #settled(after: Status, other: Status): Fault | null {
    const left = [...after.assets, ...after.checks].filter(({ verdict }) => verdict !== 'fresh')
    if (left.length > 0) {
      return { what: 'not fresh after the build', text: JSON.stringify(left, null, 1) }
    }
    const results = new Map(other.checks.map(({ name, last }) => [name, last?.outcome]))
    for (const { name, last } of this.#tainted.size > 0 ? [] : after.checks) {
      if (last?.outcome === results.get(name)) continue
      const text = `${name}: ${last?.outcome}, and from nothing ${results.get(name)}`
      return { what: 'another result of a check', text }
    }
    return null
  }
}

/** The reasons of an asset that was built alone count first. */
function joined(
  alone: Built | null,
  reasons: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  return alone?.ok ? new Map([...reasons, ...alone.reasons]) : reasons
}

function fault(what: string, text: string): Outcome {
  return { is: 'fault', fault: { what, text } }
}
