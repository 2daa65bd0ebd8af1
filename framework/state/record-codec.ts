import type { Json } from '../lib/json.ts'
import type { CodePart } from '../model/definition.ts'
import type { Materialization, RecordedInput } from '../model/record.ts'
import type { Shape, Version } from '../model/version.ts'
import { isTime } from './times.ts'

// A record as text. Every command reads the records of all assets, so a record is an array without names:
// half the size and half the time of an object. A new field goes to the end, with a default.

type PartText = readonly [label: string, version: string, file?: string]
type ShapeText = readonly [relation: string | null, columns: string | null]
type UnderText = readonly [name: string, version: Version | null]
type InputText = readonly [
  name: string,
  version: Version | null,
  shape?: ShapeText | null,
  under?: readonly UnderText[],
]
type RecordText = readonly [
  asset: string,
  run: number,
  startedAt: number,
  finishedAt: number,
  codeVersion: string,
  parts: readonly PartText[],
  inputs: readonly InputText[],
  dataVersion: Version | null,
  shape: ShapeText | null,
  installed: string | null,
  rows: number | null,
  bytes: number | null,
  token: string | null,
  source: Json,
  reference: string | null,
  how: Materialization['how'],
  outputs?: readonly string[] | null,
  accumulates?: Materialization['accumulates'] | null,
  because?: Materialization['because'],
]

export function encodeRecord(record: Materialization): string {
  const text: RecordText = [
    record.asset,
    record.run,
    record.startedAt,
    record.finishedAt,
    record.codeVersion,
    record.parts.map(({ label, version, file }) =>
      file === undefined ? [label, version] : [label, version, file],
    ),
    record.inputs.map(inputText),
    record.dataVersion,
    record.shape === null ? null : shapeText(record.shape),
    record.installed,
    record.rows,
    record.bytes,
    record.token,
    record.source,
    record.reference,
    record.how,
    ...lastTexts(record),
  ]
  return JSON.stringify(text)
}

export function decodeRecord(text: string): Materialization {
  const [
    asset,
    run,
    startedAt,
    finishedAt,
    codeVersion,
    parts,
    inputs,
    dataVersion,
    shape,
    installed,
    rows,
    bytes,
    token,
    source,
    reference,
    how,
    outputs,
    accumulates,
    because,
  ] = JSON.parse(text) as RecordText
  if (!isTime(startedAt) || !isTime(finishedAt)) throw new TypeError('its time is not a time')
  return {
    asset,
    run,
    startedAt,
    finishedAt,
    codeVersion,
    parts: parts.map(toPart),
    inputs: inputs.map(toInput),
    dataVersion,
    shape: shape === null ? null : toShape(shape),
    installed,
    rows,
    bytes,
    token,
    source,
    reference,
    how,
    ...(outputs == null ? {} : { outputs }),
    ...(accumulates == null ? {} : { accumulates }),
    ...(because === undefined ? {} : { because }),
  }
}

/** The last fields, which most records of files leave out, and older records all. */
function lastTexts({ outputs, accumulates, because }: Materialization) {
  if (because !== undefined) return [outputs ?? null, accumulates ?? null, because] as const
  if (accumulates !== undefined) return [outputs ?? null, accumulates] as const
  return outputs === undefined ? ([] as const) : ([outputs] as const)
}

function toPart([label, version, file]: PartText): CodePart {
  return file === undefined ? { label, version } : { label, version, file }
}

function toInput([name, version, shape, under]: InputText): RecordedInput {
  return {
    name,
    version,
    shape: shape == null ? null : toShape(shape),
    ...(under === undefined
      ? {}
      : { under: under.map(([shown, seen]) => ({ name: shown, version: seen })) }),
  }
}

function inputText({ name, version, shape, under }: RecordedInput): InputText {
  const encoded = shape === null ? null : shapeText(shape)
  if (under !== undefined)
    return [name, version, encoded, under.map((one) => [one.name, one.version])]
  return encoded === null ? [name, version] : [name, version, encoded]
}

function toShape([relation, columns]: ShapeText): Shape {
  return { relation, columns }
}

function shapeText({ relation, columns }: Shape): ShapeText {
  return [relation, columns]
}
