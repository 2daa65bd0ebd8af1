/** The text of `assets list`: one name a line, for people and for `xargs`. */
export function listText(names: readonly string[]): string {
  return names.join('\n')
}
