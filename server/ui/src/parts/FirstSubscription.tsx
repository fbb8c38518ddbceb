import { dialects } from '../dialect'
import { Code } from './Code'

/** What the list of subscriptions shows before there is one: how an application makes one. */
export function FirstSubscription() {
  const draft = { event: 'submission.submitted', target_url: 'https://example.com/hook' }
  const curl = [
    `curl ${location.origin}/api/v1/hooks \\`,
    `  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify(draft)}'`,
  ].join('\n')
  return (
    <div className="empty">
      <h2>No application has subscribed yet</h2>
      <p>
        An application subscribes to events by REST hooks, in the dialect that it speaks already. Point it at this
        server instead of the vendor's:
      </p>
      <dl className="addresses">
        {dialects.map(({ name, title, address }) => (
          <div key={name}>
            <dt>{title}</dt>
            <dd>
              <code>{location.origin + address}</code>
            </dd>
          </div>
        ))}
      </dl>
      <p>It needs a token of its dialect, which this makes on the machine of the server:</p>
      <Code text={'hooktree token create --dialect standard --owner integrations'} label="A token" />
      <Code text={curl} label="A first subscription, by the standard dialect" />
      <p className="quiet">
        The answer has the secret that signs its deliveries. GET /api/v1/hooks/events lists what can be subscribed to.
      </p>
    </div>
  )
}
