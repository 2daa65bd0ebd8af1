/** What has a meaning of its own in YAML wherever it lands: spans of a file are replaced by these. */
export const YAML_PIECES = [
  ...['\n', '\n  ', '\n\t', ' ', '\r', '---\n'],
  ...[': ', '- ', '? ', ', ', '{', '}', '[', ']', '"', "'", '|', '>', '#', '%'],
  ...['<<: ', '!x '],
] as const
