import type { AnswersDocument } from '../../data/answers.ts'
import { useDocument } from '../parts/document.ts'
import { AnswerCard } from './card.tsx'

/** The charts of all files that people read. */
export function Answers() {
  const loaded = useDocument<AnswersDocument>('answers')
  if (loaded.is === 'loading') return <p class="note">Reading the files…</p>
  if (loaded.is === 'missing') return <p class="note">{loaded.message}</p>
  const { answers } = loaded.document
  if (answers.length === 0) {
    return (
      <p class="note">
        No asset of this project writes a file for people. Each extract has its chart here.
      </p>
    )
  }
  return (
    <div class="answers-page">
      <h2 class="hidden">Answers</h2>
      <div class="answer-grid">
        {answers.map((answer) => (
          <AnswerCard key={answer.name} answer={answer} />
        ))}
      </div>
    </div>
  )
}
