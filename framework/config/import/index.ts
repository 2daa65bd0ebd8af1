export { completeAssets, declareModels } from './declare-models.ts'
export { importedAsset } from './imported-asset.ts'
export { IMPORT_MARK, syncAssets } from './sync-assets.ts'
