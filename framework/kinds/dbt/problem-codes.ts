/** The problems of this kind: what each means, and what to do. `PROBLEMS.md` is generated from this. */
export const problemCodes = {
  'ambiguous-model':
    'Several dbt nodes have the name that an asset asks for. Set `model:` to the unique_id of one of them.',
  cancelled: "Ctrl-C stopped the creation of dbt's Python environment. Run the command again.",
  'check-failed':
    'A dbt test found failing rows, or a unit test got rows that it does not expect. Run the query of the test to see the rows, and correct the model or its inputs.',
  'dbt-comments':
    'dbt could not write the descriptions of an asset into the comments of its table or view. The data is fresh. Correct the description or `persist_docs`, or grant the right to change comments, and run the command again.',
  'dbt-died':
    'The Python process that runs dbt ended unexpectedly, often because the machine ran out of memory. Run the command again; it continues with what is not built.',
  'dbt-failed':
    'dbt could not build or test a node: its SQL or its Jinja failed. Correct the file at the location that is shown, and materialize the asset again.',
  'dbt-hook':
    'An on-run-start or on-run-end hook of the dbt project failed. Correct the hook in dbt_project.yml.',
  'dbt-left-out':
    'dbt finished without a result for a step. Run the command again, and report it as a bug if that does not help.',
  'dbt-missing':
    'The Python environment in ASSETS_PYTHON_ENV or `dbt.python` lacks dbt-core or the adapter of the warehouse. Install it there, or name another environment.',
  'dbt-not-configured':
    'The project has assets of kind dbt but no dbt project. Add `dbt: {project_dir: …}` to assets.yaml.',
  'dbt-not-asked':
    "The warehouse of the target is where dbt's profile leads. Only dbt can tell, and its Python environment does not exist yet. `assets materialize` creates it.",
  'dbt-older-duckdb':
    'The DuckDB in the environment that runs dbt is too old to read a DuckDB file, such as the one of the warehouse. Install a newer duckdb there, or set `dbt.python: own`.',
  'dbt-other-warehouse':
    "dbt's profile leads to another warehouse than `warehouse:` of the target, so dbt would build where nobody looks. Make the two equal, or remove `warehouse:`: the target then has that of the profile.",
  'dbt-profile':
    "dbt can't use its profile, or the profile has no output for the target. The output is `dbt.target`, else the one with the name of the target, else the profile's default. Correct profiles.yml, or set `dbt.target` or `dbt.profile` in assets.yaml.",
  'dbt-profiles-missing':
    'There is no profiles.yml, which says to which warehouse dbt connects. dbt looks for it in DBT_PROFILES_DIR, else in the folder of dbt_project.yml, else in `~/.dbt`. Write the lines that are shown.',
  'dbt-project':
    "dbt can't parse or run its project. Correct what dbt reports, or install the project's packages with `dbt deps`.",
  'dbt-project-changed':
    'Files of the dbt project changed after the command read them. Run the command again.',
  'dbt-packages':
    "The packages that the dbt project names can't be installed. Correct what dbt reports, or install them with `dbt deps`.",
  'dbt-project-missing':
    'The folder in `project_dir:` has no dbt_project.yml. Set it to the folder of the dbt project.',
  'dbt-version':
    'The environment that would run dbt has a version of dbt-core that is not supported. Install a supported one there, name another environment with `dbt.python`, or set `dbt.python: own`.',
  'deps-disagree':
    'The `deps:` of an asset lack something that its dbt model reads. Set them to the list in the hint, or correct the model. They may have more than dbt knows of.',
  'disabled-model': 'The dbt model of an asset is disabled. Enable it in dbt or remove the asset.',
  'duplicate-model': 'Two assets have the same dbt model. Remove one of them.',
  'relation-missing':
    'dbt built a model, but its table or view does not exist where it was expected. Let generate_schema_name and generate_alias_name give the same name in every call.',
  'relation-unreadable':
    'dbt built a model, but its result could not be read. Materialize the asset again.',
  'undeclared-file':
    'The SQL of a dbt model reads a file that is not among its `deps:`, so a change of the file would go unseen. Declare the file, for example as an asset of kind external with `path:`, and add it to `deps:`.',
  'source-too-old':
    "dbt's source freshness found that the newest row of a source is older than `warn_after` or `error_after` allows. Load the source, or correct `freshness:` of it in dbt.",
  'undeclared-model':
    'An asset reads a dbt model, or calls a dbt function, that is not an asset. Declare it as an asset of kind dbt.',
  'unknown-model':
    'dbt has no model, seed, snapshot or function for an asset. Create it, or correct the name of the asset or `model:`.',
  'unknown-source':
    "An asset reads a dbt source that is not an asset. Declare one of kind airbyte or external with the source's relation, or of kind external with the `path:` of its `external_location`.",
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}
