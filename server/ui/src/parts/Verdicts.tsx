import { Link } from '@tanstack/react-router'
import type { Event, Verdict } from '../api/event'
import type { Target } from '../api/job'
import { follows } from '../path'
import { Sentence } from './Moment'
import { SeenTable } from './Seen'
import { Status } from './Status'
import { WebhookName } from './SubscriptionLink'
import { TargetView } from './Tree'

/** What became of each webhook for one event. The one whose job is looked at stands out. */
export function Verdicts({ event, webhook }: { event: Event; webhook?: string }) {
  if (event.verdicts.length === 0) {
    return <p className="quiet">No webhook is for events like this one, so none was asked.</p>
  }
  return (
    <ul className="verdicts">
      {ordered(event.verdicts, webhook).map((verdict, index) => (
        <li key={index} aria-current={verdict.webhook === webhook || undefined}>
          <VerdictView verdict={verdict} event={event} linked={webhook !== verdict.webhook} />
        </li>
      ))}
    </ul>
  )
}

/** The one that is looked at first, then the others as they were asked. */
function ordered(verdicts: Verdict[], webhook: string | undefined): Verdict[] {
  return [
    ...verdicts.filter((each) => each.webhook === webhook),
    ...verdicts.filter((each) => each.webhook !== webhook),
  ]
}

/** A verdict names a tree by its title or a URL by itself. */
const targetOf = (target: string): Target => (target.includes(' :: ') ? { tree: target } : { url: target })

function VerdictView({ verdict, event, linked }: { verdict: Verdict; event: Event; linked: boolean }) {
  const job = event.jobs.find((each) => each.webhook === verdict.webhook)
  return (
    <>
      <div className="verdict-head">
        <Status of={verdict.outcome} />
        <strong>
          <WebhookName name={verdict.webhook} />
        </strong>
        {verdict.target && !follows(verdict.target, verdict.webhook) && (
          <TargetView target={targetOf(verdict.target)} />
        )}
        {linked && job && (
          <Link to="/jobs/$id" params={{ id: job.id }}>
            its job
          </Link>
        )}
      </div>
      <p>
        <Sentence text={verdict.reason} />
      </p>
      {verdict.filter && verdict.seen && (
        <SeenTable seen={verdict.seen} label={`What the filter of ${verdict.webhook} saw`} />
      )}
    </>
  )
}
