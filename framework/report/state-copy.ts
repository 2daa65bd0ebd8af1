import { counted } from './text.ts'

/** What was carried from one state to another. */
export interface StateCopied {
  readonly target: string
  readonly from: string
  readonly to: string
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>
}

export function stateCopiedText({ target, from, to, rows }: StateCopied): string {
  const parts = Object.entries(rows).filter(([, n]) => n > 0)
  const listed = parts.map(([table, n]) => `  ${table.replaceAll('_', ' ').padEnd(14)}${n}`)
  const total = parts.reduce((sum, [, n]) => sum + n, 0)
  return [
    `copied ${counted(total, 'row')} of target ${target} from ${from} to ${to}`,
    ...listed,
  ].join('\n')
}
