import fc from 'fast-check'
import { test } from 'vitest'
import { stories } from './arbitrary.ts'
import { play } from './history.ts'

// The laws, broken on purpose, one at a time, and what told of it: R a random history (of 1,000), S the
// named one in semantics-of-*.test.ts. Each was tried by hand.
//
//  1 a view counts at the content of its record, whatever is below it      S 3, 7
//  2 no begin in the journal before the outside is touched                 R, S 10
//  3 dependents are released before the commit                             R, S 7
//  4 an input that changed is no reason                                    R, S 2, 3, 5 …
//  5 unknown equals unknown                                                S 1
//  6 a view that is not fresh is keyed all the same                        R
//  7 nothing is looked at again after a call                               S 1, 16
//  8 a failed check holds nobody up                                        S 17
//  9 an increment goes on top of whatever is there                         R, S 10
// 10 a first build that was cut off is continued under other code          S 10
// 11 the rest of a unit stays outside the run                              R, S 11
// 12 drift is adopted before the inputs are settled                        S 13
// 13 a stale view outside the run counts at its record                     S 7
// 14 the warehouse's proof of quiet is kept whatever was found             R
// 15 a table that is gone is not missed                                    R, S 9, 10
// 16 what was observed is not recorded                                     R, S 9
// 17 a check runs on what is stale and left out                            R, S 17
// 18 a view is not written anew for other relations and columns            R, S 4
// 19 a step that was begun and not committed is trusted                    R
// 20 what failed stops nobody                                              R
// 21 what may have to be built is built                                    R, S 3
// 22 a key of code and inputs stands for what comes out of a source        R
// 23 --force is forgotten when an earlier build is there                   R, S 15
// 24 other code is no reason                                               R, S 2, 3 …
// 25 a check that was to hold nothing back holds back                      R, limits.test.ts
// 26 what is always new is as it was                                       R, S 21
// 27 a change token that moved is no drift                                 R
// 28 a check that holds nothing back is called beside what is below it     R, limits.test.ts
// 29 all change tokens are equal                                           R, S 9
// 30 pools are not kept                                                    schedule.test.ts

const histories = Number(process.env.ASSETS_HISTORIES ?? 1_000)
const seed = Number(process.env.ASSETS_SEED ?? 4)

test(`${histories} random histories go as the reference says`, async () => {
  await fc.assert(fc.asyncProperty(stories, play), { seed, numRuns: histories })
}, 600_000)
