/** Rates, as Tab offers them. scripts/generate-records.mjs writes them into PowerShell's client. */
export const rateExamples = ['none', '100KB', '1MB', '10MB', '1mbit', '10mbit', '100mbit'] as const;
