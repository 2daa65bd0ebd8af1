export function PlanView() {
  return <p class="note">soon</p>
}
