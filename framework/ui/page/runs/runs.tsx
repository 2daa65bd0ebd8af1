export function RunsView() {
  return <p class="note">soon</p>
}
