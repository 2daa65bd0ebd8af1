/**
 * A map whose values are computed on each access and not cached. With a hundred thousand entries, only the
 * accessed ones are decoded.
 */
export class LazyMap<T> implements ReadonlyMap<string, T> {
  readonly #names: () => Iterable<string>
  readonly #find: (name: string) => T | undefined
  readonly size: number

  /** `find` returns undefined for a name that is not one of the `size` `names`. */
  constructor(size: number, names: () => Iterable<string>, find: (name: string) => T | undefined) {
    this.size = size
    this.#names = names
    this.#find = find
  }

  /** A map over stored values, which are decoded on access. */
  static of<S extends object, T>(
    stored: ReadonlyMap<string, S>,
    decode: (stored: S) => T,
  ): LazyMap<T> {
    return new LazyMap(
      stored.size,
      () => stored.keys(),
      (name) => {
        const one = stored.get(name)
        return one === undefined ? undefined : decode(one)
      },
    )
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined
  }

  get(name: string): T | undefined {
    return this.#find(name)
  }

  *keys(): MapIterator<string> {
    yield* this.#names()
  }

  *values(): MapIterator<T> {
    for (const [, value] of this.entries()) yield value
  }

  *entries(): MapIterator<[string, T]> {
    for (const name of this.#names()) yield [name, this.#find(name)!]
  }

  [Symbol.iterator](): MapIterator<[string, T]> {
    return this.entries()
  }

  forEach(visit: (value: T, name: string, map: ReadonlyMap<string, T>) => void): void {
    for (const [name, value] of this) visit(value, name, this)
  }
}
