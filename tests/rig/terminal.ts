import { displayWidth } from '../../framework/report/text.ts'

/**
 * A terminal of a certain width: it breaks long lines, moves its cursor up, and erases lines and what is below. Other
 * sequences than these, and colours, are an error.
 */
export class Terminal {
  columns: number
  /** The characters of each row; a wide one is followed by an empty one. */
  #rows: string[][] = [[]]
  #row = 0
  #column = 0

  constructor(columns: number) {
    this.columns = columns
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is a terminal
    for (const piece of text.match(/\x1b\[\d*[A-Za-z]|[^\x1b]|\x1b/gu) ?? []) this.#take(piece)
  }

  /** The rows, without spaces at their ends. */
  get rows(): readonly string[] {
    return this.#rows.map((row) =>
      Array.from(row, (char) => char ?? ' ')
        .join('')
        .trimEnd(),
    )
  }

  get text(): string {
    return this.rows.join('\n')
  }

  /** A narrower window wraps the existing lines again, as terminals do. */
  resize(columns: number): void {
    this.columns = columns
    const broken = this.#rows.slice(0, -1).flatMap((row) => {
      const count = Math.max(1, Math.ceil(row.length / columns))
      return Array.from({ length: count }, (_, at) => row.slice(at * columns, (at + 1) * columns))
    })
    this.#rows = [...broken, this.#rows.at(-1) ?? []]
    this.#row = this.#rows.length - 1
  }

  #take(piece: string): void {
    const count = Number(piece.slice(2, -1))
    if (piece === '\n') {
      this.#down()
      this.#column = 0
    } else if (piece === '\r') this.#column = 0
    else if (piece === '\x1b[J') {
      this.#rows.splice(this.#row + 1)
      this.#rows[this.#row]!.splice(this.#column)
    } else if (piece === '\x1b[2K') this.#rows[this.#row] = []
    else if (piece.startsWith('\x1b[') && piece.endsWith('A')) this.#row -= count
    else if (piece.startsWith('\x1b[') && piece.endsWith('m')) return
    else if (piece.startsWith('\x1b')) throw new Error(`unknown: ${JSON.stringify(piece)}`)
    else this.#put(piece)
  }

  #put(char: string): void {
    const width = displayWidth(char)
    if (this.#column + width > this.columns) {
      this.#down()
      this.#column = 0
    }
    const row = this.#rows[this.#row]!
    while (row.length < this.#column) row.push(' ')
    row[this.#column] = char
    if (width === 2) row[this.#column + 1] = ''
    this.#column += width
  }

  #down(): void {
    this.#row += 1
    this.#rows[this.#row] ??= []
  }
}
