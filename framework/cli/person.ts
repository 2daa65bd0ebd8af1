import { createInterface } from 'node:readline'
import { isatty } from 'node:tty'

/** Asks a question and gives what was typed; an empty text when nobody answers any more. */
export type Ask = (question: string) => Promise<string>

/**
 * The person at the terminal; null where nobody sits at one, as under cron. An abort of `signal`
 * answers for them. Lines are the terminal's own, so that Ctrl-C stays a signal.
 */
export function personAt(signal: AbortSignal): Ask | null {
  if (!isatty(0) || !isatty(2)) return null
  return (question) =>
    new Promise((resolve) => {
      const lines = createInterface({
        input: process.stdin,
        output: process.stderr,
        terminal: false,
      })
      const leave = () => lines.close()
      signal.addEventListener('abort', leave, { once: true })
      let answer: string | null = null
      lines.once('close', () => {
        signal.removeEventListener('abort', leave)
        // Who left did not end the line of the question.
        if (answer === null) process.stderr.write('\n')
        resolve(answer ?? '')
      })
      lines.question(question, (line) => {
        answer = line
        lines.close()
      })
    })
}
