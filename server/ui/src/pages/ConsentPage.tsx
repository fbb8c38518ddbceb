import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useLocation, useRouter, useSearch } from '@tanstack/react-router'
import { allow, consentQuery, type Asked, type Consent } from '../api/consent'
import { dialectsQuery } from '../api/dialect'
import { sessionQuery, signOut, useMay, type Session } from '../api/session'
import { Refusal } from '../parts/Failure'
import { Moment } from '../parts/Moment'
import { useTitle } from './title'

/** Asks the user who is signed in whether an application may act in their name. */
export function ConsentPage() {
  const asked = useSearch({ from: '/consent' })
  const { data: session } = useQuery(sessionQuery)
  const { data: consent, error } = useQuery(consentQuery(asked))
  useTitle(consent ? `Let ${consent.client.name} in?` : 'An application asks')
  return (
    <main className="door consent">
      <div className="panel">
        <p className="brand">{session?.space ?? 'hooktree'}</p>
        {error && <CannotAsk error={error} />}
        {consent && session && <Question consent={consent} session={session} asked={asked} />}
      </div>
    </main>
  )
}

function CannotAsk({ error }: { error: Error }) {
  return (
    <>
      <h1>Nobody was let in</h1>
      <p>An application sent you here to ask for your consent, and its request cannot be answered:</p>
      <Refusal error={error} />
    </>
  )
}

type Props = { consent: Consent; session: Session; asked: Asked }

function Question({ consent, session, asked }: Props) {
  const { client } = consent
  const { data: dialects } = useQuery(dialectsQuery)
  const title = dialects?.find(({ name }) => name === client.dialect)?.title ?? client.dialect
  return (
    <>
      <h1>
        Let <q>{client.name}</q> in?
      </h1>
      <p>
        This application wants to act in the name of <strong>{session.name}</strong>, by the {title} API. It could then:
      </p>
      <ul>
        {consent.allows.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      <dl className="addresses">
        <div>
          <dt>Sends you to</dt>
          <dd>
            <strong>{hostOf(consent.redirect)}</strong>
          </dd>
        </div>
        <div>
          <dt>Asks for</dt>
          <dd>
            <code>{consent.scope}</code> <span className="quiet">(changes nothing above)</span>
          </dd>
        </div>
        <div>
          <dt>Registered</dt>
          <dd>
            by {client.by}, <Moment at={client.createdAt} as="brief" />
          </dd>
        </div>
      </dl>
      {client.public && (
        <p className="quiet">It runs on a device and has no secret: anybody can build one that bears its name.</p>
      )}
      <Answer consent={consent} session={session} asked={asked} />
      <OtherUser name={session.name} />
    </>
  )
}

function Answer({ consent, session, asked }: Props) {
  const able = useMay('operator')
  const person = session.kind === 'session'
  const letting = useMutation({ mutationFn: () => allow(asked), onSuccess: ({ url }) => leave(url) })
  const gone = letting.isPending || letting.isSuccess
  return (
    <>
      {able && person && <p>Allow it only if you came here from that application yourself.</p>}
      {!able && (
        <p className="refusal" role="status">
          You have the role {session.role}. Only an operator, author or admin may let an application in: ask an admin.
        </p>
      )}
      {letting.isError && <Refusal error={letting.error} />}
      <div className="answers">
        {able && (
          <button type="button" data-tone="main" disabled={gone} onClick={() => letting.mutate()}>
            {gone ? 'Letting it in…' : 'Allow'}
          </button>
        )}
        <button type="button" disabled={gone} onClick={() => leave(consent.deniedUrl)}>
          Deny
        </button>
      </div>
    </>
  )
}

function OtherUser({ name }: { name: string }) {
  const client = useQueryClient()
  const router = useRouter()
  const { href } = useLocation()
  const change = async () => {
    await signOut()
    client.clear()
    client.setQueryData(sessionQuery.queryKey, null)
    await router.navigate({ to: '/sign-in', search: { then: href } })
  }
  return (
    <p className="quiet">
      You are not {name}?{' '}
      <button type="button" className="small" onClick={() => void change()}>
        Sign in as somebody else
      </button>
    </p>
  )
}

/** Goes where the server says: a redirect URI that an admin registered. */
const leave = (address: string) => window.location.assign(address)

/** Whom an address belongs to, as far as people can tell by it. */
function hostOf(address: string): string {
  const { protocol, host } = new URL(address)
  if (host === '') {
    return `an application on this device (${protocol})`
  }
  return protocol === 'http:' ? `an application on this device (${host})` : host
}
