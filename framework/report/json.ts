import type { Location, Pointer } from '../model/location.ts'
import type { Problem } from '../model/problem.ts'
import type { Materialization } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import { locationOf, sortProblems } from './problem.ts'
import { brief, briefWords } from './text.ts'
import { isoTime } from './time.ts'

// The parts that several documents share. Scripts rely on these shapes: keys may be
// added, never renamed or removed. Times are ISO 8601 in UTC. An optional key is absent when it has no
// value; a nullable key is null.

export function verdictJson(verdict: Verdict) {
  return {
    verdict: verdict.state,
    reasons: verdict.state === 'stale' ? verdict.reasons.map(reasonJson) : [],
    pending_on: pendingOn(verdict),
    ...(verdict.state === 'building' ? { building_run: verdict.run } : {}),
  }
}

/** The nodes that a pending asset or a waiting check depends on. */
export function pendingOn(verdict: Verdict): readonly string[] {
  return verdict.state === 'pending' || verdict.state === 'waiting' ? verdict.on : []
}

export function buildJson(record: Materialization) {
  return {
    run: record.run,
    at: isoTime(record.finishedAt),
    code_version: record.codeVersion,
    data_version: record.dataVersion,
    rows: record.rows,
  }
}

export function reasonJson({ reason, asset, check, from, to, parts, message }: Reason) {
  return {
    reason,
    ...(asset === undefined ? {} : { asset }),
    ...(check === undefined ? {} : { check }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(parts === undefined ? {} : { parts }),
    message,
  }
}

/** `assets/problems/1`, in the order in which text shows them. */
export function problemsJson(problems: readonly Problem[]) {
  return {
    schema: 'assets/problems/1',
    problems: sortProblems(problems).map(problemJson),
  } as const
}

/** One problem. Its shape is the same in every document. */
export function problemJson({ code, message, at, related, detail, hint, asset }: Problem) {
  return {
    code,
    message: brief(message),
    ...(at === undefined ? {} : locationJson(at)),
    ...(asset === undefined ? {} : { asset: brief(asset) }),
    ...(detail === undefined ? {} : { detail: briefWords(detail) }),
    ...(hint === undefined ? {} : { hint: brief(hint) }),
    ...(related === undefined
      ? {}
      : {
          related: related.map((one) => ({ message: brief(one.message), ...locationJson(one.at) })),
        }),
  }
}

export function locationJson(at: Location | Pointer) {
  const location = locationOf(at)
  if (location === null) return { file: at.file }
  return {
    file: location.file,
    line: location.line,
    column: location.column,
    ...(location.endLine === undefined ? {} : { end_line: location.endLine }),
    ...(location.endColumn === undefined ? {} : { end_column: location.endColumn }),
  }
}
