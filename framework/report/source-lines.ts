/** The lines of a text, without a string for each: a file of some MB may have millions. */
export class SourceLines {
  readonly #text: string
  /** The offsets at which lines begin. */
  readonly #starts: Int32Array

  constructor(text: string) {
    this.#text = text
    let count = 1
    for (let end = endOfLine(text, 0); end < text.length; end = endOfLine(text, next(text, end)))
      count += 1
    this.#starts = new Int32Array(count)
    let line = 1
    for (let end = endOfLine(text, 0); end < text.length; end = endOfLine(text, next(text, end)))
      this.#starts[line++] = next(text, end)
  }

  /** A line from 1, without its end; undefined for a line that does not exist. */
  at(line: number): string | undefined {
    const start = this.#starts[line - 1]
    if (start === undefined) return undefined
    const end = this.#starts[line]
    if (end === undefined) return this.#text.slice(start)
    const isTwo = this.#text.startsWith('\r\n', end - 2)
    return this.#text.slice(start, Math.max(start, isTwo ? end - 2 : end - 1))
  }
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** The offset of the next line end, or of the end of the text. */
function endOfLine(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === LINE_FEED || code === CARRIAGE_RETURN) return at
    at += 1
  }
  return at
}

/** The offset behind a line end: `\n`, `\r` or `\r\n`. */
function next(text: string, end: number): number {
  return text.startsWith('\r\n', end) ? end + 2 : end + 1
}
