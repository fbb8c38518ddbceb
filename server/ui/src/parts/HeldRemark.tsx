import { useQuery } from '@tanstack/react-query'
import type { Job } from '../api/job'
import { subscriptionQuery } from '../api/subscription'
import { SubscriptionLink } from './SubscriptionLink'

/** What to do about a delivery that is held, as its subscription stands now. */
export function HeldRemark({ job }: { job: Job }) {
  const id = job.subscription ?? ''
  const { data, isError } = useQuery({ ...subscriptionQuery(id), enabled: id !== '' })
  const link = <SubscriptionLink id={id} name={job.webhook} />
  return (
    <aside className="remark" aria-label="What to do">
      {isError ? (
        <p>It is kept and was not sent. Its subscription {link} is gone, so that it can&apos;t be sent any more.</p>
      ) : data?.status === 'active' ? (
        <p>
          It is kept and was not sent. Its subscription {link} is active again: retry this one here, or replay all that
          was held there.
        </p>
      ) : (
        <p>It is kept and was not sent. Enable the subscription {link}, then replay what was held.</p>
      )}
    </aside>
  )
}
