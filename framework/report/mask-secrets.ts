const NAMES =
  'pass(?:word|wd|phrase|code)?|pwd|secret|token|(?:private|access|api|secret)_key|credentials?'
/** A key that ends with one of the names, and its value: in YAML, in a URL, in `key=value` settings. */
const SETTING = new RegExp(
  `((?<![\\w-])['"]?[\\w-]*(?:${NAMES})['"]?\\s*[:=]\\s*)("[^"]*"?|'[^']*'?|[^\\s,}&;"'][^,}&;"']*)`,
  'gi',
)

/** A line of a file with `***` for what may be a secret. What only names a variable is shown. */
export function maskSecrets(line: string): string {
  return line.replaceAll(SETTING, (whole, key: string, value: string) =>
    /^["']?\s*(?:\{\{|\$\{)/.test(value) ? whole : `${key}***`,
  )
}
