import { createInterface } from 'node:readline'
import { isatty } from 'node:tty'

/** Asks a question on the terminal and returns the typed line; '' when input ends without one. */
export type Ask = (question: string) => Promise<string>

/**
 * Asks on the terminal; null when stdin or stderr is not a terminal, as under cron. An abort of `signal`
 * ends the question with ''. `terminal: false` leaves Ctrl-C a signal.
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
      const close = () => lines.close()
      signal.addEventListener('abort', close, { once: true })
      let answer: string | null = null
      lines.once('close', () => {
        signal.removeEventListener('abort', close)
        // Without an answer the cursor is still on the line of the question.
        if (answer === null) process.stderr.write('\n')
        resolve(answer ?? '')
      })
      lines.question(question, (line) => {
        answer = line
        lines.close()
      })
    })
}
