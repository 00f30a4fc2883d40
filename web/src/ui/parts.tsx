/** The small parts that every page is made of. */
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useSpoken, useT } from '../i18n'
import { Icon, type IconName } from './Icon'
import { type Amount, moneyParts } from './money'

type ButtonProps = {
  kind?: 'primary' | 'secondary' | 'quiet' | 'danger' | 'gold' | 'hero'
  small?: boolean
  icon?: IconName
  busy?: boolean
  children: ReactNode
} & Omit<React.ComponentProps<'button'>, 'className'>

/** While it is busy it keeps its focus and its place, and a further click does nothing. */
export function Button({ kind = 'primary', small, icon, busy, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={buttonClass(kind, small)}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  )
}

export const buttonClass = (kind: NonNullable<ButtonProps['kind']>, small = false) =>
  `button button-${kind}${small ? ' button-small' : ''}`

/** An amount, read from left to right everywhere. `flow`: with its sign, and with the word for it. */
export function Money({ amount, currency, flow, display }: Amount & { flow?: boolean; display?: boolean }) {
  const { locale, t } = useSpoken()
  const parts = moneyParts({ amount, currency }, locale, flow)
  const isOut = amount.startsWith('-')
  return (
    <>
      {flow && <span className="unseen">{isOut ? t.money.out : t.money.in} </span>}
      <bdi dir="ltr" className={`money${flow && !isOut ? ' money-in' : ''}${display ? ' money-display' : ''}`}>
        {display
          ? parts.map(({ kind, text }, place) => (
              <span key={place} className={kind === 'large' ? undefined : 'money-small'}>
                {text}
              </span>
            ))
          : parts.map(({ text }) => text).join('')}
      </bdi>
    </>
  )
}

export const Ltr = ({ children }: { children: ReactNode }) => (
  <bdi dir="ltr" className="number">
    {children}
  </bdi>
)

export function Card({
  title,
  action,
  children,
  flush,
}: {
  title?: ReactNode
  action?: ReactNode
  children: ReactNode
  flush?: boolean
}) {
  return (
    <section className={flush ? 'card card-flush' : 'card'}>
      {(title || action) && (
        <div className="card-head">
          {title && <h2 className="card-title">{title}</h2>}
          {action}
        </div>
      )}
      {children}
    </section>
  )
}

/** The heading of a page takes the focus when the page, or the step of it, is new. */
export function Heading({ children, focus = true }: { children: ReactNode; focus?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (focus) heading.current?.focus({ preventScroll: true })
  }, [focus])
  return (
    <h1 ref={heading} tabIndex={-1} className="heading">
      {children}
    </h1>
  )
}

export function Notice({
  kind,
  title,
  children,
  live,
}: {
  kind: 'caution' | 'error' | 'info' | 'good'
  title?: string
  children?: ReactNode
  live?: boolean
}) {
  const icon: IconName = kind === 'good' ? 'check' : kind === 'info' ? 'info' : 'warning'
  return (
    <div className={`notice notice-${kind}`} role={live ? (kind === 'error' ? 'alert' : 'status') : undefined}>
      <Icon name={icon} />
      <div>
        {title && <p className="notice-title">{title}</p>}
        {children}
      </div>
    </div>
  )
}

export function Tag({
  kind,
  icon,
  children,
}: {
  kind: 'pending' | 'good' | 'bad' | 'plain'
  icon?: IconName
  children: ReactNode
}) {
  return (
    <span className={`tag tag-${kind}`}>
      {icon && <Icon name={icon} size={14} />}
      {children}
    </span>
  )
}

const tints = ['green', 'stone', 'teal', 'blue', 'gold'] as const

/** Two letters, on a colour that stays the same for a name. They are drawn, not read. */
export function Avatar({ name }: { name: string }) {
  const words = name.split(/[\s._-]+/).filter(Boolean)
  const initials = words.length > 1 ? `${words[0]?.[0] ?? ''}${words[1]?.[0] ?? ''}` : name.slice(0, 2)
  const sum = [...name].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0)
  return (
    <span
      className={`avatar avatar-${tints[sum % tints.length]}`}
      data-initials={initials.toUpperCase()}
      aria-hidden="true"
    />
  )
}

export function Skeleton({ rows, height = 64 }: { rows: number; height?: number }) {
  const t = useT()
  const keys = Array.from({ length: rows }, (_, row) => row)
  return (
    <div className="skeleton" role="status">
      <span className="unseen">{t.word.loading}</span>
      {keys.map((row) => (
        <div key={row} className="skeleton-row" style={{ blockSize: `${height}px` }}>
          <span className="skeleton-bar" />
        </div>
      ))}
    </div>
  )
}

export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <p>{children}</p>
      {action}
    </div>
  )
}

export function Copy({ text, what }: { text: string; what: string }) {
  const t = useT()
  const [isCopied, setCopied] = useState(false)
  return (
    <>
      <button
        type="button"
        className="button button-quiet button-small"
        onClick={async () => {
          await navigator.clipboard.writeText(text)
          setCopied(true)
          setTimeout(() => setCopied(false), 2000)
        }}
      >
        <Icon name={isCopied ? 'check' : 'copy'} size={18} />
        <span>{isCopied ? t.word.copied : t.word.copy}</span>
        <span className="unseen"> {what}</span>
      </button>
      <span className="unseen" role="status">
        {isCopied ? t.word.copied : ''}
      </span>
    </>
  )
}
