import { Link } from '@tanstack/react-router'
import { useDialects } from './Dialects'
import { shortName, splitName } from '../name'

/** A subscription by its name, which leads to it. */
export const SubscriptionLink = ({ id, name }: { id: string; name: string }) => (
  <Link to="/subscriptions/$id" params={{ id }} title={name} className="name">
    {shortName(name)}
  </Link>
)

/** The name of a webhook; it leads to the subscription where it is the name of one. */
export function WebhookName({ name }: { name: string }) {
  const found = splitName(name, useDialects())
  if (!found) {
    return name
  }
  return (
    <Link to="/subscriptions/$dialect/$externalId" params={found} title={name} className="name">
      {shortName(name)}
    </Link>
  )
}
