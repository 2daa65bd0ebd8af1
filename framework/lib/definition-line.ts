/**
 * The 1-based line of the definition that a label names, such as `macro cents` or `var cutoff`. Null when
 * the file does not have it, and for a label of one word, which names the whole file.
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
