import type { Owner } from '../api/subscription'

/** Whose token made a subscription; the number or the email where there is no name. */
export const OwnerName = ({ of: { id, name, email } }: { of: Owner }) => (
  <span title={[id && `number ${id}`, email].filter(Boolean).join(' · ') || undefined}>
    {name ?? email ?? (id ? `number ${id}` : <span className="quiet">–</span>)}
  </span>
)
