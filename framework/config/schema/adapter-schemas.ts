import type { Declaration } from '../../ports/declaration.ts'

/** Imports one declaration. */
export type LoadDeclaration = () => Promise<Declaration>

/** Declarations by the name that YAML uses: the value of `kind:` or `type:`. */
export type DeclarationsByName = Readonly<Record<string, LoadDeclaration>>

/** All kinds and adapters. A declaration is imported only to compile a YAML file that names it. */
export interface Declarations {
  readonly kinds: DeclarationsByName
  readonly warehouses: DeclarationsByName
  readonly connections: DeclarationsByName
  readonly states: DeclarationsByName
}
