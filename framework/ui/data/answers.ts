import type { ChartFormat, ChartType } from '../../model/chart.ts'

// What the page shows of the files that people read: the rows of each, and how they are drawn.

/** The rows of a file that the page gets at most. */
export const MOST_ROWS = 2_000

export type Cell = string | number | boolean | null

/** `month`: the first days of months, `2026-03-01`. `date`: days. `time`: with a time of day. */
export type ColumnType = 'number' | 'month' | 'date' | 'time' | 'boolean' | 'text'

export interface AnswersDocument {
  /** In the order of the project. */
  readonly answers: readonly Answer[]
}

/** One file with rows, such as that of an extract. */
export interface Answer {
  readonly name: string
  /** What it answers, in plain words. */
  readonly title: string
  /** The file, relative to the project root. */
  readonly file: string
  readonly owners: readonly string[]
  /** When it was last built, milliseconds since the epoch; null if it never was. */
  readonly asOf: number | null
  /** Why there is no chart; null if there is one. */
  readonly message: string | null
  /** Sentences about the chart: what of its declaration could not be followed, and what is left out. */
  readonly notes: readonly string[]
  readonly chart: Chart | null
}

/** Rows, ready to be drawn. */
export interface Chart {
  readonly type: ChartType
  /** Those that the chart uses: first `x`, `series` and `partial`, as far as there are any, then `y`. */
  readonly columns: readonly ChartColumn[]
  /** Combined and sorted; no more than `MOST_ROWS`. */
  readonly rows: readonly (readonly Cell[])[]
  /** Indices in `columns`; null for none. */
  readonly x: number | null
  readonly series: number | null
  readonly partial: number | null
  readonly y: readonly number[]
  /** How many of the rows are drawn; null: all. */
  readonly top: number | null
}

export interface ChartColumn {
  readonly name: string
  /** In plain words. */
  readonly label: string
  readonly type: ColumnType
  /** null for what is no amount: text, times, numbers that identify something. */
  readonly format: ChartFormat | null
  /** Digits behind the point that its numbers are written with. */
  readonly decimals: number
  readonly unit: string | null
  /** Where the axis of its numbers ends; null: at the largest. */
  readonly max: number | null
}
