import { readFileSync } from 'node:fs'

/** The page as one HTML file, without data. */
export interface PageDocument {
  readonly html: string
  /** Its Content-Security-Policy: the hashes of its own script and styles, and nothing from elsewhere. */
  readonly policy: string
}

const POLICY = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/
/** Where the data of an exported page stands. */
const DATA = '<script type="application/json" id="data">null</script>'

/** Reads the page that the bundler made. */
export function readDocument(file: string): PageDocument {
  const html = readFileSync(file, 'utf8')
  const [, policy] = POLICY.exec(html) ?? []
  if (policy === undefined || !html.includes(DATA)) throw new Error(`${file} is not the page`)
  return { html, policy: policy.replaceAll('&#39;', "'") }
}

/** The page with its data in it, which asks no server. `title`: of the window. */
export function withData({ html }: PageDocument, data: unknown, title: string): string {
  // No text in the data can end the block, nor begin a comment in it.
  const text = JSON.stringify(data).replaceAll('<', '\\u003c')
  return html
    .replace(DATA, () => DATA.replace('null', () => text))
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escapeHtml(title)}</title>`)
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
