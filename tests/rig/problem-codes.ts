// Codes of problems that only tests make.
import type {} from '../../framework/model/problem.ts'

declare module '../../framework/model/problem.ts' {
  interface ProblemCodes {
    readonly broken: string
    readonly gone: string
    readonly none: string
    readonly x: string
    readonly 'check-warned': string
    readonly 'input-moved': string
  }
}
