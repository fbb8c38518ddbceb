import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { dialectsQuery, type Dialect } from '../api/dialect'
import { Code } from './Code'
import { Page } from './Page'

/** What the list of subscriptions shows before there is one: how an application makes one. */
export function FirstSubscription() {
  const query = useQuery(dialectsQuery)
  return (
    <div className="empty">
      <h2>No application has subscribed yet</h2>
      <p>
        An application subscribes to events by REST hooks, in the dialect that it speaks already. Point it at this
        server instead of the vendor&apos;s:
      </p>
      <Page query={query} what="The dialects">
        {(dialects) => <Choice dialects={dialects} />}
      </Page>
    </div>
  )
}

/** The addresses of all dialects, and how to begin in the one that is chosen. */
function Choice({ dialects }: { dialects: Dialect[] }) {
  const [chosen, choose] = useState<string>()
  const dialect = dialects.find(({ name }) => name === chosen) ?? dialects[0]
  return (
    <>
      <fieldset className="addresses">
        <legend className="hidden">Dialect</legend>
        {dialects.map(({ name, title, address }) => (
          <label key={name}>
            <input type="radio" name="dialect" checked={name === dialect?.name} onChange={() => choose(name)} />
            <span>{title}</span>
            <code>{address}</code>
          </label>
        ))}
      </fieldset>
      {dialect && <Beginning of={dialect} />}
    </>
  )
}

function Beginning({ of: { title, token, curl, confirms, signs } }: { of: Dialect }) {
  return (
    <>
      <p>It needs a token of its dialect, which this makes on the machine of the server:</p>
      <Code text={token} label={`A token for ${title}`} />
      <Code text={curl} label={`A first subscription by ${title}, with that token in TOKEN`} />
      {confirms && (
        <p className="quiet">Its endpoint is asked to confirm first; nothing is delivered before it has done so.</p>
      )}
      {signs && <p className="quiet">The answer has the secret that signs its deliveries; it is shown that once.</p>}
    </>
  )
}
