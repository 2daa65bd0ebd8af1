/** What people type for a verb, as other tools name it. It is no alias: the error names the verb. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  build: 'materialize',
  make: 'materialize',
  refresh: 'materialize',
  test: 'materialize',
  ls: 'list',
  logs: 'runs',
  history: 'runs',
  validate: 'check',
  parse: 'check',
  compile: 'plan',
  diff: 'plan',
  explain: 'why',
  dag: 'graph',
  lineage: 'graph',
  docs: 'ui',
  serve: 'ui',
  web: 'ui',
  debug: 'doctor',
  schedule: 'run',
}

/** The verb that a word of another tool stands for; null if it stands for none. */
export function verbFor(word: string): string | null {
  return Object.hasOwn(OTHER_WORDS, word) ? OTHER_WORDS[word]! : null
}
