/**
 * A map whose values are made when they are asked for, and not kept: a hundred thousand records stay
 * text, and a decision pays for the ones it looks at. `place` says where each key's text is.
 */
export class Decoded<T> implements ReadonlyMap<string, T> {
  readonly #places: ReadonlyMap<string, number>
  readonly #decode: (place: number) => T

  constructor(places: ReadonlyMap<string, number>, decode: (place: number) => T) {
    this.#places = places
    this.#decode = decode
  }

  /** Of rows that start with the key and end with the text to decode. */
  static of<T>(rows: readonly (readonly [string, string])[], decode: (text: string) => T) {
    const places = new Map(rows.map(([key], place) => [key, place]))
    return new Decoded(places, (place) => decode(rows[place]![1]))
  }

  get size(): number {
    return this.#places.size
  }

  has(key: string): boolean {
    return this.#places.has(key)
  }

  get(key: string): T | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : this.#decode(place)
  }

  keys(): MapIterator<string> {
    return this.#places.keys()
  }

  *values(): MapIterator<T> {
    for (const place of this.#places.values()) yield this.#decode(place)
  }

  *entries(): MapIterator<[string, T]> {
    for (const [key, place] of this.#places) yield [key, this.#decode(place)]
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries()
  }

  forEach(visit: (value: T, key: string, map: ReadonlyMap<string, T>) => void): void {
    for (const [key, value] of this) visit(value, key, this)
  }
}
