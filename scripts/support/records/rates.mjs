// C# of the rates that Tab offers.

/** Returns a file with them. */
export function ratesSource({ rateExamples }, origin) {
  const rates = rateExamples.map((rate) => `"${rate}"`).join(', ');
  return `// ${origin}
namespace NetFlow
{
    internal static class RateExamples
    {
        public static readonly string[] All = { ${rates} };
    }
}
`;
}
