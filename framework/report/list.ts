import { type PolicyKey, policyJson, policyText } from './policies.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { pad } from './text.ts'

/** One asset or check. With `policies`, also the keys of its policy. */
export interface ListedName {
  readonly name: string
  readonly policies?: readonly PolicyKey[]
}

/** Shows `assets list`: one name per line, for people and for `xargs`. */
export const listReporter: Reporter<readonly ListedName[]> = { text: listText, json: listJson }

function listText(names: readonly ListedName[], style: Style): string {
  const rows = names.flatMap(({ policies = [] }) =>
    policies.map((key) => policyText(key)[0].length),
  )
  const width = Math.max(0, ...rows)
  return names
    .flatMap(({ name, policies }) => [
      name,
      ...(policies ?? []).map((key) => {
        const [text, place] = policyText(key)
        return `  ${pad(text, width)}   ${style.paint.dim(place)}`
      }),
      ...(policies?.length === 0 ? [`  ${style.paint.dim('no policy is set')}`] : []),
    ])
    .join('\n')
}

/** `assets/list/1`. */
function listJson(names: readonly ListedName[]) {
  const policies = names.flatMap(({ name, policies: keys }) =>
    keys === undefined ? [] : keys.map((key) => ({ asset: name, ...policyJson(key) })),
  )
  const isAsked = names.some((one) => one.policies !== undefined)
  return {
    schema: 'assets/list/1',
    assets: names.map(({ name }) => name),
    ...(isAsked ? { policies } : {}),
  } as const
}
