import { buildJson, pendingOn, reasonJson } from './json.ts'
import { policyJson } from './policies.ts'
import type { Reporter } from './reporter.ts'
import { isoTime } from './time.ts'
import type { Compared, WhyNode, WhyReport } from './why-report.ts'
import { whyText } from './why-text.ts'

/** Shows `assets why`. */
export const whyReporter: Reporter<WhyReport> = { text: whyText, json: whyJson }

/** `assets/why/1`. A flat list of nodes; causes are names. */
export function whyJson(report: WhyReport) {
  return {
    schema: 'assets/why/1',
    asset: report.asset,
    target: report.target,
    verdict: report.verdict.state,
    offline: report.offline !== null,
    ...(report.offline === null ? {} : { seen_at: isoTime(report.offline.seenAt) }),
    nodes: report.nodes.map(whyNodeJson),
    policies: report.policies.map(policyJson),
    compared: report.compared === null ? null : comparedJson(report.compared),
    next: report.next,
  } as const
}

function comparedJson({ inputs, itself, source, asFarAs }: Compared) {
  return { inputs, itself, source, as_far_as: asFarAs }
}

function whyNodeJson(node: WhyNode) {
  const { asset, verdict, reasons, causes, last, before, root, declared } = node
  return {
    asset,
    verdict: verdict.state,
    reasons: reasons.map(reasonJson),
    causes,
    pending_on: pendingOn(verdict),
    last: last === null || 'check' in last ? null : buildJson(last),
    before: before === null ? null : buildJson(before),
    root,
    ...(declared === null ? {} : { file: declared.file, line: declared.line }),
  }
}
