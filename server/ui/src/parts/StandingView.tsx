import type { Subscription } from '../api/subscription'
import { standingOf, type Standing } from '../standing'
import { Moment, Sentence, useNow } from './Moment'
import { Status } from './Status'

/** Where a subscription stands, in a word. */
export const StandingStatus = ({ of }: { of: Subscription }) => <Status of={standingOf(of, useNow())} />

/** What follows from where a subscription stands, which a list would say again in each row. */
const consequences: Record<Standing, string> = {
  active: '',
  pending: 'Nothing is sent and nothing is held before its endpoint has confirmed it.',
  disabled: 'Its events are held until somebody enables it and replays them.',
  expired: 'Nothing is sent and nothing is held.',
  failing: 'It is tried again by the schedule of its dialect, one delivery at a time.',
  'circuit open': 'Then one delivery goes out as a probe.',
  probing: 'One delivery at a time goes out as a probe; a success closes the circuit.',
}

type Props = { of: Subscription; brief?: boolean }

/** Why a subscription stands as it does; nothing where all is well. */
export function StandingReason({ of, brief = false }: Props) {
  const standing = standingOf(of, useNow())
  if (standing === 'active') {
    return null
  }
  return (
    <p>
      <Why of={of} standing={standing} /> {!brief && consequences[standing]}
    </p>
  )
}

function Why({ of, standing }: { of: Subscription; standing: Standing }) {
  switch (standing) {
    case 'expired':
      return (
        <>
          It expired <Moment at={of.expiresAt} as="relative" />.
        </>
      )
    case 'pending':
      return <Said text={of.reason ?? 'its endpoint has not confirmed it'} />
    case 'disabled':
      return <Said text={of.reason ?? 'it is disabled'} />
    case 'circuit open':
      return (
        <>
          <Failures of={of} /> Nothing is sent until <Moment at={of.health.openUntil} as="brief" />{' '}
          <span className="quiet">
            (<Moment at={of.health.openUntil} as="relative" />)
          </span>
          .
        </>
      )
    default:
      return <Failures of={of} />
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
