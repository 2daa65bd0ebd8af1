import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Planned } from '../../framework/plan/plan.ts'
import { explain } from '../../framework/staleness/explain.ts'
import { FakeProject } from '../rig/fake-project.ts'
import { inputsOf, isVirtual } from './ground.ts'

const SHAPES = ['raw', 'external', 'stored', 'view', 'view', 'view', 'ephemeral'] as const

const node = fc.record({
  shape: fc.constantFrom(...SHAPES),
  deps: fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 3 }),
  isConstant: fc.nat({ max: 4 }).map((n) => n === 4),
})

const number = fc.nat({ max: 9 })
const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('data' as const), at: number, to: number }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('code' as const), at: number, to: number }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('build' as const), at: number }) },
)

interface Sketch {
  readonly nodes: readonly { shape: (typeof SHAPES)[number]; deps: number[]; isConstant: boolean }[]
  readonly commands: readonly (
    | { do: 'data' | 'code'; at: number; to: number }
    | { do: 'build'; at: number }
  )[]
}

const sketches: fc.Arbitrary<Sketch> = fc.record({
  nodes: fc.array(node, { minLength: 3, maxLength: 9 }),
  commands: fc.array(command, { minLength: 2, maxLength: 12 }),
})

/** What every asset showed, and its code, when a table was built. Contents, not versions. */
type Seen = ReadonlyMap<string, string | null>

class Chronicle {
  readonly project = new FakeProject()
  readonly #names: string[] = []
  /** What each asset last read. */
  readonly #seen = new Map<string, Seen>()

  constructor({ nodes }: Sketch) {
    const { project } = this
    for (const [at, { shape, deps, isConstant }] of nodes.entries()) {
      const name = `${shape}_${at}`
      const reads = [...new Set(deps.map((dep) => this.#names[dep % Math.max(1, at)]))]
      const inputs = reads.filter((read) => read !== undefined)
      const constant = isConstant ? { constant: 'always' } : {}
      if (shape === 'raw' || inputs.length === 0) project.raw(name)
      else if (shape === 'external') project.external(name)
      else if (shape === 'stored') project.add(name, inputs, constant)
      else if (shape === 'view') project.view(name, inputs, constant)
      else project.ephemeral(name, inputs)
      this.#names.push(name)
    }
    project.onBuilt = (name) => this.#seen.set(name, this.#contents())
  }

  async apply(command: Sketch['commands'][number]): Promise<void> {
    const { project } = this
    const name = this.#names[command.at % this.#names.length]!
    const asset = project.assets.get(name)!
    if (command.do === 'build') await project.materialize([name])
    else if (command.do === 'code') {
      if (asset.source === null && asset.form !== 'external') asset.code = `code ${command.to}`
    } else if (asset.form === 'external') project.tables.set(name, `file ${command.to}`)
    else if (asset.source !== null) asset.source = `rows ${command.to}`
  }

  /**
   * The edges from each node to its causes, by a walk over contents; of an ephemeral with other code, an
   * edge to itself.
   */
  expected({ world, decisions }: Planned, requested: string): ReadonlySet<string> {
    const edges = new Set<string>()
    const now = this.#contents()
    const at = (name: string) => world.graph.indexOf(name)!
    const hasMoved = (name: string, seen: Seen): boolean =>
      decisions.settled[at(name)]!.state !== 'settled' || now.get(name) !== seen.get(name)

    const walk = (reader: string, input: string, seen: Seen): void => {
      edges.add(`${reader} < ${input}`)
      if (!isVirtual(this.project, input)) {
        explained(input)
        return
      }
      // The reasons of a view that is to be replaced.
      if (decisions.verdicts[at(input)]!.state !== 'fresh') explained(input)
      const isEphemeral = this.project.assets.get(input)!.form === 'ephemeral'
      const code = `code of ${input}`
      if (isEphemeral && now.get(code) !== seen.get(code)) edges.add(`${input} < ${input}`)
      for (const below of inputsOf(this.project, input)) {
        if (hasMoved(below, seen)) walk(input, below, seen)
      }
    }
    const explained = (name: string): void => {
      const verdict = decisions.verdicts[at(name)]!
      const causes =
        verdict.state === 'pending'
          ? verdict.on
          : verdict.state === 'stale'
            ? verdict.reasons.flatMap(({ asset }) => (asset === undefined ? [] : [asset]))
            : []
      for (const cause of causes) walk(name, cause, this.#seen.get(name)!)
    }
    explained(requested)
    return edges
  }

  #contents(): Seen {
    const { project } = this
    return new Map(
      this.#names.flatMap((name) => [
        [name, project.see(name)],
        [`code of ${name}`, project.assets.get(name)!.code],
      ]),
    )
  }
}

test('why follows a change to exactly the inputs that moved, through all views', async () => {
  let followed = 0
  const play = async (sketch: Sketch) => {
    const chronicle = new Chronicle(sketch)
    const { project } = chronicle
    await project.materialize()
    for (const command of sketch.commands) {
      await chronicle.apply(command)
      const planned = await project.look()
      const { world, decisions } = planned
      for (const name of project.assets.keys()) {
        const { state } = decisions.verdicts[world.graph.indexOf(name)!]!
        if (state !== 'stale' && state !== 'pending') continue
        // Without a history, so that the chain ends at what moved since the last build.
        const nodes = explain(world, decisions, name, () => null)
        const edges = nodes.flatMap(({ name: at, causes, root }) =>
          [...causes, ...(root === 'code' ? [at] : [])].map((on) => `${at} < ${on}`),
        )
        const expected = chronicle.expected(planned, name)
        expect([...edges].sort(), name).toEqual([...expected].sort())
        if ([...expected].some((edge) => /^view_\d+ < view/.test(edge))) followed++
      }
    }
  }
  await fc.assert(fc.asyncProperty(sketches, play), { seed: 4, numRuns: 1_500 })
  expect(followed).toBeGreaterThan(200)
}, 120_000)
