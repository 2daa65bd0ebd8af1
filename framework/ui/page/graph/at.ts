import { signal } from '@preact/signals'

/** The name of the asset that the keyboard and the side panel are at. */
export const current = signal<string | null>(null)
/** Whether the causes of the current asset are drawn as a path. */
export const showsWhy = signal(true)

/** What the parts of the graph can do with the drawing. */
export interface Actions {
  unfold(group: string): void
  zoom(factor: number): void
  fit(): void
  /** Makes an asset the current one, and moves it into view. */
  show(name: string): void
}
