import type { ZodRawShape } from 'zod'

/**
 * The YAML keys of one kind of asset, or the settings of one adapter, besides the common ones. It
 * validates and documents; `config/` reads it only when the YAML changed. Each adapter's folder
 * exports one as `declaration` from `declaration.ts`.
 */
export interface Declaration {
  readonly fields: ZodRawShape
}
