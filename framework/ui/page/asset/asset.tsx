export function AssetView({ name }: { readonly name: string }) {
  return <p class="note">{name}</p>
}
