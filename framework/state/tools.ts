import type { StateTools } from '../ports/state-tools.ts'
import { backupState, restoreState } from './backup.ts'
import { checkState } from './check-state.ts'
import { copyState } from './copy.ts'
import { attempt } from './database.ts'
import { pruneBefore } from './prune.ts'
import { stateContextOf } from './sql-state.ts'

const prune: StateTools['prune'] = (state, request) =>
  attempt(() =>
    stateContextOf(state).database.transaction(request.isDry ? 'read' : 'write', (tx) =>
      pruneBefore(tx, request),
    ),
  )

/** What the verb `state` does with states of every adapter. */
export const stateTools: StateTools = {
  copy: copyState,
  backup: backupState,
  restore: restoreState,
  check: checkState,
  prune,
}
