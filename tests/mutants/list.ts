import { ADOPTION_MUTANTS } from './adoption.ts'
import { AGAINST_MUTANTS } from './against.ts'
import { ARRIVAL_MUTANTS } from './arrivals.ts'
import { BOUNDS_MUTANTS } from './bounds.ts'
import { CAUSE_MUTANTS } from './causes.ts'
import { CHECK_MUTANTS } from './check.ts'
import { CODE_VERSION_MUTANTS } from './code-versions.ts'
import { COMMAND_LINE_MUTANTS } from './command-line.ts'
import { CURSOR_MUTANTS } from './cursors.ts'
import { DATABASE_MUTANTS } from './databases.ts'
import { FAST_PATH_MUTANTS } from './fast-path.ts'
import { FOUND_MUTANTS } from './found.ts'
import { HYPER_MUTANTS } from './hyper.ts'
import { LAST_ANSWER_MUTANTS } from './last-answer.ts'
import { MODEL_FILE_MUTANTS } from './model-files.ts'
import { MOVE_MUTANTS } from './moves.ts'
import type { Mutant } from './mutant.ts'
import { NEW_USER_MUTANTS } from './new-user.ts'
import { OBSERVATION_MUTANTS } from './observations.ts'
import { PAGE_MUTANTS } from './page.ts'
import { PATH_MUTANTS } from './paths.ts'
import { PLAN_MUTANTS } from './plan.ts'
import { POSTGRES_MUTANTS } from './postgres.ts'
import { PROCESS_MUTANTS } from './processes.ts'
import { RUN_MUTANTS } from './run.ts'
import { SECRET_MUTANTS } from './secrets.ts'
import { SELECTION_MUTANTS } from './selections.ts'
import { SESSION_MUTANTS } from './sessions.ts'
import { SOURCE_VALUES_MUTANTS } from './source-values.ts'
import { STATE_MUTANTS } from './state.ts'
import { SUPPLY_MUTANTS } from './supply.ts'
import { TABLEAU_MUTANTS } from './tableau.ts'
import { VERSION_MUTANTS } from './versions.ts'
import { WORDS_MUTANTS } from './words.ts'

/** Every mutant. */
export const MUTANTS: readonly Mutant[] = [
  ...VERSION_MUTANTS,
  ...CAUSE_MUTANTS,
  ...MOVE_MUTANTS,
  ...OBSERVATION_MUTANTS,
  ...MODEL_FILE_MUTANTS,
  ...PLAN_MUTANTS,
  ...RUN_MUTANTS,
  ...FAST_PATH_MUTANTS,
  ...SELECTION_MUTANTS,
  ...ADOPTION_MUTANTS,
  ...AGAINST_MUTANTS,
  ...ARRIVAL_MUTANTS,
  ...BOUNDS_MUTANTS,
  ...CHECK_MUTANTS,
  ...CODE_VERSION_MUTANTS,
  ...CURSOR_MUTANTS,
  ...FOUND_MUTANTS,
  ...DATABASE_MUTANTS,
  ...LAST_ANSWER_MUTANTS,
  ...COMMAND_LINE_MUTANTS,
  ...PATH_MUTANTS,
  ...NEW_USER_MUTANTS,
  ...POSTGRES_MUTANTS,
  ...PROCESS_MUTANTS,
  ...SECRET_MUTANTS,
  ...SESSION_MUTANTS,
  ...SUPPLY_MUTANTS,
  ...HYPER_MUTANTS,
  ...TABLEAU_MUTANTS,
  ...STATE_MUTANTS,
  ...WORDS_MUTANTS,
  ...PAGE_MUTANTS,
  ...SOURCE_VALUES_MUTANTS,
]
