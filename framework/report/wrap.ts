import { displayWidth } from './text.ts'

/** The time at the start of a log line, with the space after it. */
const TIME = '00:00:00  '.length
const SNIPPET = /^\s*(?:\d+ )?\s*[│|]/

/**
 * A text whose lines that are wider than a terminal go on below, between two words. A word that is wider than the
 * terminal stays whole, as do the lines of a snippet. Pure.
 */
export function wrapped(text: string, width: number): string {
  if (!Number.isFinite(width)) return text
  return text
    .split('\n')
    .map((line) => (displayWidth(line) <= width || SNIPPET.test(line) ? line : wrap(line, width)))
    .join('\n')
}

function wrap(line: string, width: number): string {
  const start = /^ */.exec(line)![0].length
  const indent = ' '.repeat(Math.min(start === 0 ? TIME : start + 2, Math.floor(width / 3)))
  const lines: string[] = []
  let current = ' '.repeat(start)
  for (const [, space, word] of line.slice(start).matchAll(/(\s*)(\S+)/g)) {
    const isFirst = current.trim() === ''
    const next = isFirst ? current + word : current + space + word
    if (isFirst || displayWidth(next) <= width) current = next
    else {
      lines.push(current)
      current = indent + word
    }
  }
  return [...lines, current].join('\n')
}
