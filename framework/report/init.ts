import type { Style } from './style.ts'
import { nextLine } from './text.ts'

/** What `assets init` did in a folder. */
export interface MadeReport {
  /** Relative to where the command was typed; '' for that folder itself. */
  readonly folder: string
  readonly project: 'made' | 'there'
  readonly written: readonly string[]
  /** Files that existed and were left as they are. */
  readonly kept: readonly string[]
}

export function madeText({ folder, project, written, kept }: MadeReport, style: Style): string {
  const where = folder === '' ? 'this folder' : folder
  const quoted = /\s/.test(folder) ? `'${folder}'` : folder
  const move = folder === '' ? '' : `cd ${quoted} && `
  const lines = [
    project === 'made' ? `a project in ${where}` : `${where} has a project already`,
    ...written.map((file) => `  ${style.paint.green('written')}  ${file}`),
    ...kept.map((file) => `  ${style.paint.dim('kept')}     ${file}`),
    '',
    nextLine(`${move}assets ${project === 'made' ? 'materialize' : 'status'}`, style),
  ]
  if (project === 'there') return lines.join('\n')
  return [
    ...lines,
    'then: add a line to data/orders.csv, see what assets status says, and materialize again',
  ].join('\n')
}

/** `assets/init/1`. */
export function madeJson({ folder, project, written, kept }: MadeReport) {
  return { schema: 'assets/init/1', folder, project, written, kept } as const
}
