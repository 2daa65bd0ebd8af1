import type { ZodRawShape } from 'zod'

/**
 * The YAML keys of one kind of asset, or the settings of one adapter. They validate and document the
 * YAML, so `config/` imports them only when a YAML file changed. Each adapter's folder exports one as
 * `declaration` from `declaration.ts`.
 */
export interface Declaration {
  /** The keys besides the common ones. */
  readonly fields: ZodRawShape
  /** For a kind: common keys that have no effect on its assets. An asset that sets one is refused. */
  readonly without?: {
    readonly keys: readonly string[]
    /** Shown in the problem, after a colon: `assets does not build it`. */
    readonly because: string
  }
}
