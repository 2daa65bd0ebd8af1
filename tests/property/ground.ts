import { digest, type FakeWorld } from '../rig/fake-world.ts'

/** What a build left in the warehouse. */
export interface Left {
  readonly definition: string | null
  readonly content: string | null
  readonly token: string | null
  /** Whether its content counts, or only its token. */
  readonly isHashed: boolean
}

export function isNode(world: FakeWorld, name: string): boolean {
  return world.assets.has(name) || world.checks.has(name)
}

export function inputsOf(world: FakeWorld, name: string): readonly string[] {
  return world.assets.get(name)?.deps ?? world.checks.get(name)!.reads
}

export function isVirtual(world: FakeWorld, name: string): boolean {
  const form = world.assets.get(name)?.form
  return form === 'view' || form === 'ephemeral'
}

export function isBelow(world: FakeWorld, name: string, above: string): boolean {
  const inputs = inputsOf(world, name)
  return inputs.some((input) => input === above || isBelow(world, input, above))
}

/**
 * The error checks that gate an asset directly: it is below everything that they read, and none of its
 * inputs is. What is further down waits for this asset, unless it is outside the run.
 */
export function gatesOf(world: FakeWorld, name: string): readonly string[] {
  if (!world.assets.has(name)) return []
  const inputs = inputsOf(world, name)
  return [...world.checks].flatMap(([check, { reads, severity }]) => {
    // The policy of one asset waives every check that reads it.
    const isWaived = reads.some((read) => world.assets.get(read)!.policy.checks.block === 'never')
    const isBelowAll = (node: string) => reads.every((read) => isBelow(world, node, read))
    const begins =
      reads.length === 1 ? inputs.includes(reads[0]!) : isBelowAll(name) && !inputs.some(isBelowAll)
    return severity === 'error' && !isWaived && begins ? [check] : []
  })
}

/** Every node after what it reads and what gates it. */
export function inOrder(world: FakeWorld): readonly string[] {
  const done = new Set<string>()
  const visit = (name: string) => {
    if (done.has(name)) return
    for (const before of [...inputsOf(world, name), ...gatesOf(world, name)]) visit(before)
    done.add(name)
  }
  for (const name of [...world.assets.keys(), ...world.checks.keys()]) visit(name)
  return [...done]
}

export function leftAt(world: FakeWorld, name: string): Left {
  const definition = world.shownDefinition(world.relationOf(name))
  const content = definition === null ? world.see(name) : null
  return { definition, content, token: tokenOf(world, name), isHashed: isHashed(world, name) }
}

export function drift(was: Left, is: Left): string[] {
  if (was.definition !== is.definition) return ['drifted']
  if (was.isHashed) return was.content === is.content ? [] : ['drifted']
  return was.token === is.token ? [] : ['drifted']
}

function isHashed(world: FakeWorld, name: string): boolean {
  const { form, policy } = world.assets.get(name)!
  return form === 'view' || ['default', 'content'].includes(policy.dataVersion)
}

export function contentOf(world: FakeWorld, name: string): string | null {
  // A view in the place of a table is not hashed.
  if (world.views.has(world.relationOf(name))) return null
  return isHashed(world, name) ? world.see(name) : tokenOf(world, name)
}

export function tokenOf(world: FakeWorld, name: string): string | null {
  const relation = world.relationOf(name)
  return world.isThere(name) ? `${relation}, write ${world.tables.writes.get(relation)}` : null
}

/** The code of an asset and the versions of its inputs; null if one of them is unknown. */
export function keyOf(
  world: FakeWorld,
  name: string,
  seen: readonly (string | null)[],
): string | null {
  const { deps } = world.assets.get(name)!
  return seen.includes(null) ? null : digest(world.definitionOf(name), ...deps, ...seen)
}

/** The relation and columns of an input, through inlined ephemerals. */
export function shapeOf(world: FakeWorld, name: string): string {
  return JSON.stringify(world.reference(name))
}

/** The statement that an ephemeral input is inlined as; of any other input, its name. */
export function statementOf(world: FakeWorld, name: string): string {
  const { form, deps } = world.assets.get(name)!
  if (form !== 'ephemeral') return name
  const reads = deps.map((dep) => [statementOf(world, dep), addressOf(world, dep)])
  return JSON.stringify([world.definitionOf(name), ...reads])
}

/**
 * The inputs whose data decides whether an asset must be built: all, but of a view only if its statement, or
 * an ephemeral in it, is worked out from data.
 */
export function dataInputsOf(world: FakeWorld, name: string): readonly string[] {
  const asset = world.assets.get(name)
  if (asset?.form !== 'view' || asset.pivots) return inputsOf(world, name)
  return asset.deps.filter((dep) => isInlinedFromData(world, dep))
}

function isInlinedFromData(world: FakeWorld, name: string): boolean {
  const { form, pivots, deps } = world.assets.get(name)!
  return form === 'ephemeral' && (pivots || deps.some((dep) => isInlinedFromData(world, dep)))
}

/** The relation that a statement names for an input; null for an ephemeral. */
export function addressOf(world: FakeWorld, name: string): string | null {
  return world.assets.get(name)!.form === 'ephemeral' ? null : world.relationOf(name)
}

export function checkDefinition(world: FakeWorld, name: string): string {
  const { code, severity } = world.checks.get(name)!
  return `${code} ${severity}`
}

export function differ(now: readonly string[], before: ReadonlyMap<string, unknown>): boolean {
  return now.length !== before.size || now.some((name) => !before.has(name))
}
