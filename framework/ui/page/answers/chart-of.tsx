import type { AnswersDocument } from '../../data/answers.ts'
import { useDocument } from '../parts/document.ts'
import { ChartFigure } from './figure.tsx'

/** The chart of one asset, as the answers show it; nothing for an asset without one. */
export function ChartOf({ name }: { readonly name: string }) {
  const loaded = useDocument<AnswersDocument>('answers')
  if (loaded.is !== 'there') return null
  const answer = loaded.document.answers.find((one) => one.name === name)
  if (answer === undefined) return null
  const { message, title } = answer
  return (
    <section class="answer-of-asset">
      <h3>{title}</h3>
      {message === null ? <ChartFigure answer={answer} /> : <p class="message">{message}</p>}
    </section>
  )
}
