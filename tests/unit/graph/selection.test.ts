import { describe, expect, test } from 'vitest'
import { needsDbt, needsState } from '../../../framework/graph/selection/needs.ts'
import { parseSelection } from '../../../framework/graph/selection/parse.ts'
import { ASSETS, GRAPH, names, problems, run } from './selecting.ts'

describe("dbt's grammar", () => {
  test.each([
    ['fact_payment', 'fact_payment'],
    ['stg_film stg_payment', 'stg_film stg_payment'],
    ['+fact_payment', 'raw_film raw_payment stg_film stg_payment fact_payment'],
    ['1+fact_payment', 'stg_film stg_payment fact_payment'],
    ['0+fact_payment', 'fact_payment'],
    ['stg_payment+', 'stg_payment fact_payment revenue extract_revenue'],
    ['stg_payment+1', 'stg_payment fact_payment'],
    ['1+fact_payment+1', 'stg_film stg_payment fact_payment revenue'],
    [
      '@stg_payment',
      'raw_film raw_payment stg_film stg_payment fact_payment revenue extract_revenue',
    ],
    ['@raw_film,group:raw', 'raw_film raw_payment'],
    ['stg_*', 'stg_film stg_payment'],
    ['?tg_[a-f]ilm', 'stg_film'],
    ['stg_[!f]*', 'stg_payment'],
    ['+revenue,raw_*', 'raw_film raw_payment'],
    ['kind:dbt,+fact_payment stg_film', 'stg_film stg_payment fact_payment'],
    ['unique_fact', 'unique_fact'],
    ['+unique_fact,kind:airbyte', 'raw_film raw_payment'],
    ['"fact_payment"', 'fact_payment'],
  ])('%s', (text, expected) => {
    expect(names(text)).toBe(expected)
  })

  test('* is every asset and no check', () => {
    expect(names('*')).toBe(ASSETS.map(({ name }) => name).join(' '))
    expect(names([])).toBe(names('*'))
  })

  test('several texts are a union, and exclude is applied last', () => {
    expect(names(['stg_film', 'raw_* and not raw_film'])).toBe('raw_payment stg_film')
    expect(names('+fact_payment', 'raw_film+ raw_payment')).toBe('stg_payment')
  })
})

describe("Dagster's grammar", () => {
  test.each([
    ['key:"stg_*" and not key:stg_film', 'stg_payment'],
    ['not kind:dbt', 'raw_film raw_payment extract_revenue'],
    ['not raw_film and group:raw or revenue', 'raw_payment revenue'],
    ['group:raw AND NOT (raw_film OR revenue)', 'raw_payment'],
    ['2+(revenue or stg_film)', 'raw_film stg_film stg_payment fact_payment revenue'],
    ['(raw_payment)+1', 'raw_payment stg_payment'],
    ['1 + (key: "revenue") + 1', 'fact_payment revenue extract_revenue'],
    ['sinks(*)', 'dim_film.v2 extract_revenue'],
    ['roots(+fact_payment)', 'raw_film raw_payment'],
    ['sinks(raw_film or fact_payment)', 'fact_payment'],
    ['roots(raw_film or extract_revenue)', 'raw_film'],
    ['tag:"tier"="gold" or tag:"tier" = "silver"', 'raw_payment fact_payment'],
    ['group:<null> and not kind:extract', 'fact_payment dim_film.v2 revenue'],
    ['owner:<null> and group:staging', 'stg_film'],
    ['@stg_film and kind:airbyte', 'raw_film raw_payment'],
    ['(revenue)', 'revenue'],
    ['not *', ''],
    ['resource_type:test and not film_known', 'unique_fact'],
    ['not film_known and resource_type:test', 'unique_fact'],
    ['not kind:dbt and not raw_film', 'raw_payment extract_revenue'],
  ])('%s', (text, expected) => {
    expect(names(text)).toBe(expected)
  })
})

describe('methods', () => {
  test.each([
    ['key:fact_payment', 'fact_payment'],
    ['tag:tier', 'raw_payment stg_payment fact_payment'],
    ['tag:tier=gold', 'raw_payment'],
    ['tag:t*=s*', 'fact_payment'],
    ['tag:tier=bronze', 'stg_payment'],
    ['tag:pii', 'stg_payment'],
    ['kind:[ae]*', 'raw_film raw_payment extract_revenue'],
    ['group:staging', 'stg_film stg_payment'],
    ['owner:@finance', 'fact_payment'],
    ['owner:*@example.com', 'stg_payment fact_payment'],
    ['path:assets/out', 'extract_revenue'],
    ['path:assets/*.yaml,kind:extract', ''],
    ['path:assets/**/*.yaml,kind:extract', 'extract_revenue'],
    ['path:models/marts/', 'fact_payment dim_film.v2'],
    ['models/marts', 'fact_payment dim_film.v2'],
    ['dbt/models/marts', 'fact_payment dim_film.v2'],
    ['path:./models/marts/fact_payment.sql', 'fact_payment'],
    ['path:models/./marts//fact_payment.sql', 'fact_payment'],
    ['path:./assets/out/./extracts.yaml', 'extract_revenue'],
    ['path:.', [...ASSETS.map(({ name }) => name), 'film_known'].join(' ')],
    [
      'path:models/[!x]*/*',
      'raw_payment stg_film stg_payment fact_payment dim_film.v2 revenue film_known',
    ],
    ['path:dbt/models/staging/schema.yml', 'raw_payment stg_film stg_payment'],
    ['path:models/tests/film_known.sql', 'film_known'],
    ['file:fact_payment.sql', 'fact_payment'],
    ['FACT_PAYMENT.SQL fact_payment', null],
    ['file:film_known', 'film_known'],
    ['file:schema.yml', ''],
    ['fact_payment.sql', 'fact_payment'],
    ['file:extracts', 'extract_revenue'],
    ['fqn:marts', 'fact_payment dim_film.v2'],
    ['fqn:staging', 'stg_film stg_payment'],
    ['fqn:payment', ''],
    ['fqn:stg_*', 'stg_film stg_payment'],
    ['fqn:dim*', 'dim_film.v2'],
    ['fqn:elsewhere.dim_film.v2', 'dim_film.v2'],
    ['fqn:unique_fact', 'unique_fact'],
    ['marts', 'fact_payment dim_film.v2'],
    ['rental.marts.*', 'fact_payment dim_film.v2'],
    ['dim_film', 'dim_film.v2'],
    ['fqn:dim_film_v2', 'dim_film.v2'],
    ['package:other', 'stg_payment'],
    ['package:this', 'raw_film raw_payment stg_film fact_payment dim_film.v2 revenue'],
    ['config.incremental_strategy:delete+insert', 'revenue'],
    ['1+config.incremental_strategy:delete+insert', 'fact_payment revenue'],
    ['config.incremental_strategy:delete+insert+', 'revenue extract_revenue'],
    ['config.incremental_strategy:delete+insert+0,revenue', 'revenue'],
    ['config.incremental_strategy:delete+insert and not stg_film', 'revenue'],
    ['config.meta.range:[0-9]', 'revenue'],
    ['config.meta.on:True', ''],
    ['tag:a+b', 'stg_payment'],
    ['tag:a+b+1', 'stg_payment fact_payment'],
    ['tag:1+1+1', 'stg_payment fact_payment'],
    ['"models/a+b/revenue.sql"', 'revenue'],
    ['models/a+b/revenue.sql+1', 'revenue extract_revenue'],
    ['1+models/a+b', 'fact_payment revenue'],
    ['a+b.sql', null],
    ['tag:"tier=bronze"', 'stg_payment'],
    ['tag:critical', 'unique_fact'],
    ['tag:[z-a]', ''],
    ['config.materialized:view', 'stg_film'],
    [
      'config.meta.owner:ann,config.enabled:TRUE',
      'raw_payment stg_payment fact_payment unique_fact',
    ],
    ['config.tags:y', 'dim_film.v2'],
    ['config.severity:warn', 'dim_film.v2 film_known'],
    ['config.sync:full_refresh', 'raw_film'],
    ['resource_type:source', 'raw_film raw_payment'],
    ['resource_type:test', 'unique_fact film_known'],
    ['source:dvd', 'raw_payment'],
    ['source:dvd.pay*', 'raw_payment'],
    ['source:rental.dvd.payment', 'raw_payment'],
    ['source:*.payment', 'raw_payment'],
    ['source:rental.payment', ''],
    ['source:rental*', ''],
    ['source:copy.film', 'raw_film'],
    ['source:mirror.film', 'raw_film'],
    ['+exposure:weekly,group:raw', 'raw_film raw_payment'],
    ['metric:rental.income', 'fact_payment'],
    ['exposure:weekly', 'fact_payment revenue'],
    ['weekly', 'fact_payment revenue'],
    ['exposure:*.weekly', 'fact_payment revenue'],
    ['exposure:rental.*.weekly', null],
    ['semantic_model:payments', 'fact_payment'],
    ['access:public', 'fact_payment'],
    ['version:latest', 'dim_film.v2'],
    ['test_name:uni*', 'unique_fact'],
    ['test_name:film_known', ''],
    ['test_type:singular', 'film_known'],
    ['test_type:data', 'unique_fact film_known'],
    ['test_type:schema', 'unique_fact'],
    ['table_name:fact_payment', 'fact_payment'],
    ['state:stale', 'raw_film raw_payment stg_film revenue'.replace('raw_film ', '')],
    ['state:pending', 'stg_payment'],
    ['state:source', 'raw_payment'],
    ['state:new', 'revenue'],
    ['state:modified', 'stg_film revenue'],
    ['state:modified.macros', 'stg_film'],
    ['state:unmodified,group:staging', 'stg_payment'],
    ['status:fresh,group:raw', 'raw_film'],
    ['result:success', 'raw_payment'],
    ['result:error', 'stg_film'],
    ['result:fail', 'unique_fact'],
    ['source_status:fresher+1', 'raw_payment stg_payment'],
    ['selector:good', 'raw_payment stg_payment fact_payment'],
    ['selector:[gi]*', 'raw_payment stg_payment fact_payment'],
    ['selector:nothing*', ''],
    ['1+selector:board', 'revenue'],
    ['selector:board', 'fact_payment revenue'],
    ['+selector:inner,kind:airbyte', 'raw_film raw_payment'],
  ])('%s', (text, expected) => {
    if (expected === null) expect(run(text).ok).toBe(false)
    else expect(names(text)).toBe(expected)
  })

  test.each([
    ['0+exposure:weekly', ''],
    ['1+exposure:weekly', 'revenue'],
    ['2+exposure:weekly', 'fact_payment revenue'],
    ['3+exposure:weekly', 'stg_film stg_payment fact_payment revenue'],
    ['1+weekly', 'revenue'],
    ['exposure:weekly+', ''],
    ['1+metric:income', ''],
    ['2+metric:income', 'fact_payment'],
    ['1+semantic_model:payments', 'fact_payment'],
    ['1+tag:published', 'revenue'],
    ['tag:published', ''],
    ['2+group:finance', 'fact_payment'],
    ['1+resource_type:exposure', 'revenue'],
    ['1+path:models/reporting', 'fact_payment revenue'],
    ['1+file:readers', 'fact_payment revenue'],
    ['1+fqn:reporting.weekly', 'revenue'],
    ['1+(exposure:weekly or stg_film)', 'raw_film stg_film revenue'],
    ['@exposure:weekly,group:raw', 'raw_film raw_payment'],
    ['exposure:weekly,fact_payment', 'fact_payment'],
    ['not exposure:weekly and group:staging', 'stg_film stg_payment'],
  ])('%s counts levels from what dbt calls a node', (text, expected) => {
    expect(names(text)).toBe(expected)
  })

  test.each([
    ['a folder selects no checks of its models', 'models/tests', 'film_known'],
    ['a package selects no checks', 'package:rental,resource_type:test', ''],
    ['a walk starts from them', '1+fqn:tests', 'stg_film fact_payment'],
    ['@ reaches what the checks below read', '@dim_film.v2,group:raw', 'raw_film raw_payment'],
  ])('%s', (_, text, expected) => {
    expect(names(text)).toBe(expected)
  })

  test('facts of dbt are needed by its methods, and by names and patterns that no asset has', () => {
    const needs = (text: string) => {
      const parsed = parseSelection(text)
      return parsed.ok && needsDbt(parsed.value, { deep: 'tag:x', wide: 'revenue' }, GRAPH)
    }
    expect(['revenue', 'stg_*', '+revenue+', 'key:x', 'selector:w*'].filter(needs)).toEqual([])
    const needing = ['weekly', 'rental.m*', 'models/marts', '@revenue', 'tag:x', 'selector:*']
    expect(needing.filter(needs)).toEqual(needing)
  })

  test('only methods that compare state need it, also inside selectors', () => {
    const needs = (text: string) => {
      const parsed = parseSelection(text)
      return (
        parsed.ok &&
        needsState(parsed.value, { deep: 'a not_used,state:new', deeper: 'x selector:deep' })
      )
    }
    expect(needs('+fact_payment kind:dbt')).toBe(false)
    expect(needs('kind:dbt and not (a or state:stale)')).toBe(true)
    expect(needs('selector:deeper')).toBe(true)
    expect(needs('selector:unknown')).toBe(false)
  })
})

describe('selections that match nothing', () => {
  test('an unknown name is a problem with a suggestion', () => {
    expect(problems('stg_film +fact_paymnt')).toEqual([
      {
        code: 'unknown-asset',
        message: 'no asset is named fact_paymnt',
        at: { file: '<selection>', line: 1, column: 11, endLine: 1, endColumn: 22 },
        detail: 'stg_film +fact_paymnt\n          ^^^^^^^^^^^',
        hint: 'did you mean fact_payment?',
        mistake: true,
        absent: 'fact_paymnt',
      },
    ])
  })

  test('every unknown name is reported, in exclude too', () => {
    expect(problems('nowhere1 nowhere2')).toHaveLength(2)
    expect(run('*', 'fact_paymnt').ok).toBe(false)
  })

  test.each([
    ['tag:nightyl', 'tag:nightyl matches nothing'],
    ['tag:tier=copper', 'tag:tier=copper matches nothing'],
    ['zzz_*', 'zzz_* matches nothing'],
    ['models/nowhere', 'models/nowhere matches nothing'],
    ['key:nowhere', 'key:nowhere matches nothing'],
    ['stg_film,stg_payment', 'the selection matches no assets'],
  ])('%s is empty with a warning', (text, warning) => {
    expect(run(text)).toMatchObject({ ok: true, value: [], warned: [warning] })
  })

  test.each([
    ['group:stagng', 'did you mean group:staging?'],
    ['kind:extrct', 'did you mean kind:extract?'],
    ['group:zzz', 'there are group:raw, group:staging'],
    ['path:assets/airbite.yaml', 'did you mean path:assets/airbyte.yaml?'],
    ['group:raw and group:staging', null],
    ['path:extracts.yaml', 'did you mean path:assets/out/extracts.yaml?'],
    ['path:fact_payment.sql', 'did you mean path:dbt/models/marts/fact_payment.sql?'],
    [
      'path:schema.yml',
      `did you mean ${['marts', 'reports', 'staging', 'tests'].map((folder) => `path:dbt/models/${folder}/schema.yml`).join(' or ')}?`,
    ],
    ['path:assets/extrct.yaml', 'did you mean path:assets/out/extracts.yaml?'],
    ['path:assets/zzz.yaml', null],
    ['file:assets/out/extracts.yaml', 'did you mean file:extracts.yaml?'],
  ])('of %s the values that there are are said', (text, hint) => {
    expect(run(text)).toMatchObject({ ok: true, value: [], hints: [hint] })
  })

  test('selectors: an unknown one, a cycle, and a problem inside one', () => {
    expect(problems('selector:film').map(({ message, hint }) => [message, hint])).toEqual([
      ['no selector is named film', 'did you mean films?'],
    ])
    expect(problems('selector:loop')[0]?.message).toBe(
      'selector loop refers to itself: loop → pool → loop',
    )
    expect(problems('selector:films')[0]?.message).toBe(
      'no asset is named not_there (in selector films)',
    )
    expect(problems('selector:broken')[0]?.code).toBe('selection-syntax')
  })
})

test('a syntax error is shown with carets below it', async () => {
  const long = `${'x '.repeat(60)}++ ${'y '.repeat(60)}`
  const invalid = [
    '',
    '   ',
    '""',
    '++',
    '+',
    'a +',
    'a++',
    '++a',
    'a+text',
    'a+1b',
    'a+"b"',
    '@+a',
    '@a+',
    '@@a',
    '@',
    ',a',
    'a,',
    'a,,b',
    'a, b',
    'a"b',
    'a:',
    'tag: x',
    'tag:+x',
    'tag:',
    'tag:foo=',
    'tag:foo= bar',
    'tag:"foo"=',
    'tag:foo= and x',
    'tag:foo==bar',
    'tag:foo:',
    'group:foo=',
    'tag=foo',
    'config.materialized=view',
    'key:<x>',
    'key:<asset name>',
    '+<name>',
    'tag:<key>=<value>',
    'group:<NULL>',
    'key:<null>',
    '<null>',
    "key:'x'",
    "key:'a b'",
    'tag:“x”',
    'tag:a++',
    'tag:"a"+"b"',
    'tag:""',
    'config.:x',
    'config.meta..owner:x',
    'source:dvd.',
    'source:a.b.c.d',
    'exposure:a.b.c',
    'metric:.x',
    'access:publik',
    'resource_type:models',
    'test_type:uniq',
    'result:sucess',
    '@0+a',
    'tagg:x',
    'state:stael',
    'version:newest',
    'kind.dbt:x',
    'config:table',
    'column:amount',
    '(a',
    'a)',
    '()',
    'a b and c',
    'a, b and c',
    'a and',
    'and a',
    'not',
    'a or or b',
    'sink(a)',
    'foo(a)',
    'sinks()',
    'a=b,',
    long,
    '('.repeat(300),
    'not '.repeat(300),
  ]
  const shown = invalid.map((text) => {
    const [problem, ...more] = problems(text)
    expect(more).toEqual([])
    return [`${problem?.code}: ${problem?.message}`, problem?.detail, problem?.hint ?? '-', '']
  })
  await expect(shown.flat().join('\n')).toMatchFileSnapshot('../../golden/selection-refused.txt')
})
