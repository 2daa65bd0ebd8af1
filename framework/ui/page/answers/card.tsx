import type { Answer } from '../../data/answers.ts'
import { causesOf } from '../../data/overview.ts'
import { dateTime } from '../format.ts'
import { Verdict } from '../parts/verdict.tsx'
import { toAsset } from '../route.ts'
import { assetsByName, markNow } from '../store.ts'
import { ChartFigure } from './figure.tsx'

/** One answer: its question, its chart, and how far it can be trusted. */
export function AnswerCard({ answer }: { readonly answer: Answer }) {
  const { name, title, message, asOf, owners } = answer
  return (
    <article class="answer" aria-labelledby={`answer-${name}`}>
      <h3 id={`answer-${name}`}>{title}</h3>
      <p class="trust">
        {asOf !== null && <>as of {dateTime(asOf).slice(0, 16)}, </>}
        <Freshness name={name} />
      </p>
      {message === null ? <ChartFigure answer={answer} /> : <p class="message">{message}</p>}
      <p class="source">
        <a href={toAsset(name)}>{name}</a>
        {owners.length > 0 && <> for {owners.join(', ')}</>}
      </p>
    </article>
  )
}

/** The verdict of an asset, and why it has no better one. */
function Freshness({ name }: { readonly name: string }) {
  const asset = assetsByName.value.get(name)?.asset
  if (asset === undefined) return null
  const { verdict } = asset
  const causes = causesOf(verdict)
  const reason =
    verdict.state === 'stale'
      ? verdict.reasons[0].message
      : verdict.state === 'pending' && causes.length > 0
        ? `waits for ${causes.join(', ')}`
        : null
  return (
    <>
      <Verdict mark={markNow(asset)} />
      {reason !== null && <span class="hint"> ({reason})</span>}
    </>
  )
}
