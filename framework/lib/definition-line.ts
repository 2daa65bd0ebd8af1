/**
 * The line, from 1, where a file defines what a label names: `macro cents`, `var cutoff`. Null for a
 * label of one word, which means the whole file, and for what is not found.
 */
export function definitionLine(label: string, text: string): number | null {
  const [kind, name] = label.split(' ')
  if (kind === undefined || name === undefined) return null
  const escaped = name.replaceAll(/[^\w]/g, '\\$&')
  const defines =
    kind === 'macro'
      ? new RegExp(`\\bmacro\\s+(\\w+__)?${escaped}\\b`)
      : new RegExp(`\\b${escaped}\\b`)
  const at = text.split('\n').findIndex((line) => defines.test(line))
  return at < 0 ? null : at + 1
}
