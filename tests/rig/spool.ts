/** A value of a spool: text, or null. */
export type Cell = string | null

const LETTERS: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\v': 'v',
  '\\': '\\',
}
const CHARACTERS = new Map(
  Object.entries(LETTERS).map(([character, letter]) => [letter, character]),
)

/** Rows as `TableLoad` wants them in a spool. */
export function spoolText(rows: readonly (readonly Cell[])[]): string {
  const field = (value: Cell) =>
    value === null ? '\\N' : value.replace(/[\b\f\n\r\t\v\\]/g, (found) => `\\${LETTERS[found]}`)
  return rows.map((row) => `${row.map(field).join('\t')}\n`).join('')
}

/** Bytes of the longest row of a spool. */
export const longestRow = (text: string): number =>
  Math.max(0, ...text.split('\n').map((line) => Buffer.byteLength(line)))

/** The rows of a spool. Throws when the last one has no end. */
export function parseSpool(text: string): Cell[][] {
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new Error('the last row has no end')
  return lines.map((line) =>
    line
      .split('\t')
      .map((field) =>
        field === '\\N'
          ? null
          : field.replace(/\\(.)/g, (_, letter: string) => CHARACTERS.get(letter) ?? letter),
      ),
  )
}
