import { Code } from './Code'

/** What a list shows before anything has ever happened: how to make something happen. */
export function FirstEvent() {
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
  return (
    <div className="empty">
      <h2>Nothing has happened yet</h2>
      <p>
        A webhook job appears here as soon as an event comes in that a webhook or a tree is for. Send a first one, with
        the slugs of a kapp and a form that your space has:
      </p>
      <Code text={curl} label="With curl; it asks for your password" />
      <Code
        text={`hooktree fire EVENT.json --server ${location.origin} --wait`}
        label="Or an event in a file, shown to the end of its run"
      />
      <p className="quiet">The answer says which webhooks looked at the event, and why each fired or did not.</p>
    </div>
  )
}
