import { createRedactor } from '../lib/redact.ts'

/** Anything that text can be written to. */
export interface Sink {
  write(text: string): void
}

/**
 * The one way to a stream. Whatever passes through has its secrets taken out, so that nobody who
 * makes text needs to know them.
 */
export class Writer {
  readonly #sink: Sink
  #redact: (text: string) => string = (text) => text

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** Values that must never be shown, from now on. */
  hide(secrets: readonly string[]): void {
    this.#redact = createRedactor(secrets)
  }

  write(text: string): void {
    if (text !== '') this.#sink.write(this.#redact(text))
  }

  line(text: string): void {
    this.write(`${text}\n`)
  }
}
