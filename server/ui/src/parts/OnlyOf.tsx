import type { Job } from '../api/job'
import { shortName } from '../name'
import type { Filter } from '../list/filter'

type Props = {
  filter: Filter
  /** One of the jobs that the filter finds, which knows the name behind an id. */
  row: Job | undefined
  set: (change: { subscription?: undefined; webhook?: undefined }) => void
}

/** Says whose deliveries alone the list shows, which links ask for and no field does, and takes it back. */
export function OnlyOf({ filter: { subscription, webhook }, row, set }: Props) {
  if (subscription === undefined && webhook === undefined) {
    return null
  }
  const name = webhook ?? (row ? row.webhook : 'one subscription')
  return (
    <div className="only">
      Only of <strong title={name}>{shortName(name)}</strong>
      <button type="button" className="small" onClick={() => set({ subscription: undefined, webhook: undefined })}>
        Of all
      </button>
    </div>
  )
}
