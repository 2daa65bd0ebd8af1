import { counted, took } from '../format.ts'
import { useDocument } from '../parts/document.ts'
import { Mark } from '../parts/verdict.tsx'
import { toAsset } from '../route.ts'

/** The parts of `assets/plan/1` that the page reads. */
interface PlanDocument {
  readonly steps: readonly PlanStepDocument[]
  readonly fresh: readonly string[]
  readonly may_replace: readonly string[]
  readonly waiting: readonly { readonly check: string; readonly on: readonly string[] }[]
  readonly absent: readonly string[]
  readonly estimate: {
    readonly low_s: number
    readonly high_s: number
    readonly untimed: number
  } | null
  readonly critical_path: readonly { readonly asset: string; readonly estimate_s: number | null }[]
  readonly skipped_s: number
}

interface PlanStepDocument {
  readonly asset: string
  readonly action: 'build' | 'check' | 'adopt'
  readonly full: boolean
  readonly verdict: 'stale' | 'pending'
  readonly reasons: readonly { readonly message: string }[]
  readonly pending_on: readonly string[]
  readonly estimate_s: number | null
}

/** What the next `assets materialize` does. */
export function PlanView() {
  const loaded = useDocument<PlanDocument>('plan')
  if (loaded.is !== 'there') {
    return <p class="note">{loaded.is === 'loading' ? 'Planning…' : loaded.message}</p>
  }
  const { steps, fresh, estimate, skipped_s: skipped, critical_path: path } = loaded.document
  const builds = steps.filter(({ action }) => action !== 'check')
  const will = builds.filter(({ verdict }) => verdict === 'stale')
  const may = builds.filter(({ verdict }) => verdict === 'pending')
  const checks = steps.length - builds.length
  return (
    <div class="plan-page">
      <h2>What the next run does</h2>
      <dl class="facts">
        <dt>Will build</dt>
        <dd>{counted(will.length, 'asset')}</dd>
        <dt>May build</dt>
        <dd>
          {counted(may.length, 'asset')}
          {may.length > 0 && ', known once what they wait for is built'}
        </dd>
        <dt>Checks</dt>
        <dd>{counted(checks, 'check')}</dd>
        <dt>Fresh</dt>
        <dd>
          {counted(fresh.length, 'asset')}
          {skipped > 0 && `, which took ${took(skipped)} to build`}
        </dd>
        <dt>Time</dt>
        <dd>{timeOf(loaded.document)}</dd>
        {path.length > 1 && (
          <>
            <dt>Longest chain</dt>
            <dd>
              {path.map(({ asset, estimate_s: seconds }, k) => (
                <>
                  {k > 0 && ' → '}
                  <a href={toAsset(asset)}>{asset}</a>
                  {seconds !== null && ` ${took(seconds)}`}
                </>
              ))}
            </dd>
          </>
        )}
      </dl>
      <Steps title="Will build" mark="stale" steps={will} />
      <Steps title="May build" mark="pending" steps={may} />
      {estimate === null && steps.length === 0 && <p>Nothing to do: everything is fresh.</p>}
    </div>
  )
}

function timeOf({ estimate, steps }: PlanDocument): string {
  if (steps.length === 0) return 'none'
  if (estimate === null) return 'not known: none of these steps ran before'
  const { low_s: low, high_s: high, untimed } = estimate
  const range =
    took(low) === took(high) ? `about ${took(high)}` : `about ${took(low)} to ${took(high)}`
  return `${range}, as the last builds took${untimed > 0 ? `, without ${counted(untimed, 'new step')}` : ''}`
}

interface StepsProps {
  readonly title: string
  readonly mark: 'stale' | 'pending'
  readonly steps: readonly PlanStepDocument[]
}

function Steps({ title, mark, steps }: StepsProps) {
  if (steps.length === 0) return null
  return (
    <section>
      <h3>
        <Mark mark={mark} /> {title}
      </h3>
      <table class="rows">
        <caption class="hidden">{title}</caption>
        <thead>
          <tr>
            <th>Asset</th>
            <th class="number">Time</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step.asset}>
              <td>
                <a href={toAsset(step.asset)}>{step.asset}</a>
                {step.full &&
                  step.verdict === 'stale' &&
                  step.action === 'adopt' &&
                  ' (recorded, not built)'}
              </td>
              <td class="number">{step.estimate_s === null ? '–' : took(step.estimate_s)}</td>
              <td>
                {step.verdict === 'stale'
                  ? step.reasons.map(({ message }) => message).join('; ')
                  : `waits for ${step.pending_on.join(', ')}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
