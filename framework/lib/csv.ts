/** The fields of a record; null for an empty one without quotes, which is how NULL is written. */
export type CsvRecord = readonly (string | null)[]

/**
 * The records of a CSV text (RFC 4180), the header among them. `\n`, `\r\n` and `\r` end a record, quotes are doubled
 * inside quotes, a byte order mark is skipped. Text after a closing quote counts as part of the field, and a quote that
 * is never closed ends with the text: every text can be read.
 */
export function parseCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = []
  let record: (string | null)[] = []
  let at = text.charCodeAt(0) === BOM ? 1 : 0
  const end = text.length
  while (at < end) {
    let field: string | null
    if (text[at] === '"') {
      const quoted = quotedField(text, at)
      field = quoted.field
      at = quoted.end
      const rest = plainEnd(text, at)
      if (rest > at) field += text.slice(at, rest)
      at = rest
    } else {
      const rest = plainEnd(text, at)
      field = rest === at ? null : text.slice(at, rest)
      at = rest
    }
    record.push(field)
    if (text[at] === ',') {
      at += 1
      if (at < end) continue
      record.push(null)
    }
    at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1
    records.push(record)
    record = []
  }
  return records
}

const BOM = 0xfeff

/** Where a field without quotes ends. */
function plainEnd(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 44 || code === 10 || code === 13) break
    at += 1
  }
  return at
}

/** The field whose opening quote is at `from`; `end` is behind its closing quote. */
function quotedField(text: string, from: number): { readonly field: string; readonly end: number } {
  let field = ''
  let at = from + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return { field: field + text.slice(at), end: text.length }
    field += text.slice(at, quote)
    if (text[quote + 1] !== '"') return { field, end: quote + 1 }
    field += '"'
    at = quote + 2
  }
}
