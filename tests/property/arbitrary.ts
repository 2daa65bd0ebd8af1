import fc from 'fast-check'
import {
  type BuildCommand,
  type Command,
  type Edit,
  SHAPES,
  type Sketch,
  type Story,
} from './story.ts'

const seldom = fc.integer({ min: 0, max: 6 }).map((n) => n === 6)

const sketch = fc.record({
  shape: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('stored', 'view', 'raw') },
    { weight: 2, arbitrary: fc.constantFrom(...SHAPES) },
  ),
  deps: fc.array(fc.nat({ max: 5 }), { maxLength: 3 }),
  constant: seldom,
  version: fc.oneof(
    { weight: 6, arbitrary: fc.constant('default') },
    { weight: 3, arbitrary: fc.constantFrom('content', 'derived', 'change_token', 'always_new') },
  ),
  adopts: seldom,
  keeps: seldom,
  expires: seldom,
  waives: fc.nat({ max: 2 }).map((n) => n === 2),
  pool: fc.nat({ max: 5 }),
}) as fc.Arbitrary<Sketch>

const asset = fc.nat({ max: 9 })
const value = fc.nat({ max: 2 })
const number = fc.nat({ max: 2 })

/** Changes that others make to sources and to the warehouse, at any time. */
const worldly: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('source'), asset, to: value }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('drop', 'restore'), asset }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('edit', 'redefine'), asset, to: value }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('external'),
      asset,
      to: fc.oneof(value, fc.constantFrom('gone', 'locked')),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fail'),
      asset,
      how: fc.constantFrom('clean', 'half', 'no', 'no'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('result'),
      check: number,
      to: fc.constantFrom('pass', 'warn', 'fail'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait'), minutes: fc.constantFrom(1, 57, -40) }),
  },
) as fc.Arbitrary<Edit>

/** Edits of the project's files between two commands. */
export const declared: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('code', 'columns'), asset, to: value }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('constant'), asset, to: fc.option(value) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('alias'), asset, to: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pivots'), asset, to: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('form'),
      asset,
      to: fc.constantFrom('stored', 'view', 'ephemeral'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('dep'), asset, dep: asset }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rename'), asset }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave'), asset, to: fc.option(value) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('return') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('waive'), asset, to: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('check'),
      check: number,
      reads: fc.array(asset, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('recheck'),
      check: number,
      code: value,
      warn: fc.boolean(),
    }),
  },
) as fc.Arbitrary<Edit>

const buildCommand: fc.Arbitrary<BuildCommand> = fc.record({
  select: fc.option(fc.array(asset, { minLength: 1, maxLength: 2 })),
  only: seldom,
  exclude: fc.option(asset, { freq: 6 }),
  forced: fc.option(fc.constantFrom('forced', 'full_refresh'), { freq: 6 }),
  late: seldom,
  prune: fc.boolean(),
})

const at = fc.nat({ max: 40 })
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: worldly },
  { weight: 4, arbitrary: declared },
  { weight: 6, arbitrary: buildCommand.map((one): Command => ({ do: 'materialize', ...one })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(buildCommand, at, fc.constantFrom('kill', 'kill', 'abort'))
      .map(([one, point, how]): Command => ({ do: how as 'kill' | 'abort', at: point, ...one })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(buildCommand, at, worldly)
      .map(([one, point, what]): Command => ({ do: 'meddle', at: point, edit: what, ...one })),
  },
)

/** Random projects with random histories. */
export const stories: fc.Arbitrary<Story> = fc.record({
  assets: fc.array(sketch, { minLength: 1, maxLength: 10 }),
  checks: fc.array(
    fc.record({
      reads: fc.array(asset, { minLength: 1, maxLength: 3 }),
      warn: seldom,
      fails: seldom,
    }),
    { maxLength: 3 },
  ),
  warehouse: fc.constantFrom('none', 'none', 'shared', 'exclusive'),
  commands: fc.array(command, { minLength: 1, maxLength: 14 }),
})
