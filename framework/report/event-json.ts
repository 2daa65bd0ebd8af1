import type { Amount, RunEvent } from '../model/event.ts'
import type { Outcome } from '../model/step.ts'
import { problemJson, reasonJson } from './json.ts'
import { isoTime } from './time.ts'

/** One line of `materialize --json`, without its newline. */
export function eventJson(event: RunEvent): string {
  return JSON.stringify(eventFields(event))
}

function eventFields(event: RunEvent) {
  switch (event.event) {
    case 'run_started': {
      const { run, target, place, at, steps } = event
      const destination = place === undefined ? {} : { place }
      return { event: event.event, run, target, ...destination, at: isoTime(at), steps }
    }
    case 'step_started': {
      const { asset, reasons, batch, phase } = event
      return { event: event.event, asset, reasons: reasons.map(reasonJson), batch, phase }
    }
    case 'step_progress': {
      const { asset, phase, message, amount } = event
      const measured = amount === undefined ? {} : { amount: amountJson(amount) }
      return { event: event.event, asset, phase, message, ...measured }
    }
    case 'run_estimate': {
      const { secondsLeft, untimed } = event
      return { event: event.event, seconds_left: secondsLeft, untimed }
    }
    case 'step_finished': {
      const { asset, action, outcome, seconds } = event
      return { event: event.event, asset, action, ...outcomeJson(outcome), seconds }
    }
    case 'check_finished': {
      const { check, assets, outcome, failures, problem } = event
      const cause = problem === undefined ? {} : { problem: problemJson(problem) }
      return { event: event.event, check, assets, outcome, failures, ...cause }
    }
    case 'run_finished': {
      const { run, outcome, counts, seconds } = event
      return { event: event.event, run, outcome, counts, seconds }
    }
    case 'leftover': {
      const { asset, is, place, belongsAt, outcome, because } = event
      return { event: event.event, asset, is, place, belongs_at: belongsAt, outcome, because }
    }
    case 'adopted': {
      const { assets, left } = event
      return { event: event.event, assets, left }
    }
    case 'problem':
    case 'warning':
      return { event: event.event, problem: problemJson(event.problem) }
    case 'batch_started':
    case 'batch_progress':
    case 'step_note':
    case 'comments_set':
    case 'notice':
      return event
  }
}

function amountJson({ done, of, isEstimate, unit, perSecond }: Amount) {
  return { done, of, is_estimate: isEstimate, unit, per_second: perSecond }
}

function outcomeJson(outcome: Outcome) {
  const none = { outcome: outcome.state, data_version: null, rows: null }
  switch (outcome.state) {
    case 'built':
    case 'unchanged':
    case 'adopted':
      return { outcome: outcome.state, data_version: outcome.version, rows: outcome.rows }
    case 'failed': {
      const { problem, together = [] } = outcome
      const all = together.length === 0 ? {} : { failed_together: together }
      return { ...none, problem: problemJson(problem), ...all }
    }
    case 'blocked':
      return { ...none, blocked_by: outcome.by }
    case 'checked':
      return { ...none, result: outcome.result, failures: outcome.failures }
    case 'released':
    case 'cancelled':
      return none
  }
}
