const PREFIX = 'first_build:'

/**
 * The subject under which the state keeps that a run was to build an asset that existed without a record: its token is
 * the run. The run may have built inputs of it before it stopped (SEMANTICS 43).
 */
export const firstBuildSubject = (asset: string): string => `${PREFIX}${asset}`
