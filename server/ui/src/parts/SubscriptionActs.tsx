import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { replayable, type Choice, type Progress, type Replayable } from '../api/replay'
import { useMay } from '../api/session'
import {
  deleteSubscription,
  disableSubscription,
  enableSubscription,
  subscriptionQuery,
  verifySubscription,
  type Subscription,
} from '../api/subscription'
import { shortName } from '../name'
import { Act } from './Act'
import { Endpoint } from './Endpoint'
import { MomentField } from './Filters'
import { Replay } from './Replay'
import { Status } from './Status'

type Props = { subscription: Subscription }
type ReplayProps = Props & { done: (progress: Progress) => void }

/** What an operator may do to a subscription as it stands. */
export function SubscriptionActs({ subscription, done }: ReplayProps) {
  if (!useMay('operator')) {
    return null
  }
  const { status } = subscription
  return (
    <div className="acts">
      {status === 'disabled' && <Enable subscription={subscription} />}
      {status === 'pending' && <Verify subscription={subscription} />}
      {status === 'active' && <ReplayRange subscription={subscription} done={done} />}
      {status !== 'disabled' && <Disable subscription={subscription} />}
      <Delete subscription={subscription} />
    </div>
  )
}

/** Asks for the subscription anew after a deed: the answer to it has no count of what is held. */
function useAfter({ id }: Subscription) {
  const client = useQueryClient()
  return async (deed: Promise<unknown>) => {
    await deed
    await client.invalidateQueries({ queryKey: subscriptionQuery(id).queryKey })
  }
}

function Enable({ subscription }: Props) {
  const after = useAfter(subscription)
  const { id, url, name, held = 0 } = subscription
  return (
    <Act
      label="Enable"
      title={`Enable ${shortName(name)}?`}
      confirm="Enable"
      tone="main"
      note="optional"
      act={(note) => after(enableSubscription(id, note))}
    >
      <p>
        Events go to <Endpoint url={url} /> again from now on, with a clean record.
      </p>
      {held > 0 && <p>What was held meanwhile stays held until you replay it: that is asked for next.</p>}
    </Act>
  )
}

function Disable({ subscription }: Props) {
  const after = useAfter(subscription)
  const { id, name, url } = subscription
  return (
    <Act
      label="Disable"
      title={`Disable ${shortName(name)}?`}
      confirm="Disable"
      note="optional"
      act={(note) => after(disableSubscription(id, note))}
    >
      <p>
        Nothing further is sent to <Endpoint url={url} />. Its events are held, and can be replayed once it is enabled
        again; by you, or by its application. A delivery that is on its way at this moment may still arrive.
      </p>
    </Act>
  )
}

function Verify({ subscription }: Props) {
  const after = useAfter(subscription)
  const { id, name, url } = subscription
  return (
    <Act
      label="Verify"
      title={`Ask the endpoint of ${shortName(name)} to confirm?`}
      confirm="Ask it"
      tone="main"
      note="none"
      act={() => after(verifySubscription(id))}
    >
      <p>
        <Endpoint url={url} /> is asked once more for its confirmation, which may take half a minute. With it, the
        subscription gets its events from then on.
      </p>
    </Act>
  )
}

function Delete({ subscription }: Props) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const { id, name, url, held = 0 } = subscription
  const act = async () => {
    await deleteSubscription(id)
    await navigate({ to: '/subscriptions' })
    client.removeQueries({ queryKey: subscriptionQuery(id).queryKey })
  }
  return (
    <Act label="Delete" title={`Delete ${shortName(name)}?`} confirm="Delete" tone="danger" note="none" act={act}>
      <p>
        <Endpoint url={url} /> gets nothing any more.
      </p>
      <p>
        This can&apos;t be undone: its application is not told, and has to subscribe again. To stop deliveries for a
        while, disable it.
      </p>
      {held > 0 && <p>What is held for it can&apos;t be sent any more.</p>}
    </Act>
  )
}

/** Sends what was held, all of it. */
export function ReplayHeld({ subscription: { id, name }, done }: ReplayProps) {
  if (!useMay('operator')) {
    return null
  }
  return (
    <Replay
      label="Replay what was held…"
      title={`Replay what was held for ${shortName(name)}?`}
      tone="main"
      choice={{ status: ['Held'], subscription: id }}
      done={done}
    >
      <Resent />
    </Replay>
  )
}

/** Sends what was held or failed in a stretch of time. */
function ReplayRange({ subscription: { id, name }, done }: ReplayProps) {
  const [status, setStatus] = useState<Replayable[]>(['Held', 'Failed'])
  const [from, setFrom] = useState<string>()
  const [to, setTo] = useState<string>()
  const choice: Choice = { status, subscription: id, ...(from ? { from } : {}), ...(to ? { to } : {}) }
  const toggle = (each: Replayable) => {
    const chosen = replayable.filter((one) => (one === each ? !status.includes(one) : status.includes(one)))
    setStatus(chosen.length > 0 ? chosen : status)
  }
  return (
    <Replay label="Replay…" title={`Replay deliveries of ${shortName(name)}?`} choice={choice} done={done}>
      <Resent />
      <fieldset className="chips">
        <legend className="hidden">Which</legend>
        {replayable.map((each) => (
          <label key={each} className="chip">
            <input type="checkbox" checked={status.includes(each)} onChange={() => toggle(each)} />
            <Status of={each} />
          </label>
        ))}
      </fieldset>
      <div className="range">
        <MomentField label="Made from" value={from} set={setFrom} />
        <MomentField label="Made before" value={to} set={setTo} />
      </div>
    </Replay>
  )
}

const Resent = () => (
  <p>
    Each is sent once more, the oldest first, under the webhook id that it had: an endpoint that knows it already can
    tell.
  </p>
)
