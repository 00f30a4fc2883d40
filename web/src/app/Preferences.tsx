/** Of what somebody wants to be told, and where. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, got, type Schemas } from '../api/client'
import { useUser } from '../api/session'
import { languages } from '../i18n'
import { useInboxMessages } from '../i18n/inbox'
import { Choice } from '../ui/form'
import { Card, Notice } from '../ui/parts'
import { Loaded } from './failed'
import { Phone } from './Phone'

type Channel = Schemas['NotificationChannel']
type Preferences = Schemas['NotificationPreferences']
type Change = Schemas['ChangedNotificationPreferences']

const groups = {
  incoming: ['payments.transaction_settled', 'payments.transaction_pending'],
  undone: ['payments.transaction_cancelled', 'payments.transaction_refunded', 'payments.transaction_reversed'],
  accounts: ['accounts.closed', 'accounts.frozen', 'accounts.overdraft_changed', 'accounts.unfrozen'],
} as const
type Group = keyof typeof groups

/** The inbox has all unless it was switched off; mails come only for what was asked for. */
const isOn = ({ data }: Preferences, channel: Channel, type: string) =>
  data.find((one) => one.type === type && one.channel === channel)?.enabled ?? channel === 'INBOX'

function changed(now: Preferences, { language, preferences = [] }: Change): Preferences {
  const isNew = ({ type, channel }: { type: string; channel: Channel }) =>
    preferences.some((one) => one.type === type && one.channel === channel)
  return {
    language: language ?? now.language,
    data: [...now.data.filter((one) => !isNew(one)), ...preferences],
  }
}

const key = ['inbox', 'preferences']

export default function PreferencesCard() {
  const words = useInboxMessages()
  const client = useQueryClient()
  const query = useQuery({ queryKey: key, queryFn: () => got(api.GET('/api/notifications/preferences')) })
  const saving = useMutation({
    mutationFn: (body: Change) => got(api.PUT('/api/notifications/preferences', { body })),
    // It is shown at once, and as it is when the bank refuses. One change after the other, so that answers come in order.
    scope: { id: 'preferences' },
    onMutate: async (change) => {
      // An answer from before would show it as it was.
      await client.cancelQueries({ queryKey: key })
      client.setQueryData<Preferences>(key, (now) => now && changed(now, change))
    },
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  })
  const user = useUser()
  return (
    <>
      <Card title={words.told.title}>
        <p className="muted">{words.told.hint}</p>
        <Loaded query={query} rows={3} height={76}>
          {(now) => (
            <>
              {(Object.keys(groups) as Group[]).map((group) => (
                <Told key={group} group={group} now={now} onChange={(body) => saving.mutateAsync(body)} />
              ))}
              {!user?.emailVerified && <Notice kind="info">{words.told.noMail}</Notice>}
              <div className="line">
                <Choice
                  name="mailLanguage"
                  label={words.told.language}
                  value={now.language}
                  options={languages.map(({ code, name }) => ({ value: code, label: name, lang: code }))}
                  onChange={(language) => saving.mutate({ language })}
                />
              </div>
            </>
          )}
        </Loaded>
        <p role="status" className="muted">
          {saving.isSuccess ? words.told.saved : ''}
        </p>
        {saving.isError && (
          <Notice kind="error" live>
            {words.told.failed}
          </Notice>
        )}
      </Card>
      <Phone />
    </>
  )
}

interface ToldProps {
  group: Group
  now: Preferences
  onChange: (body: Change) => Promise<unknown>
}

function Told({ group, now, onChange }: ToldProps) {
  const words = useInboxMessages()
  // What was just chosen, until the bank has it: what is known of it changes a moment after the click.
  const [chosen, setChosen] = useState<Partial<Record<Channel, { enabled: boolean }>>>({})
  const choose = (channel: Channel, enabled: boolean) => {
    const choice = { enabled }
    setChosen((before) => ({ ...before, [channel]: choice }))
    const done = () =>
      setChosen(({ [channel]: last, ...others }) => (last === choice ? others : { ...others, [channel]: last }))
    onChange({ preferences: groups[group].map((type) => ({ type, channel, enabled })) }).then(done, done)
  }
  const channels: [Channel, string][] = [
    ['INBOX', words.told.inbox],
    ['MAIL', words.told.mail],
    ['SMS', words.told.sms],
  ]
  return (
    <fieldset className="told">
      <legend>{words.told[group]}</legend>
      <div className="told-options">
        {channels.map(([channel, name]) => (
          <label key={channel}>
            <input
              type="checkbox"
              name={`${group}-${channel}`}
              checked={chosen[channel]?.enabled ?? groups[group].every((type) => isOn(now, channel, type))}
              onChange={({ target }) => choose(channel, target.checked)}
            />
            <span>{name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
