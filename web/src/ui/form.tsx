/** Fields, and what says that they are wrong. */
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useT } from '../i18n'
import { Icon } from './Icon'
import { Button } from './parts'

export type Errors<Name extends string> = Partial<Record<Name, string>>

interface FieldProps {
  id: string
  label: string
  hint?: string | undefined
  error?: string | undefined
}

const describedBy = ({ id, hint, error }: FieldProps) =>
  [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined

function Frame({ id, label, hint, error, children }: FieldProps & { children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      {children}
      {error && (
        <p id={`${id}-error`} className="field-error">
          <Icon name="warning" size={18} />
          <span>{error}</span>
        </p>
      )}
    </div>
  )
}

type InputProps = FieldProps & Omit<React.ComponentProps<'input'>, 'className'>

export function TextField({ id, label, hint, error, ...input }: InputProps) {
  const field = { id, label, hint, error }
  return (
    <Frame {...field}>
      <input
        className="input"
        id={id}
        name={id}
        aria-invalid={!!error || undefined}
        aria-describedby={describedBy(field)}
        {...input}
      />
    </Frame>
  )
}

export function PasswordField({ id, label, hint, error, ...input }: InputProps) {
  const t = useT()
  const [isShown, setShown] = useState(false)
  const field = { id, label, hint, error }
  return (
    <Frame {...field}>
      <div className="input-group">
        <input
          className="input"
          id={id}
          name={id}
          type={isShown ? 'text' : 'password'}
          aria-invalid={!!error || undefined}
          aria-describedby={describedBy(field)}
          autoCapitalize="none"
          spellCheck={false}
          {...input}
        />
        <button type="button" className="input-button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
          {isShown ? t.word.hide : t.word.show}
          <span className="unseen"> {label}</span>
        </button>
      </div>
    </Frame>
  )
}

export function AmountField({ symbol, id, label, hint, error, ...input }: InputProps & { symbol: string }) {
  const field = { id, label, hint, error }
  return (
    <Frame {...field}>
      <div className={error ? 'amount amount-wrong' : 'amount'} dir="ltr">
        <span aria-hidden="true">{symbol}</span>
        <input
          id={id}
          name={id}
          inputMode="decimal"
          autoComplete="off"
          aria-invalid={!!error || undefined}
          aria-describedby={describedBy(field)}
          {...input}
        />
      </div>
    </Frame>
  )
}

type SelectProps = FieldProps & Omit<React.ComponentProps<'select'>, 'className'>

export function SelectField({ id, label, hint, error, children, ...select }: SelectProps) {
  const field = { id, label, hint, error }
  return (
    <Frame {...field}>
      <div className="select">
        <select id={id} name={id} aria-invalid={!!error || undefined} aria-describedby={describedBy(field)} {...select}>
          {children}
        </select>
        <Icon name="chevron" size={18} />
      </div>
    </Frame>
  )
}

/** One of a few, all of them seen. */
export function Choice<Value extends string>(props: {
  name: string
  label: string
  value: Value
  options: readonly { value: Value; label: string; lang?: string }[]
  onChange: (value: Value) => void
}) {
  return (
    <fieldset className="choice">
      <legend>{props.label}</legend>
      <div className="choice-options">
        {props.options.map(({ value, label, lang }) => (
          <label key={value} lang={lang}>
            <input
              type="radio"
              name={props.name}
              value={value}
              checked={props.value === value}
              onChange={() => props.onChange(value)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

/** What is wrong with a form, with the way to each field. It takes the focus whenever it has something new to say. */
export function ErrorSummary<Name extends string>({
  errors,
  general,
  mention,
}: {
  errors: Errors<Name>
  general?: ReactNode
  mention?: string | undefined
}) {
  const t = useT()
  const box = useRef<HTMLDivElement>(null)
  const fields = Object.entries(errors) as [Name, string][]
  const isShown = fields.length > 0 || !!general
  const said = JSON.stringify(errors) + String(general)
  useEffect(() => {
    if (isShown) box.current?.focus()
  }, [isShown, said])
  if (!isShown) return null
  return (
    <div ref={box} className="summary" role="alert" tabIndex={-1}>
      <h2>{t.problem.title}</h2>
      {general && <p>{general}</p>}
      {fields.length > 0 && (
        <ul>
          {fields.map(([name, text]) => (
            <li key={name}>
              <a
                href={`#${name}`}
                onClick={(event) => {
                  event.preventDefault()
                  document.getElementById(name)?.focus()
                }}
              >
                {text}
              </a>
            </li>
          ))}
        </ul>
      )}
      {mention && <p className="field-hint">{t.problem.mention(mention)}</p>}
    </div>
  )
}

/** Over the page; Escape closes it where it may be closed, and the focus goes back to where it was. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string
  onClose?: (() => void) | undefined
  children: ReactNode
}) {
  const t = useT()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    const element = dialog.current
    element?.showModal()
    return () => {
      element?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
      else document.querySelector<HTMLElement>('h1')?.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
    >
      <div className="dialog-head">
        <h2 id="dialog-title">{title}</h2>
        {onClose && (
          <button type="button" className="icon-button" aria-label={t.word.close} onClick={onClose}>
            <Icon name="close" />
          </button>
        )}
      </div>
      {children}
    </dialog>
  )
}

export function Actions({
  back,
  busy,
  children,
}: {
  back?: (() => void) | undefined
  busy?: boolean
  children: ReactNode
}) {
  const t = useT()
  return (
    <div className="actions">
      {back && (
        <Button kind="secondary" icon="back" onClick={back} busy={!!busy}>
          {t.word.back}
        </Button>
      )}
      {children}
    </div>
  )
}
