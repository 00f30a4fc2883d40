/** English, as far as a login needs it: the type of every other language. A missing key, or an argument, is an error of the compiler. */
const plural = new Intl.PluralRules('en')
const count = (n: number, one: string, other: string) => `${n} ${plural.select(n) === 'one' ? one : other}`

export const en = {
  sandbox: 'Sandbox: made-up people and made-up money',
  word: {
    back: 'Back',
    cancel: 'Cancel',
    close: 'Close',
    change: 'Change',
    copy: 'Copy',
    copied: 'Copied',
    continue: 'Continue',
    delete: 'Remove',
    loading: 'Loading',
    more: 'Show more',
    optional: 'Optional',
    retry: 'Try again',
    save: 'Save',
    show: 'Show',
    hide: 'Hide',
    on: 'On',
    off: 'Off',
    never: 'never',
    sendsAgain: 'Sending…',
  },
  day: { today: 'Today', yesterday: 'Yesterday' },
  money: { in: 'Money in', out: 'Money out' },
  problem: {
    title: 'There is a problem',
    network: 'We cannot reach the bank. Check your connection and try again.',
    offline: 'You are offline. What you see may be old; nothing can be sent until you are back.',
    unavailable: 'The bank has too much to do at the moment. Try again shortly.',
    limited: (seconds: number) => `Too many tries. You can try again in ${count(seconds, 'second', 'seconds')}.`,
    forbidden: 'You may not do this.',
    limit: 'This is more than the bank moves at once, or in such a time.',
    declined: 'The bank does not make this payment.',
    checking: 'We are checking this payment.',
    notFound: 'We could not find that. It may not exist, or not be yours.',
    internal: 'Something failed on our side. Nothing was changed.',
    other: 'That did not work.',
    mention: (id: string) => `If you contact us, mention ${id}.`,
    page: 'This page could not be loaded',
  },
  login: {
    title: 'Log in',
    username: 'Username',
    password: 'Password',
    submit: 'Log in',
    passkey: 'Log in with a passkey',
    new: 'New here?',
    signUp: 'Open an account',
    wrong: 'That username and password don’t match. Check both and try again.',
    disabled: 'This login is closed. Contact the bank.',
    enterUsername: 'Enter your username',
    enterPassword: 'Enter your password',
    passkeyFailed: 'The passkey was not used. Try again, or use your password.',
    passkeyUnavailable: 'This bank takes no passkeys at this address.',
    ended:
      'You were logged out because this page was loaded again or your session ended. Log in to go on where you were.',
    or: 'or',
    tagline: 'A bank you can run.',
    demo: 'To try it out: john_doe with the password secure_password.',
  },
  factor: {
    title: 'Confirm it is you',
    code: 'Code from your authenticator app',
    codeHint: '6 digits',
    recovery: 'Recovery code',
    useRecovery: 'Use a recovery code',
    useCode: 'Use the authenticator app',
    usePasskey: 'Use a passkey',
    submit: 'Continue',
    wrong: 'That code is not right, or was used already. Wait for the next one and try again.',
    enter: 'Enter the code',
    restart: 'Start over',
    over: 'This took too long. Log in again.',
  },
  signUp: {
    title: 'Open an account',
    usernameHint: '3 to 64 letters, digits, dots, dashes or underscores.',
    passwordHint: 'At least 8 characters. A few words in a row are easy to remember and hard to guess.',
    email: 'E-mail address',
    emailHint: 'Optional. Only for forgotten passwords and warnings.',
    submit: 'Create my login',
    taken: 'This username is taken. Choose another one.',
    usernameWrong: 'A username has 3 to 64 letters, digits, dots, dashes or underscores',
    passwordShort: 'Choose a password of at least 8 characters',
    passwordCommon: 'This password is one of those that are tried first. Choose another one.',
    have: 'You have a login already?',
    emailWrong: 'Enter an address such as name@example.com, or leave it empty',
  },
  missing: { title: 'There is no such page', home: 'Go to home' },
}

/** The same keys with any text, and functions of the same arguments. */
export type Widen<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => string
    ? (...args: A) => string
    : T[K] extends string
      ? string
      : Widen<T[K]>
}
export type Messages = Widen<typeof en>
