import { clip, oneLine } from './text.ts'

// Text in a comment of a pull request. GitHub reads its Markdown, links names and numbers in it, and informs the
// people whom it mentions. None of this happens in a <code> element of a block of HTML, and a block
// ends only at an empty line, which `oneLine` removes.

/** The most columns of one text. */
const WIDEST = 200

/** Text as it is, on one line, for an element of HTML. */
function escaped(text: string): string {
  return clip(oneLine(text), WIDEST)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** Text that a project or a repository brings. */
export function code(text: string): string {
  return `<code>${escaped(text)}</code>`
}

/** A table. Cells are HTML. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`
  return ['<table>', cells('th', head), ...rows.map((row) => cells('td', row)), '</table>'].join(
    '\n',
  )
}

/** A block that opens on a click. Both are HTML. */
export function folded(summary: string, block: string): string {
  return `<details><summary>${summary}</summary>\n${block}\n</details>`
}
