import type { RunEvent } from '../model/event.ts'
import type { ProblemContext } from './problem.ts'
import { eventLine, outcomeLine } from './run-log.ts'
import type { Style } from './style.ts'
import { counted } from './text.ts'
import { took } from './time.ts'

/** The checks of one asset in one batch. */
interface Fold {
  readonly asset: string
  /** Those that have not ended. */
  readonly open: Set<string>
  passed: number
  seconds: number
}

type StepFinished = Extract<RunEvent, { readonly event: 'step_finished' }>

/**
 * The log lines of a run, in order. The checks of an asset that passed are one line, once the last of them has ended;
 * what is no success is shown at once, and in full.
 */
export class RunLines {
  /** By the name of the check. */
  readonly #folds = new Map<string, Fold>()

  take(event: RunEvent, context: ProblemContext): readonly string[] {
    switch (event.event) {
      case 'batch_started': {
        const folds = new Map<string, Fold>()
        for (const { check, asset } of event.checks) {
          const fold = folds.get(asset) ?? { asset, open: new Set(), passed: 0, seconds: 0 }
          fold.open.add(check)
          folds.set(asset, fold)
          this.#folds.set(check, fold)
        }
        return []
      }
      case 'step_finished':
        return this.#finished(event, context)
      case 'run_finished':
        return [...this.#rest(context.style), ...linesOf(event, context)]
      default:
        return linesOf(event, context)
    }
  }

  #finished(event: StepFinished, context: ProblemContext): readonly string[] {
    const fold = event.action === 'check' ? this.#folds.get(event.asset) : undefined
    if (fold === undefined) return linesOf(event, context)
    this.#folds.delete(event.asset)
    fold.open.delete(event.asset)
    const { outcome } = event
    const hasPassed = outcome.state === 'checked' && outcome.result === 'pass'
    if (hasPassed) {
      fold.passed += 1
      fold.seconds += event.seconds
    }
    const own = hasPassed ? [] : linesOf(event, context)
    const isLast = fold.open.size === 0 && fold.passed > 0
    return isLast ? [...own, foldLine(fold, context.style)] : own
  }

  /** Checks that passed beside others that never ended, as after Ctrl-C. */
  #rest(style: Style): readonly string[] {
    const folds = new Set(this.#folds.values())
    this.#folds.clear()
    return [...folds].filter(({ passed }) => passed > 0).map((fold) => foldLine(fold, style))
  }
}

function linesOf(event: RunEvent, context: ProblemContext): readonly string[] {
  const line = eventLine(event, context)
  return line === null ? [] : [line]
}

function foldLine({ asset, passed, seconds }: Fold, style: Style): string {
  return outcomeLine('checked', asset, [`${counted(passed, 'check')} passed`, took(seconds)], style)
}
