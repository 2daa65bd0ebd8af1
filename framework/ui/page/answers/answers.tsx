export function Answers() {
  return <p class="note">soon</p>
}
