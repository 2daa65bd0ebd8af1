import type { Mutant } from './mutant.ts'
import { ENGINE, FULL_BUILDS, mutant, PLAN, PLAN_AND_RUN } from './suites.ts'

/** Full and incremental builds (10), units, scope and the plan. */
export const PLAN_MUTANTS: readonly Mutant[] = [
  {
    name: 'increment-on-drift',
    rule: 'an incremental build does not go on top of an edit by hand (10)',
    file: 'framework/staleness/full-refresh.ts',
    // Either condition alone is enough, so both are broken.
    edits: [
      { find: 'return !isAsRecorded || ', replace: 'return ' },
      { find: "case 'drifted':", replace: "case 'mutant' as 'drifted':" },
    ],
    tests: ENGINE,
  },
  mutant(
    'increment-on-unknown',
    'an incremental build does not go on top of content that cannot be read (10)',
    'staleness/full-refresh.ts',
    ['return !isAsRecorded || ', 'return '],
    FULL_BUILDS,
  ),
  mutant(
    'cut-off-build-continued',
    'a first build that was cut off is not continued under other code (10)',
    'staleness/full-refresh.ts',
    ['return full && facts', 'return !full && facts'],
  ),
  mutant(
    'on-code-ignored',
    'on_code: full_refresh rebuilds an incremental asset whose code changed (10)',
    'staleness/full-refresh.ts',
    ["return asset.policy.onCode === 'full_refresh'", 'return false'],
  ),
  mutant(
    'lost-snapshot-rebuilt',
    'a snapshot that is gone is a problem, not a build (10)',
    'execute/next-action.ts',
    ['if (!isLostSnapshot(runState, i))', 'if (i >= 0)'],
  ),
  mutant(
    'adoption-rejuvenates',
    'adoption does not change the age of an asset',
    'execute/commit.ts',
    ['finishedAt: span.finishedAt,', '...span,'],
  ),
  mutant(
    'unit-outside-the-run',
    'the rest of a unit joins the run of its stale member (11)',
    'staleness/units.ts',
    [' || joined.has(i)', ''],
  ),
  mutant('exclude-ignored', 'an excluded asset is not built', 'plan/scope.ts', [
    'if (left[i] === 1) asked[i] = 0',
    '',
  ]),
  mutant(
    'checks-not-in-scope',
    'every check that reads an asset of the run belongs to it (17)',
    'plan/scope.ts',
    ['if (graph.inputs(check).some((input) => asked[input] === 1)) asked[check] = 1', ''],
  ),
  mutant(
    'plan-always-full',
    'the plan says whether a build is full',
    'plan/steps.ts',
    ['full: isFullBuild(world, i, verdict),', 'full: true,'],
    PLAN,
  ),
  mutant(
    'plan-without-adoptions',
    'the plan says which assets are adopted',
    'plan/steps.ts',
    ["? 'adopt' : 'build'", "? 'build' : 'build'"],
    PLAN,
  ),
  mutant(
    'one-wave',
    'a pending step is in a later batch than what it is pending on',
    'plan/expected-batches.ts',
    ["verdict.state === 'pending' || ", ''],
    PLAN,
  ),
  mutant(
    'plan-of-another-scope',
    'the plan is of the scope that the run executes',
    'plan/plan.ts',
    [
      'planSteps(world, request, decisions)',
      'planSteps(world, requestOf(world, { ...scope, excluded: new Set() }, now), decisions)',
    ],
    PLAN_AND_RUN,
  ),
  mutant('run-beyond-the-plan', 'the run executes the plan and nothing else', 'execute/run.ts', [
    'new RunState(planned)',
    'new RunState({ ...planned, request: { ...planned.request, inRun: () => true } })',
  ]),
  mutant('plan-for-a-look', 'a run decides for a run, not for a look (18, 21)', 'plan/scope.ts', [
    'purpose: scope.purpose, inRun',
    "purpose: 'look', inRun",
  ]),
  mutant(
    'plan-without-possible-steps',
    'the plan names the steps that may turn out necessary',
    'plan/steps.ts',
    ['else steps.push(', "else if (verdict.state === 'stale') steps.push("],
    PLAN_AND_RUN,
  ),
  mutant(
    'plan-without-replaceable-views',
    'the plan names the fresh views that may be replaced (4)',
    'plan/steps.ts',
    ["if (replaceable[i] === 1 && world.definition(i)?.form === 'view')", 'if (name === null)'],
    PLAN_AND_RUN,
  ),
  mutant(
    'view-over-known-columns-replaceable',
    'a view over known columns is not named as one that may be replaced',
    'plan/steps.ts',
    [' && version.shape == null', ''],
    PLAN_AND_RUN,
  ),
  mutant(
    'plan-without-waiting-checks',
    'the plan names the checks that wait (17d)',
    'plan/steps.ts',
    ['waiting.push({ check: name, on: verdict.on })', ''],
    PLAN_AND_RUN,
  ),
]
