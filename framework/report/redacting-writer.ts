import { createRedactor } from '../lib/redact.ts'

/** A destination for text. */
export interface Sink {
  write(text: string): void
}

/** Writes to a stream and removes secrets from all text. Every stream is written through one. */
export class RedactingWriter {
  readonly #sink: Sink
  #redactText: (text: string) => string = (text) => text

  constructor(sink: Sink) {
    this.#sink = sink
  }

  /** Sets the values to remove from all later text. */
  redact(secrets: readonly string[]): void {
    this.#redactText = createRedactor(secrets)
  }

  write(text: string): void {
    if (text !== '') this.#sink.write(this.#redactText(text))
  }

  line(text: string): void {
    this.write(`${text}\n`)
  }
}
