import { useEffect, useRef } from 'preact/hooks'
import { counted } from '../format.ts'
import type { Picked } from './selection.ts'

interface SelectionBoxProps {
  readonly text: string
  readonly picked: Picked | null
  readonly onText: (text: string) => void
}

/** The field for a selection, in the grammars of the command line. `/` leads to it from anywhere. */
export function SelectionBox({ text, picked, onText }: SelectionBoxProps) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return
      event.preventDefault()
      field.current?.focus()
      field.current?.select()
    }
    document.addEventListener('keydown', focus)
    return () => document.removeEventListener('keydown', focus)
  }, [])
  const isMistake = picked?.is === 'mistake'
  return (
    <search>
      <form
        class="selection"
        onSubmit={(event) => {
          event.preventDefault()
          field.current?.blur()
        }}
      >
        <label>
          <span class="label">Select</span>
          <input
            ref={field}
            type="search"
            value={text}
            spellcheck={false}
            autocomplete="off"
            placeholder="+fact_payment   tag:finance   state:stale"
            aria-invalid={isMistake}
            aria-describedby="selection-answer"
            onInput={(event) => onText(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && field.current?.blur()}
          />
        </label>
        <span
          id="selection-answer"
          class={isMistake ? 'picked mistake' : 'picked'}
          aria-live="polite"
        >
          {answerOf(picked)}
        </span>
      </form>
    </search>
  )
}

function answerOf(picked: Picked | null): string {
  if (picked === null) return ''
  if (picked.is === 'mistake') return picked.message
  return picked.note ?? counted(picked.indices.size, 'asset')
}
