/** A priority queue: `pop` gives the item with the highest priority, the oldest first among equals. */
export class Heap<T> {
  readonly #items: { readonly item: T; readonly priority: number; readonly age: number }[] = []
  #age = 0

  get size(): number {
    return this.#items.length
  }

  /** The highest priority; undefined when the queue is empty. */
  get highest(): number | undefined {
    return this.#items[0]?.priority
  }

  push(item: T, priority: number): void {
    const items = this.#items
    items.push({ item, priority, age: this.#age++ })
    let at = items.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(at, parent)) break
      this.#swap(at, parent)
      at = parent
    }
  }

  pop(): T | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined) return undefined
    if (items.length > 0) {
      items[0] = last
      let at = 0
      for (;;) {
        let best = at
        for (const child of [2 * at + 1, 2 * at + 2]) {
          if (child < items.length && this.#before(child, best)) best = child
        }
        if (best === at) break
        this.#swap(at, best)
        at = best
      }
    }
    return top.item
  }

  #before(a: number, b: number): boolean {
    const left = this.#items[a]!
    const right = this.#items[b]!
    return (
      left.priority > right.priority || (left.priority === right.priority && left.age < right.age)
    )
  }

  #swap(a: number, b: number): void {
    const items = this.#items
    const item = items[a]!
    items[a] = items[b]!
    items[b] = item
  }
}
