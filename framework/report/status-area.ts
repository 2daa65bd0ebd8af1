import type { Amount } from '../model/event.ts'
import { barOf, doneText, percentOf, rateText, totalText } from './amount.ts'
import { OUTCOMES, outcomeWord } from './outcome.ts'
import type { BatchWait, RunningStep, RunProgress } from './run-progress.ts'
import type { Style } from './style.ts'
import { clip, displayWidth, grouped, pad } from './text.ts'
import { took } from './time.ts'
import { leftText } from './time-left.ts'

/** The most lines of running steps and of waits; the others are counted. */
const MOST_ROWS = 6
const BAR = 20
const SHORT_BAR = 10

/** The room of a status area. */
export interface Area {
  readonly width: number
  /** Lines, with that of the whole run. */
  readonly height: number
}

/**
 * The lines below the log of a run: what batches wait for, the running steps, and the run as a whole. None is wider
 * than the area: what does not fit is left out, or cut with a `…`. Pure.
 */
export function statusLines(
  progress: RunProgress,
  startedAt: number,
  now: number,
  { width, height }: Area,
  style: Style,
): readonly string[] {
  const most = Math.max(1, Math.min(MOST_ROWS, height - 2))
  const waits = [...progress.waits.values()].slice(0, most)
  // Those that say how far they are come first.
  const running = [...progress.running.values()].sort((a, b) => rank(a) - rank(b))
  const steps = running.slice(0, most - waits.length)
  const hidden = running.length - steps.length
  return [
    ...waits.map((wait) => waitRow(wait, now, width)),
    ...stepRows(steps, now, width, style),
    ...(hidden > 0 ? [clip(`  … ${grouped(hidden)} more running`, width)] : []),
    wholeRow(progress, startedAt, now, width, style),
  ]
}

const rank = ({ amount, message }: Pick<RunningStep, 'amount' | 'message'>): number =>
  amount !== null ? 0 : message === '' ? 2 : 1

function waitRow({ message, since }: BatchWait, now: number, width: number): string {
  const time = took((now - since) / 1000)
  const text = `  ${message}`
  const room = width - time.length - 2
  return displayWidth(text) > room && room > 20
    ? `${clip(text, room)}  ${time}`
    : clip(`${text}  ${time}`, width)
}

function stepRows(
  steps: readonly RunningStep[],
  now: number,
  width: number,
  style: Style,
): readonly string[] {
  const widest = Math.max(12, ...steps.map(({ name }) => displayWidth(name)))
  const nameWidth = Math.min(widest, 40, Math.max(12, Math.floor(width * 0.4)))
  const times = steps.map(({ since }) => took((now - since) / 1000))
  const timeWidth = Math.max(5, ...times.map(({ length }) => length))
  return steps.map((step, at) => {
    const name = pad(clip(step.name, nameWidth), nameWidth)
    const left = `  ${name}  ${times[at]!.padStart(timeWidth)}`
    if (displayWidth(left) + 2 + step.phase.length > width) return clip(left, width)
    return `${left}  ${detail(step, width - displayWidth(left) - 2, style)}`
  })
}

/** A part of a line: as it is, and in colours. */
interface Part {
  readonly plain: string
  readonly painted: string
}

const plainPart = (plain: string): Part => ({ plain, painted: plain })

/** The phase of a step and how far it is, as much of it as there is room for. */
function detail({ phase, message, amount }: RunningStep, room: number, style: Style): string {
  const column = phase.padEnd('publishing'.length)
  for (const more of amount === null ? [] : amountParts(amount, style)) {
    const line = joined([plainPart(column), ...more])
    if (displayWidth(line.plain) <= room) return line.painted
  }
  return clip(message === '' || message === phase ? phase : `${column}  ${message}`, room)
}

/** The parts of an amount, the longest choice first. */
function amountParts(amount: Amount, style: Style): readonly (readonly Part[])[] {
  const percent = percentOf(amount)
  const rate = plainPart(rateText(amount))
  const done = plainPart(doneText(amount))
  if (percent === null) return [[done, rate], [done]]
  const share = plainPart(`${percent} %`.padStart('99 %'.length))
  const total = plainPart(totalText(amount))
  const bar = (width: number) => barPart(percent / 100, width, style)
  return [
    [bar(BAR), share, total, rate],
    [bar(BAR), share, rate],
    [bar(SHORT_BAR), share, rate],
    [share, rate],
    [share],
  ]
}

function barPart(share: number, width: number, { paint }: Style): Part {
  const [done, rest] = barOf(share, width)
  return { plain: done + rest, painted: paint.green(done) + paint.dim(rest) }
}

function joined(parts: readonly Part[]): Part {
  const some = parts.filter(({ plain }) => plain !== '')
  return {
    plain: some.map(({ plain }) => plain).join('  '),
    painted: some.map(({ painted }) => painted).join('  '),
  }
}

/** `█████░░░░░  12/139 steps  1 min 5 s  about 2–3 min left  11 built · 1 failed`. */
function wholeRow(
  { finished, steps, counts, estimate }: RunProgress,
  startedAt: number,
  now: number,
  width: number,
  style: Style,
): string {
  const all = Math.max(steps, finished)
  const done = plainPart(`${grouped(finished)}/${grouped(all)} steps`)
  const time = plainPart(took((now - startedAt) / 1000))
  const outcomes = OUTCOMES.flatMap((outcome) => {
    const count = counts.get(outcome)
    return count === undefined ? [] : [{ outcome, text: `${grouped(count)} ${outcome}` }]
  })
  const tally = {
    plain: outcomes.map(({ text }) => text).join(' · '),
    painted: outcomes.map(({ outcome, text }) => outcomeWord(outcome, style, text)).join(' · '),
  }
  const passed = estimate === null ? 0 : (now - estimate.at) / 1000
  const until = (seconds: number) => Math.max(0, seconds - passed)
  const left = plainPart(
    estimate === null
      ? ''
      : (leftText(
          { low: until(estimate.left.low), high: until(estimate.left.high) },
          estimate.untimed,
        ) ?? ''),
  )
  const bar = (columns: number) => barPart(all === 0 ? 0 : finished / all, columns, style)
  const choices = [
    [bar(BAR), done, time, left, tally],
    [bar(SHORT_BAR), done, time, left, tally],
    [bar(SHORT_BAR), done, time, left],
    [done, time, left],
    [done, time],
  ]
  for (const choice of choices) {
    const line = joined(choice)
    if (displayWidth(line.plain) <= width) return line.painted
  }
  return clip(done.plain, width)
}
