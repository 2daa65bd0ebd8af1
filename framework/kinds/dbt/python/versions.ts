/** The minor versions of dbt-core that the worker runs with. `e2e/dbt-versions.test.ts` runs them. */
const OLDEST = '1.8'
const NEWEST = '1.12'
/** The one to install: that of the locked requirements. */
export const RECOMMENDED = '1.11'
/** For messages. */
export const SUPPORTED = `dbt-core ${OLDEST} to ${NEWEST}`

/** How a version of dbt-core, such as `1.11.16` or `2.0.0b1`, compares with the supported ones. */
export function support(version: string): 'supported' | 'too old' | 'too new' {
  if (compareMinors(version, OLDEST) < 0) return 'too old'
  return compareMinors(version, NEWEST) > 0 ? 'too new' : 'supported'
}

/** Compares the first two numbers of versions. */
function compareMinors(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = numbers(a)
  const [majorB = 0, minorB = 0] = numbers(b)
  return majorA - majorB || minorA - minorB
}

const numbers = (version: string): readonly number[] => version.match(/\d+/g)?.map(Number) ?? []
