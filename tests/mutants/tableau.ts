import { type Mutant, oneEdit } from './mutant.ts'

const PUBLISH = ['tests/contract/tableau-publish.test.ts']
const REFRESH = ['tests/contract/tableau-refresh.test.ts']
const CLIENT = ['tests/contract/tableau-client.test.ts']
const KIND = ['tests/contract/kinds-extract-publish.test.ts']
const INPUTS = ['tests/unit/execute/inputs-committed.test.ts']

/** Publications and refreshes (SEMANTICS 52). */
export const TABLEAU_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'publishes-equal-rows',
    'equal rows are published once (52a)',
    'connections/tableau/publish.ts',
    [
      'return isUntouched && recorded?.content === content',
      'return isUntouched && content === null',
    ],
    PUBLISH,
  ),
  oneEdit(
    'publishes-over-the-change-of-another',
    'a data source that was replaced is published again (52a)',
    'connections/tableau/publish.ts',
    ['updatedAt === last.updatedAt && hasMark(description, last.mark)', "updatedAt !== ''"],
    PUBLISH,
  ),
  oneEdit(
    'publishes-over-what-others-made',
    'what was not published from here is kept (52a)',
    'connections/tableau/publish.ts',
    ['if (!mayReplace && !isSame', 'if (mayReplace && !isSame'],
    PUBLISH,
  ),
  oneEdit(
    'journal-after-the-publication',
    'the journal names a publication before it is asked for (52c)',
    'connections/tableau/publish.ts',
    ['  await begin(destination, reference)\n  const by', '  const by'],
    PUBLISH,
  ),
  oneEdit(
    'publication-without-its-mark',
    'a publication is recognised by its mark (52c)',
    'connections/tableau/publication-fate.ts',
    ['hasMark(found.value.description, mark)', 'hasMark(found.value.description, mark + mark)'],
    PUBLISH,
  ),
  oneEdit(
    'earlier-publication-not-waited-for',
    'a publication on its way ends before the next one (52c)',
    'connections/tableau/publication-fate.ts',
    [
      'if (reference === null || !isHere) return null',
      'if (reference === null || !isHere || reference.content !== request.content) return null',
    ],
    PUBLISH,
  ),
  oneEdit(
    'earlier-publication-of-other-rows',
    'what was published before is ours only with our rows (52c)',
    'connections/tableau/publication-fate.ts',
    ['const isWanted = reference.content === request.content &&', 'const isWanted ='],
    PUBLISH,
  ),
  oneEdit(
    'finish-code-before-the-end',
    'a job has ended when it says when',
    'connections/tableau/jobs.ts',
    ['if (job?.completedAt != null)', 'if (job !== null)'],
    PUBLISH,
  ),
  oneEdit(
    'publication-of-another-taken-for-ours',
    'what others made after our job ended is not ours (52c)',
    'connections/tableau/publish.ts',
    ['if (isLate || !hasMark(existing.description, mark))', 'if (isLate)'],
    PUBLISH,
  ),
  oneEdit(
    'file-of-another-uploaded',
    'the file that is uploaded is the one that was read (52a)',
    'connections/tableau/upload.ts',
    ['if (tokenOf(await file.stat()) !== token)', 'if (token === null)'],
    PUBLISH,
  ),
  oneEdit(
    'publication-without-a-job-not-waited-for',
    'older rows arrive before newer ones are published (52c)',
    'connections/tableau/publication-fate.ts',
    [
      "const mayBeOnItsWay = running.value === null && which === 'earlier'",
      'const mayBeOnItsWay = false',
    ],
    PUBLISH,
  ),
  oneEdit(
    'refresh-that-was-there-before',
    'a refresh that had ended before is not the one that was asked for (52d)',
    'connections/tableau/refresh.ts',
    [
      'listed.value?.find(({ id }) => !known.includes(id))',
      'listed.value?.find(({ id }) => id + known)',
    ],
    REFRESH,
  ),
  oneEdit(
    'block-sent-again',
    'after an unclear block the upload begins again',
    'connections/tableau/upload.ts',
    ["if (unclear !== null) return ok({ is: 'unclear', message: unclear })", ''],
    PUBLISH,
  ),
  oneEdit(
    'sent-twice',
    'what changes something is sent once (52c)',
    'connections/tableau/client.ts',
    ["answer.got !== 'nothing' && answer.status === 429", "answer.got === 'nothing'"],
    CLIENT,
  ),
  oneEdit(
    'refresh-that-began-too-early',
    'a refresh that runs may have read before our inputs were committed (52d)',
    'connections/tableau/refresh.ts',
    ['if (startedAt === null) return true', 'if (startedAt !== 0) return true'],
    REFRESH,
  ),
  oneEdit(
    'refresh-without-a-margin',
    'the clocks of two machines differ (52d)',
    'connections/tableau/refresh.ts',
    ['const MARGIN = 60_000', 'const MARGIN = 0'],
    REFRESH,
  ),
  oneEdit(
    'refresh-of-older-inputs',
    'a refresh of an earlier run has not read what was committed since (52d)',
    'connections/tableau/refresh.ts',
    ['request.inputs.run <= reference.run', 'request.inputs.run > 0'],
    REFRESH,
  ),
  oneEdit(
    'refresh-of-others-cancelled',
    'only an own refresh is cancelled',
    'connections/tableau/refresh.ts',
    ['isOurs && (await cancelJob(context, job))', '(await cancelJob(context, job))'],
    REFRESH,
  ),
  oneEdit(
    'journal-after-the-refresh',
    'the journal names a refresh before it is asked for (52c)',
    'connections/tableau/refresh.ts',
    ['  await begin(subject, reference)\n  const sent', '  const sent'],
    REFRESH,
  ),
  oneEdit(
    'unnamed-refresh-not-looked-for',
    'a refresh whose answer was lost is looked for (52c)',
    'connections/tableau/refresh.ts',
    [
      'reference.job === null ? await findAsked(subject, reference)',
      'reference.job === null ? ok(null)',
    ],
    REFRESH,
  ),
  oneEdit(
    'inputs-below-views-do-not-count',
    'a refresh reads through views (52d)',
    'execute/batches.ts',
    ['if (world.isVirtual(input)) {', 'if (world.isVirtual(-1)) {'],
    INPUTS,
  ),
  oneEdit(
    'publication-never-looked-at',
    'a data source that is gone makes its extract stale (52b)',
    'kinds/extract/observe.ts',
    ['const counts = sparing &&', 'const counts = true ||'],
    KIND,
  ),
  oneEdit(
    'look-that-counts-for-ever',
    'a job looks once a week (52b)',
    'kinds/extract/observe.ts',
    ['age < LOOK_COUNTS', 'age < Number.POSITIVE_INFINITY'],
    KIND,
  ),
  oneEdit(
    'look-that-found-something-else',
    'a job looks again at what was found to be different (52b)',
    'kinds/extract/observe.ts',
    ['&& !isContradicted', ''],
    KIND,
  ),
  oneEdit(
    'silence-is-as-published',
    'a service that does not answer proves nothing (52b)',
    'kinds/extract/observe.ts',
    ["if (now?.is === 'as_published') {", "if (now?.is === 'as_published' || now === undefined) {"],
    KIND,
  ),
  oneEdit(
    'committed-without-its-publication',
    'an extract is committed when both parts hold the rows (52a)',
    'kinds/extract/publication.ts',
    ["return fail(atKey(asset, published.problem, 'publish'))", 'return ok(product)'],
    KIND,
  ),
]
