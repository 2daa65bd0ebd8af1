import type { ChildProcess } from 'node:child_process'

/** How many characters of stderr are kept for the error message. */
const KEPT = 4000

/**
 * Resolves when a server prints `words` to stderr. Rejects with its stderr if it ends before that.
 */
export function waitForLine(server: ChildProcess, name: string, words: string): Promise<void> {
  let text = ''
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('exit', () => reject(new Error(`${name} did not start:\n${text}`)))
    server.stderr?.on('data', (chunk) => {
      text = `${text}${chunk}`.slice(-KEPT)
      if (text.includes(words)) resolve()
    })
  })
}
