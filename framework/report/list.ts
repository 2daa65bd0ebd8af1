import type { Reporter } from './reporter.ts'

/** Shows `assets list`: one name per line, for people and for `xargs`. */
export const listReporter: Reporter<readonly string[]> = {
  text: (names) => names.join('\n'),
  json: listJson,
}

/** `assets/list/1`. */
function listJson(names: readonly string[]) {
  return { schema: 'assets/list/1', assets: names } as const
}
