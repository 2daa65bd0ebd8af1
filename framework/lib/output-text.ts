import { createRedactor } from './redact.ts'

const TAIL_LINES = 25

/** The last lines of a program's output, which usually have the error. */
export function tail(text: string): string {
  const lines = text.trimEnd().split('\n')
  return lines.slice(-TAIL_LINES).join('\n')
}

/** A program's output without the target's secrets and without credentials in URLs. */
export function redact(text: string, secrets: readonly string[]): string {
  return createRedactor(secrets)(text.replaceAll(/(?<!\w)(\w+:\/\/)[^/\s@]+@/g, '$1***@'))
}
