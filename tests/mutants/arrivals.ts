import { type Mutant, oneEdit } from './mutant.ts'

const AIRBYTE = ['tests/contract/airbyte-pipeline.test.ts']

/** Rows that a service loads again although they did not change. */
export const ARRIVAL_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'cdc-position-is-content',
    'rows that land again with another position of the log are the same rows (2b, 6)',
    'warehouses/columns.ts',
    ['|_ab_cdc_lsn|', '|'],
    AIRBYTE,
  ),
  oneEdit(
    'records-are-a-change',
    'a table that was read whole again is judged by its content (6)',
    'kinds/airbyte/run-syncer.ts',
    ['{ ...print.value, token, installed', '{ ...print.value, version: null, token, installed'],
    AIRBYTE,
  ),
]
