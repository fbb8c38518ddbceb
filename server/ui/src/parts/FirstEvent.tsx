import { Link } from '@tanstack/react-router'
import { Code } from './Code'

/** What each list shows before it has anything, and of events themselves how the first is sent. */
const lists = {
  events: {
    head: 'Nothing has happened yet',
    says: 'Every event that comes in appears here, with what came of it, whether anything fires or not.',
  },
  jobs: {
    head: 'No webhook has fired yet',
    says: 'A webhook job appears here as soon as an event comes in that a webhook or a tree is for.',
  },
  runs: {
    head: 'No tree has run yet',
    says: 'A run appears here as soon as an event comes in that a tree is for.',
  },
}

/** What a list shows before anything has ever happened: how to make something happen. */
export function FirstEvent({ of }: { of: keyof typeof lists }) {
  const event = {
    event: { type: 'Submission', action: 'Submitted' },
    kapp: { slug: 'services' },
    form: { slug: 'laptop-request' },
    submission: { id: 'first' },
    values: { Cost: 2400 },
  }
  const curl = [
    `curl -u NAME ${location.origin}/api/v1/events \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify(event)}'`,
  ].join('\n')
  const { head, says } = lists[of]
  return (
    <div className="empty">
      <h2>{head}</h2>
      <p>{says} Send a first one, with the slugs of a kapp and a form that your space has:</p>
      <Code text={curl} label="With curl; it asks for your password" />
      <Code
        text={`hooktree fire EVENT.json --server ${location.origin} --wait`}
        label="Or an event in a file, shown to the end of its run"
      />
      {of === 'events' ? (
        <p className="quiet">The answer says which webhooks looked at the event, and why each fired or did not.</p>
      ) : (
        <p>
          Events that nothing fired for stand in the <Link to="/events">list of events</Link>, each with the reason.
        </p>
      )}
    </div>
  )
}
