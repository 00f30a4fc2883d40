import type { ProofMessages } from './en'

export const de: ProofMessages = {
  title: 'Nachweis',
  hint: 'Die Bank führt ein Protokoll, das niemand unbemerkt umschreiben kann. Ihr Browser kann prüfen, dass dieser Umsatz darin steht.',
  check: 'Jetzt prüfen',
  checking: 'Wird geprüft …',
  unable: 'Dieser Browser prüft Nachweise nur über eine verschlüsselte Verbindung.',
  good: 'Er steht im Protokoll',
  place: (place, size) =>
    `Es ist Eintrag ${place} von ${size}. Das hat Ihr Browser selbst ausgerechnet, vom Eintrag bis zum Kopf des Protokolls.`,
  at: (when) => `Als ausgeführt protokolliert: ${when}.`,
  signed: 'Die Bank hat diesen Kopf mit ihrem Schlüssel unterschrieben.',
  unsigned: 'Dieser Browser kann die Unterschrift des Kopfes nicht prüfen. Alles andere stimmt.',
  means:
    'Würde die Bank diesen Eintrag je ändern oder entfernen, wäre der Kopf ein anderer. Wer den Kopf hier unten aufbewahrt oder veröffentlicht gefunden hat, würde das sehen.',
  bounds:
    'Die Beträge stehen nur als Hash im Eintrag, damit das Protokoll sie niemandem verrät. Der Schlüssel kam eben von der Bank: Vergleichen Sie ihn mit dem veröffentlichten, wenn Sie sichergehen wollen.',
  root: 'Kopf des Protokolls',
  wrong: 'Das stimmt nicht',
  wrongWhat:
    'Was die Bank geschickt hat, passt nicht zusammen. Bewahren Sie die Referenz des Umsatzes auf und sagen Sie es der Bank.',
  early:
    'Das ist so neu, dass es noch in keinem unterschriebenen Kopf steht. Versuchen Sie es in einigen Sekunden noch einmal.',
}
