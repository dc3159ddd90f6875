/** A text as an error shows it: in quotation marks, with what is in it escaped, and cut where it is long. */
export function quote(text: string, most = 40): string {
  return JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text);
}
