import type { Subscription } from '../api/subscription'
import { standingOf } from '../standing'
import { Moment, Sentence, useNow } from './Moment'
import { Status } from './Status'

/** Where a subscription stands, in a word. */
export const StandingStatus = ({ of }: { of: Subscription }) => <Status of={standingOf(of, useNow())} />

/** Why a subscription stands as it does; nothing where all is well. */
export function StandingReason({ of }: { of: Subscription }) {
  const standing = standingOf(of, useNow())
  const { reason, health, expiresAt } = of
  switch (standing) {
    case 'active':
      return null
    case 'expired':
      return (
        <p>
          It expired <Moment at={expiresAt} as="relative" />. Nothing is sent and nothing is held.
        </p>
      )
    case 'pending':
      return (
        <p>
          {reason && <Said text={reason} />} Nothing is sent and nothing is held before its endpoint has confirmed it.
        </p>
      )
    case 'disabled':
      return <p>{reason && <Said text={reason} />} Its events are held until somebody enables it and replays them.</p>
    default:
      return (
        <p>
          <Failures of={of} />
          {standing === 'circuit open' && (
            <>
              {' '}
              Nothing is sent until <Moment at={health.openUntil} as="brief" />{' '}
              <span className="quiet">
                (<Moment at={health.openUntil} as="relative" />)
              </span>
              ; then one delivery goes out as a probe.
            </>
          )}
          {standing === 'probing' && ' One delivery at a time goes out as a probe; a success closes the circuit.'}
        </p>
      )
  }
}

/** A reason of the server, which writes it without a capital or a full stop. */
function Said({ text }: { text: string }) {
  const whole = text.slice(0, 1).toUpperCase() + text.slice(1)
  return <Sentence text={/[.!?]$/.test(whole) ? whole : `${whole}.`} />
}

function Failures({ of: { health } }: { of: Subscription }) {
  const { failures, timeouts, since } = health
  return (
    <>
      {failures === 1 ? 'One attempt' : `${failures} attempts in a row`} failed
      {timeouts > 0 && (timeouts === failures ? ', by time-out' : `, the last ${timeouts} by time-out`)}
      {since && (
        <>
          , since <Moment at={since} as="brief" />{' '}
          <span className="quiet">
            (<Moment at={since} as="relative" />)
          </span>
        </>
      )}
      .
    </>
  )
}
