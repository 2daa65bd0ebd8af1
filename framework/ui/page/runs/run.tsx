export function RunView({ run }: { readonly run: number }) {
  return <p class="note">run {run}</p>
}
