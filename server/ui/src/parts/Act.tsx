import { useEffect, useId, useRef, useState, type ReactNode, type SyntheticEvent } from 'react'
import { Refusal } from './Failure'

type Props = {
  /** On the button that opens the question: Retry. */
  label: string
  /** The question itself: Retry this job? */
  title: string
  /** On the button that does it: Retry job. */
  confirm: string
  /** What happens then, and what does not. */
  children: ReactNode
  tone?: 'plain' | 'main' | 'danger'
  /** Whether the note may be left empty; none where the API keeps no note of this. */
  note: 'optional' | 'required' | 'none'
  /** Told when the question is asked. */
  opened?: () => void
  act: (note: string) => Promise<unknown>
}

/** A button whose deed is asked for once more, with a note for the audit. */
export function Act({ label, title, confirm, children, tone = 'plain', note, opened, act }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, setText] = useState('')
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false })
  const noteID = useId()
  const titleID = useId()

  useRescuedFocus()
  const open = () => {
    setState({ busy: false })
    opened?.()
    dialog.current?.showModal()
  }
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault()
    setState({ busy: true })
    try {
      await act(text.trim())
      setText('')
      setState({ busy: false })
      dialog.current?.close()
    } catch (error) {
      setState({ busy: false, error })
    }
  }

  return (
    <>
      <button type="button" data-tone={tone} onClick={open}>
        {label}
      </button>
      <dialog ref={dialog} aria-labelledby={titleID}>
        <form onSubmit={(event) => void submit(event)}>
          <h2 id={titleID}>{title}</h2>
          <div className="prose">{children}</div>
          {note !== 'none' && (
            <>
              <label htmlFor={noteID}>
                Note {note === 'optional' && <span className="quiet">(may be left empty)</span>}
              </label>
              <textarea
                id={noteID}
                rows={3}
                maxLength={2000}
                required={note === 'required'}
                placeholder="Why? It stands in the audit."
                value={text}
                onChange={(event) => setText(event.target.value.trimStart())}
              />
            </>
          )}
          {state.error !== undefined && <Refusal error={state.error} />}
          <div className="choices">
            <button type="button" onClick={() => dialog.current?.close()}>
              Back
            </button>
            <button type="submit" data-tone={tone === 'danger' ? 'danger' : 'main'} disabled={state.busy}>
              {state.busy ? 'Working…' : confirm}
            </button>
          </div>
        </form>
      </dialog>
    </>
  )
}

/**
 * A dialog gives the focus back to its button. Where the deed has taken the button away, the page has it: whoever works
 * by keyboard goes on from there, and not from the top.
 */
function useRescuedFocus(): void {
  useEffect(
    () => () => {
      setTimeout(() => {
        if (document.activeElement === null || document.activeElement === document.body) {
          document.getElementById('content')?.focus({ preventScroll: true })
        }
      })
    },
    [],
  )
}
