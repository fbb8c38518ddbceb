import { useId, useState } from 'react'
import type { Body } from '../api/job'
import { indent, masked, size, tokens, type Token } from '../pretty'

/** Past this many characters only the first are drawn, until somebody asks for more. */
const drawn = 40_000

/** A text or JSON as it was sent, in lines for the eye and whole for the clipboard. */
export function Code({ text, label }: { text: string; label: string }) {
  const [whole, setWhole] = useState(false)
  const id = useId()
  const pretty = indent(text)
  const cut = !whole && pretty.text.length > drawn
  const shown = cut ? pretty.text.slice(0, drawn) : pretty.text
  return (
    <div className="code">
      <div className="code-head">
        <span id={id}>{label}</span>
        <Copy text={pretty.text} />
      </div>
      <pre role="region" aria-labelledby={id} tabIndex={0}>
        <code>{(pretty.json ? tokens(shown) : masked(shown, 'plain')).map(draw)}</code>
      </pre>
      {cut && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {size(pretty.text.length)}
        </button>
      )}
    </div>
  )
}

function draw(token: Token, index: number) {
  if (token.kind === 'plain') {
    return token.text
  }
  return (
    <span
      key={index}
      data-kind={token.kind}
      title={token.kind === 'secret' ? 'A secret, masked by the server' : undefined}
    >
      {token.text}
    </span>
  )
}

/** Any value as JSON. */
export const Value = ({ of, label }: { of: unknown; label: string }) => (
  <Code text={JSON.stringify(of, null, 2)} label={label} />
)

/** A stored body. */
export function BodyView({ body, label }: { body: Body | undefined; label: string }) {
  if (!body || body.text === '') {
    return <p className="quiet">No body.</p>
  }
  const remarks = [
    body.encoding === 'base64' ? 'no text, shown as base64' : '',
    body.cut ? 'longer than what is kept' : '',
  ].filter((remark) => remark !== '')
  return <Code text={body.text} label={[label, ...remarks].join(' · ')} />
}

function Copy({ text }: { text: string }) {
  const [said, setSaid] = useState('Copy')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('Copied')
    } catch {
      setSaid('Not allowed here') // browsers want HTTPS for it
    }
    setTimeout(() => setSaid('Copy'), 2000)
  }
  return (
    <button type="button" className="small" onClick={() => void copy()} aria-live="polite">
      {said}
    </button>
  )
}
