/** Characters with a meaning in YAML. Tests replace spans of a file with them. */
export const YAML_SNIPPETS = [
  ...['\n', '\n  ', '\n\t', ' ', '\r', '---\n'],
  ...[': ', '- ', '? ', ', ', '{', '}', '[', ']', '"', "'", '|', '>', '#', '%'],
  ...['<<: ', '!x '],
] as const
