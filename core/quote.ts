/** Returns a text as an error shows it: in quotation marks, escaped, and cut if it is long. */
export function quote(text: string, most = 40): string {
  return JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text);
}
