import { Link } from '@tanstack/react-router'
import type { Event, Verdict } from '../api/event'
import { SeenTable } from './Seen'
import { Status } from './Status'
import { Title } from './Tree'

/** What became of each webhook for one event. The one whose job is looked at stands out. */
export function Verdicts({ event, webhook }: { event: Event; webhook?: string }) {
  if (event.verdicts.length === 0) {
    return <p className="quiet">No webhook is for events like this one, so none was asked.</p>
  }
  return (
    <ul className="verdicts">
      {event.verdicts.map((verdict, index) => (
        <li key={index} aria-current={verdict.webhook === webhook || undefined}>
          <VerdictView verdict={verdict} event={event} linked={webhook !== verdict.webhook} />
        </li>
      ))}
    </ul>
  )
}

function VerdictView({ verdict, event, linked }: { verdict: Verdict; event: Event; linked: boolean }) {
  const job = event.jobs.find((each) => each.webhook === verdict.webhook)
  return (
    <>
      <div className="verdict-head">
        <Status of={verdict.outcome} />
        <strong>{verdict.webhook}</strong>
        {verdict.target && verdict.target !== verdict.webhook && <Title title={verdict.target} />}
        {linked && job && (
          <Link to="/jobs/$id" params={{ id: job.id }}>
            its job
          </Link>
        )}
      </div>
      <p>{verdict.reason}</p>
      {verdict.filter && verdict.seen && (
        <SeenTable seen={verdict.seen} label={`What the filter of ${verdict.webhook} saw`} />
      )}
    </>
  )
}
