import { nextLines, spaced } from './next.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { cell, columnOf, counted, nameLines } from './text.ts'

/** What `assets import` did, or would do. */
export interface ImportReport {
  /** The file that declares the imported assets. */
  readonly file: string
  /** How many it declares. */
  readonly assets: number
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly { readonly asset: string; readonly keys: readonly string[] }[]
  /** The files that differ from what dbt says; without `isCheck`, they were written. */
  readonly files: readonly string[]
  readonly isCheck: boolean
}

/** Shows `assets import`. */
export const importReporter: Reporter<ImportReport> = { text: importText, json: importJson }

function importText(report: ImportReport, style: Style): string {
  const { file, assets, added, removed, changed, files, isCheck } = report
  const { paint } = style
  const head = `${paint.bold(file)}   ${counted(assets, 'asset')}`
  if (files.length === 0) {
    return [
      `${head}   ${paint.green('in step with dbt')}`,
      ...spaced(nextLines('assets status', style)),
    ].join('\n')
  }
  const column = columnOf(changed.map(({ asset }) => asset))
  const section = (word: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${word} ${names.length}`, ...nameLines(names, '  ', style)]
  return [
    isCheck ? `${head}   ${paint.yellow('not in step with dbt')}` : head,
    ...section('added', added),
    ...section('removed', removed),
    ...(changed.length === 0 ? [] : [`changed ${changed.length}`]),
    ...changed.map(({ asset, keys }) => `  ${cell(asset, column)}${keys.join(', ')}`),
    ...files.map((one) => `${isCheck ? 'differs' : paint.green('written')}  ${one}`),
    ...spaced(nextLines(isCheck ? 'assets import dbt' : 'assets check', style)),
  ].join('\n')
}

/** `assets/import/1`. */
function importJson({ file, assets, added, removed, changed, files, isCheck }: ImportReport) {
  return {
    schema: 'assets/import/1',
    file,
    in_step: files.length === 0,
    written: isCheck ? [] : files,
    differs: isCheck ? files : [],
    assets,
    added,
    removed,
    changed,
  } as const
}
